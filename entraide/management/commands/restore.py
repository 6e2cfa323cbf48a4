from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from entraide import restoring
from groups.journal import read


class Command(BaseCommand):
    help = (
        "Bring a backup back into an empty, migrated database, and let go again what had gone since. Needs"
        " DATABASE_ADMIN_URL (a superuser of PostgreSQL) and the web's ENTRAIDE_KEYS_FILE."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("content", type=Path)
        parser.add_argument("keys", type=Path)
        parser.add_argument("--identity", type=Path, required=True, help="what make_backup_key wrote")
        parser.add_argument("--journal", type=Path, required=True, help="the newest journal.jsonl")

    def handle(self, *, content, keys, identity, journal, **options):
        try:
            told = restoring.restore(content, keys, identity=identity, kept_journal=journal)
        except restoring.Refused as problem:
            raise CommandError(f"{problem} Nothing was changed.") from None
        for what, count in told.items():
            if count:
                self.stdout.write(f"{what}: {count}")
        known_until = read(journal).written_at
        self.stdout.write(f"The journal was written at {known_until:%Y-%m-%d %H:%M} UTC: what went after that is back.")
