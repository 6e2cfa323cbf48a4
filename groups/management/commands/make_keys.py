from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from groups import key_files


class Command(BaseCommand):
    help = (
        "Make the key files of a new installation: one for the web, one for the worker. Keep copies off this machine."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder, **options):
        try:
            made = key_files.make_key_files(folder)
        except FileExistsError as error:
            path = error.filename
            raise CommandError(
                f"{path} is there already. It was left alone: whoever loses it loses the stories."
            ) from None
        for path in made:
            self.stdout.write(str(path))
