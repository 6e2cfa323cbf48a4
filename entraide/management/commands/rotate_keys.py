from datetime import date

from django.core.management.base import BaseCommand, CommandError

from entraide import rotation
from entraide.lib.days import today


class Command(BaseCommand):
    help = (
        "Change keys while the site runs (docs/operations.md). The wrapping key in three steps: begin, rewrap, finish."
        " The keys of groups in one: groups. Each may be stopped at any moment and run again."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("step", choices=["begin", "rewrap", "finish", "groups"])
        parser.add_argument(
            "--before",
            type=date.fromisoformat,
            default=today(),
            metavar="DAY",
            help="groups: renew keys made before this day (today), so that a second run goes on where the first ended",
        )

    def handle(self, *, step, before, **options):
        getattr(self, step)(before)

    def begin(self, before):
        version = rotation.begin()
        self.stdout.write(f"The key file has a new wrapping key, version {version}. Copy the file to every machine of")
        self.stdout.write("the web and to the copy off this machine, then: rotate_keys rewrap")

    def rewrap(self, before):
        done = rotation.rewrap()
        for kind, number in sorted(done.items()):
            self.stdout.write(f"{number} {kind}")
        self.stdout.write(f"{done.total()} in all. Next: rotate_keys finish")

    def finish(self, before):
        try:
            dropped = rotation.finish()
        except rotation.StillInUse:
            raise CommandError(
                "An older key still wraps something. Nothing was changed. First: rotate_keys rewrap"
            ) from None
        versions = ", ".join(map(str, dropped)) or "none"
        self.stdout.write(
            f"Versions that left the key file: {versions}. Destroy the copies of the former file when the last"
        )
        self.stdout.write("archive of keys made before today is 30 days old: until then it still opens under them.")

    def groups(self, before):
        closed = rotation.renew_group_keys(before, self.told)
        if closed:
            raise CommandError(f"{closed} rows did not open and were left alone, with the former keys of their groups.")

    def told(self, done, groups):
        self.stdout.write(f"{done} of {groups} groups", ending="\n" if done == groups else "\r")
