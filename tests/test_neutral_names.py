"""What a model calls itself is an id: it lands in logs, shells and error pages. And nothing shows it in an admin."""

import re
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import URLResolver, get_resolver

SECRET = "ce-que-personne"
OURS = [model for app in ("members", "groups", "meetings") for model in apps.get_app_config(app).get_models()]
ID = UUID("6a1f0a52-6b1c-4a7e-9f7e-3f4c0f1d2e3b")
NAMED_BY_US = {"groups.KeyMark"}  # "wrapping-1", "edge", "worker"


def filled(model):
    """An object whose every text, address and sealed word would be a leak."""
    values = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.CharField | models.TextField):
            values[field.attname] = SECRET
        elif isinstance(field, models.BinaryField):
            values[field.attname] = SECRET.encode()
        elif field.primary_key or field.is_relation:
            target = field.target_field if field.is_relation else field
            values[field.attname] = ID if isinstance(target, models.UUIDField) else 7
    return model(**values)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_model_calls_itself_by_an_opaque_id(model):
    thing = filled(model)

    for said in (str(thing), repr(thing)):
        assert model._meta.label in NAMED_BY_US or SECRET not in said
    assert re.fullmatch(rf"[a-z ]+ ({ID}|7|.* {ID})|mark of {SECRET}|session|clock of a worker", str(thing))


def test_there_is_no_admin():
    assert len(OURS) >= 15
    assert not apps.is_installed("django.contrib.admin")
    assert not [file for app in ("members", "groups", "meetings", "entraide") for file in _files(app, "admin.py")]
    assert "admin" not in {name for entry in get_resolver().url_patterns for name in _namespaces(entry)}


def _files(app, name):
    return list((settings.BASE_DIR / app).rglob(name))


def _namespaces(entry):
    yield getattr(entry, "namespace", None)
    if isinstance(entry, URLResolver):
        for inner in entry.url_patterns:
            yield from _namespaces(inner)
