import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from entraide.promises.inspection import WEB, WORKER, inspect


class Command(BaseCommand):
    help = (
        "Look whether this running installation keeps what entraide promises. Run it with the variables of the web, and"
        " once more with those of the worker: each process answers for itself. The exit status is 0 when all is kept."
    )
    requires_system_checks = []

    def handle(self, **options):
        if settings.ROLE not in (WEB, WORKER):
            raise CommandError("Run it as the web or as the worker: the owner of the tables serves nobody.")
        verdicts = []
        for chapter, found in inspect():
            self.stdout.write(f"\n{chapter}")
            for verdict in found:
                self.stdout.write(f"  {'kept  ' if verdict.is_kept else 'BROKEN'}  {_said(verdict)}")
            verdicts += found
        broken = sum(not verdict.is_kept for verdict in verdicts)
        self.stdout.write(f"\n{len(verdicts) - broken} kept, {broken} broken")
        sys.exit(1 if broken else 0)


def _said(verdict):
    return verdict.words if verdict.is_kept else f"{verdict.words} -- {'; '.join(verdict.findings)}"
