from django.core.management.base import BaseCommand

from groups import notices, vault
from meetings import clocks, reminders


class Command(BaseCommand):
    help = "Send the mails that are due, once. For cron when the broker is away; run it with ENTRAIDE_ROLE=worker."

    def add_arguments(self, parser):
        parser.add_argument(
            "--trust-the-clock",
            action="store_true",
            help="After an alarm about clocks, once you have looked: the database's clock is right as it is now.",
        )

    def handle(self, *, trust_the_clock: bool, **options):
        vault.refuse_wrong_worker_key()
        if trust_the_clock:
            clocks.remember()
        for how, count in notices.send_due().items():  # first: somebody waits for a code
            self.stdout.write(f"mail {how}: {count}")
        for state, count in reminders.send_due(between=notices.send_due).items():
            self.stdout.write(f"{state}: {count}")
