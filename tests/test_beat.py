"""What beat asks of the worker, and how often. Nothing of it carries data or piles up while no worker is there."""

from inspect import signature

import pytest

from entraide.celery import app

SCHEDULE = app.conf.beat_schedule


@pytest.mark.parametrize("name", SCHEDULE)
def test_what_beat_asks_for_carries_nothing_and_is_gone_before_it_is_asked_again(name):
    plan = SCHEDULE[name]
    app.loader.import_default_modules()

    assert plan.keys() == {"task", "schedule", "options"}  # no args, no kwargs
    assert plan["options"].keys() == {"expires"}
    assert 0 < plan["options"]["expires"] < plan["schedule"]
    assert not signature(app.tasks[plan["task"]].run).parameters


@pytest.mark.parametrize("task", ["meetings.tasks.send_due_reminders", "send_mail_out"])
def test_mail_is_looked_for_every_thirty_seconds(task):
    assert [plan["schedule"] for plan in SCHEDULE.values() if plan["task"] == task] == [30]
