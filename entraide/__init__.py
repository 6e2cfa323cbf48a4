"""Wiring of the house: settings, addresses, middleware, Celery. Business rules live in the apps."""
