from django.apps import AppConfig


class EntraideConfig(AppConfig):
    """The wiring is an application too: it brings commands, checks and template tags, and has no table."""

    name = "entraide"

    def ready(self):
        from entraide import checks  # noqa: F401  (it asks for a model, which is there only now)
