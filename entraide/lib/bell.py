"""Telling a worker that there is something to do: a Celery message that says nothing but that.

What is to be done lies in the database, and a tick looks there every 30 seconds anyway. So a bell that nobody hears is
no trouble, and a broker that is away must not keep anybody waiting.
"""

import logging
from functools import lru_cache

from django.conf import settings

from entraide.lib.logs import log

PATIENCE = 0.25  # seconds, for each word with the broker
HEARD_WITHIN = 25  # seconds: later the tick has come by
IMPATIENT = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


def ring(task: str) -> None:
    """Raises nothing. A connection for each bell: none is kept that a broker started anew would not know."""
    try:
        app = _celery()
        with app.connection_for_write() as connection:
            app.send_task(task, connection=connection, retry=False, expires=HEARD_WITHIN)
    except Exception as trouble:  # whatever it is: what was to be announced is committed
        log("the bell was not heard", logging.WARNING, reason=type(trouble).__name__)


@lru_cache(maxsize=1)
def _celery():
    """Not the application of the worker, which knows every task: a web process would carry that from its start."""
    from celery import Celery

    app = Celery("bell", broker=settings.CELERY_BROKER_URL, set_as_current=False)
    waits = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    app.conf.update(broker_transport_options=IMPATIENT | waits, task_ignore_result=True)
    return app
