from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, transaction
from psycopg2 import sql

PATIENCE = "3s"  # who waits for this lock keeps everybody else waiting
TABLES = """
    select c.relname, k.relname, a.attname, c.relforcerowsecurity
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_class k on k.oid = i.indexrelid
    join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where i.indisprimary and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by c.relname
"""
# Each row remembers the number of the transaction that wrote it, which tells the order of sign-ups as well as its place
# does: all are written anew by one. The policies hold for the owner too, but for this moment, which nobody else sees.
WRITE_ANEW = "alter table {table} no force row level security; update {table} set {column} = {column}"
CLOSE_AGAIN = "; alter table {table} force row level security"
REORDER = "cluster {table} using {key}"


class Command(BaseCommand):
    help = (
        "Write the rows of every table anew, in the order of their primary keys, mostly random ids: a copy of the"
        " running database then shows who came in which order for the last day only. For a nightly cron."
    )
    requires_system_checks = []

    def handle(self, **options):
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = %s", [PATIENCE])
            cursor.execute(TABLES)
            tables = cursor.fetchall()
            busy = [table for table, *rest in tables if not _reorder(cursor, table, *rest)]
        if busy:
            raise CommandError(f"In use, and left as they were: {', '.join(busy)}. Run it again.")
        self.stdout.write(f"{len(tables)} tables")


def _reorder(cursor, table, key, column, is_forced) -> bool:
    names = {name: sql.Identifier(value) for name, value in {"table": table, "key": key, "column": column}.items()}
    write_anew = WRITE_ANEW + CLOSE_AGAIN if is_forced else WRITE_ANEW
    try:
        with transaction.atomic():
            cursor.execute(sql.SQL(write_anew).format(**names))
        # afterwards, so that it also clears away what was there before
        cursor.execute(sql.SQL(REORDER).format(**names))
    except OperationalError:  # somebody else held the table for too long
        return False
    return True
