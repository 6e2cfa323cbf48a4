from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from psycopg2 import sql

PATIENCE = "10s"  # a table that waits for this lock keeps everybody else waiting
TABLES = """
    select c.relname, k.relname
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_class k on k.oid = i.indexrelid
    where i.indisprimary and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by c.relname
"""


class Command(BaseCommand):
    help = (
        "Lay the rows of every table in the order of their primary keys, mostly random ids: a copy of the running"
        " database then shows who came in which order for the last day only. For a nightly cron, as the tables' owner."
    )
    requires_system_checks = []

    def handle(self, **options):
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = %s", [PATIENCE])
            cursor.execute(TABLES)
            tables = cursor.fetchall()
            busy = [table for table, key in tables if not _reorder(cursor, table, key)]
        if busy:
            raise CommandError(f"In use, and left as they were: {', '.join(busy)}. Run it again.")
        self.stdout.write(f"{len(tables)} tables")


def _reorder(cursor, table, key) -> bool:
    try:
        cursor.execute(sql.SQL("cluster {} using {}").format(sql.Identifier(table), sql.Identifier(key)))
    except OperationalError:  # somebody else held the lock for too long
        return False
    return True
