#!/usr/bin/env python
"""Django's command line. Migrations sign in as the owner of the tables, everything else as the web."""

import os
import sys

OWNER_COMMANDS = {"migrate", "sqlmigrate", "showmigrations"}


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ.setdefault("ENTRAIDE_ROLE", "owner")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
