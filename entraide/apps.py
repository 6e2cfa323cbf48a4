from django.apps import AppConfig


class EntraideConfig(AppConfig):
    """The wiring is an application too: it brings commands and template tags, and has no table."""

    name = "entraide"
