from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from groups import journal


class Command(BaseCommand):
    help = "Write the journal of what went into BACKUP_DIR. For cron when the broker is away; ENTRAIDE_ROLE=worker."

    def handle(self, **options):
        if not settings.BACKUP_DIR:
            raise CommandError("BACKUP_DIR is not set: there is no place for the journal.")
        try:
            count = journal.keep(Path(settings.BACKUP_DIR))
        except (journal.Unreadable, OSError) as problem:
            raise CommandError(f"The journal was left as it is. {problem}") from None
        self.stdout.write(f"{count} entries")
