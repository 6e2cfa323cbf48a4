"""What `manage.py check --database default` says about the numbers of « Aide maintenant »."""

from django.core.checks import Tags, Warning, register
from django.db import DatabaseError

from members import helplines


@register(Tags.database)
def helplines_are_checked(databases=None, **kwargs):
    if "default" not in (databases or ()):
        return []
    try:
        names = sorted({line.name for line in helplines.to_check()})
    except DatabaseError:
        return []  # before the first migration
    if not names:
        return []
    return [
        Warning(
            f"Helplines that nobody has checked for 180 days: {'; '.join(names)}.",
            hint="Call each of them, then tick “Checked today” at /staff/helplines/.",
            id="entraide.W001",
        )
    ]
