#!/usr/bin/env python
"""Django's command line. A command that is not listed here signs in to the database as the web."""

import os
import sys

ROLE_OF_COMMAND = {
    **dict.fromkeys(["migrate", "sqlmigrate", "showmigrations", "reorder_rows"], "owner"),
    "backup": "backup",
    "restore": "admin",
}


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.settings")
    if len(sys.argv) > 1 and sys.argv[1] in ROLE_OF_COMMAND:
        os.environ.setdefault("ENTRAIDE_ROLE", ROLE_OF_COMMAND[sys.argv[1]])
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
