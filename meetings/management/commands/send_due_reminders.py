from django.core.management.base import BaseCommand

from groups import notices, vault
from meetings import reminders


class Command(BaseCommand):
    help = "Send the mails that are due, once. For cron when the broker is away; run it with ENTRAIDE_ROLE=worker."

    def handle(self, **options):
        vault.refuse_wrong_worker_key()
        for how, count in notices.send_due().items():  # first: somebody waits for a code
            self.stdout.write(f"mail {how}: {count}")
        for state, count in reminders.send_due().items():
            self.stdout.write(f"{state}: {count}")
