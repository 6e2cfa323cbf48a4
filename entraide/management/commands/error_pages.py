"""The pages that a broken site shows, as files: var/static/errors/ (entraide/copies.py)."""

from django.core.management.base import BaseCommand

from entraide import copies


class Command(BaseCommand):
    help = "Write the error pages and the copies of the help page, with the helplines of today. After collectstatic."
    requires_system_checks = []

    def handle(self, **options):
        copies.write()
        self.stdout.write(f"Written to {copies.FOLDER}")
