from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from entraide.demo import people
from groups import vault


class Command(BaseCommand):
    help = "Fill an empty demonstration with its groups, people and stories."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("This is not a demonstration: ENTRAIDE_DEMO is not set. Nothing was changed.")
        vault.refuse_wrong_keys()
        made = people.bring_in()
        self.stdout.write(
            "The demonstration is ready." if made else "The groups are there already; nothing was changed."
        )
