from django.core.management.base import BaseCommand

from meetings import standing

WORDS = {
    "due": "due",
    "sent": "sent",
    "expired": "expired",
    "failed": "failed",
    "in_doubt": "in doubt",
    "a_minute": "sent a minute, over the last hour",
    "late_p95": "seconds late, p95 of the last day",
    "waiting": "other mail, waiting",
    "doubtful": "other mail, in doubt",
    "oldest_due": "seconds since the oldest fell due",
}


class Command(BaseCommand):
    help = "How reminders and other mail stand, in numbers. Of reminders: what the ledger keeps, 30 days."

    def handle(self, **options):
        found = standing.now()
        for name, words in WORDS.items():
            value = getattr(found, name)
            self.stdout.write(f"{words}: {'-' if value is None else value}")
