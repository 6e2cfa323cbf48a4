from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from entraide.lib import archives


class Command(BaseCommand):
    help = "Make the key that opens backups. Its public half is BACKUP_RECIPIENT; the file leaves this machine."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, **options):
        try:
            public = archives.make_identity(file)
        except FileExistsError:
            raise CommandError(
                f"{file} is there already. It was left alone: whoever loses it loses the backups."
            ) from None
        except OSError as error:
            raise CommandError(f"{file} could not be written ({type(error).__name__}).") from None
        self.stdout.write(f"BACKUP_RECIPIENT={public}")
        self.stderr.write(f"Move {file} off this machine, in two places, and let nobody keep it here.")
