from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from entraide.lib.fields import PlainText
from entraide.lib.times import canonical_zone
from groups.models import LivedExperience
from meetings.guide.importing import FATES, Told, bring_in
from meetings.guide.lists import NotAList
from meetings.guide.row import LONGEST_FOR_WHOM, Given


class Command(BaseCommand):
    help = (
        "Bring in a public list of meetings (Meeting Guide JSON): each row is listed as a group that awaits a first"
        " person. It may be stopped at any moment and run again. Run it with ENTRAIDE_ROLE=admin (docs/operations.md)."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", help="the name of the list, shown on its sheets; the file's by default")
        parser.add_argument("--zone", default="", help="time zone of rows that name none; else that of their address")
        parser.add_argument("--language", choices=["fr", "en"], default="en", help="of rows that name none (en)")
        parser.add_argument("--for-whom", default="", help="one sentence for all: for whom these groups are")
        parser.add_argument("--lived-experience", choices=LivedExperience.values, default="other")
        parser.add_argument("--withdraw", action="store_true", help="rows that left the list leave the directory")

    def handle(self, *, file, withdraw, **options):
        if settings.ROLE != "admin":
            raise CommandError("Nothing was changed. Run it with ENTRAIDE_ROLE=admin and DATABASE_ADMIN_URL.")
        given = self._given(file, **options)
        try:
            count = bring_in(file, given, Told(self._refused, self._done), withdraw=withdraw)
        except NotAList as error:
            raise CommandError(f"{file.name} cannot be read: {error}. Nothing was changed.") from None
        except (KeyboardInterrupt, Error) as reason:
            kind = type(reason).__name__
            raise CommandError(f"Stopped ({kind}). What was brought in so far stays; run it again to go on.") from None
        self._report(count, withdraw)

    def _given(self, file, *, source, zone, language, for_whom, lived_experience, **rest):
        try:
            source = PlainText(max_length=80).clean(source or file.stem)
            for_whom = PlainText(max_length=LONGEST_FOR_WHOM, required=False).clean(for_whom)
        except ValidationError as error:
            raise CommandError(f"--source or --for-whom: {' '.join(error.messages)}") from None
        try:
            zone = zone and canonical_zone(zone)
        except ValueError:
            raise CommandError(f"--zone {zone}: there is no such time zone. For example: America/Toronto") from None
        return Given(source, language, zone, for_whom, lived_experience)

    def _refused(self, number, slug, error):
        found = f" ({error.found})" if error.found else ""
        self.stdout.write(f"row {number}, slug {slug}: {error.reason}{found}")

    def _done(self, done, total):
        moves = self.stdout.isatty() and done < total
        self.stdout.write(f"{done} of {total} rows", ending="\r" if moves else "\n")

    def _report(self, count, withdraw):
        self.stdout.write(f"read       {count.read}")
        for fate in FATES:
            self.stdout.write(f"{fate:10} {count.kept[fate]}")
        self.stdout.write(f"refused    {count.refused.total()}")
        for reason, number in count.refused.most_common():
            self.stdout.write(f"  {number:6}  {reason}")
        if count.gone:
            what = "they left the directory" if withdraw else "they stay listed; --withdraw takes them out"
            self.stdout.write(f"gone       {count.gone}: listed before, not read from this list: {what}")
