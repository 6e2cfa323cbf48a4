from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from entraide import backups
from groups import journal


class Command(BaseCommand):
    help = "Write two encrypted archives of this moment, content and keys, into BACKUP_DIR; remove those of last month."
    requires_system_checks = []

    def handle(self, **options):
        try:
            taken = backups.take()
        except (backups.NotTaken, DatabaseError, OSError) as problem:
            raise CommandError(f"No backup was taken. {problem}") from None
        for path in taken:
            self.stdout.write(f"{path} ({path.stat().st_size} bytes)")
        if not (Path(settings.BACKUP_DIR) / journal.FILE).exists():
            self.stderr.write(
                "There is no journal beside it: without one, a restore is refused. Is BACKUP_DIR set for the worker?"
            )
