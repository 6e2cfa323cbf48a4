"""Wiring of the house: settings, addresses, middleware, Celery. Business rules live in the apps."""

from entraide.celery import app as celery_app

__all__ = ["celery_app"]
