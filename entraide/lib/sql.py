"""Who is asking, told to PostgreSQL for one transaction; and the SQL of row policies for migrations."""

import re

from django.db import IntegrityError, connection
from django.db.migrations import RunSQL


def tell_who_asks(*, tag: str = "", proposer: str = "", notebook: str = "", staff: bool = False) -> None:
    """Set what the row policies read. Always transaction-local: a session-level setting would pass to the next
    client of a pooled connection. Empty values mean nobody, and nobody sees nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('app.tag', %s, true), set_config('app.proposer', %s, true),"
            " set_config('app.notebook', %s, true), set_config('app.staff', %s, true)",
            [tag, proposer, notebook, "on" if staff else ""],
        )


def answer(query: str, *values):
    """The one value that the database answers with, or None."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = cursor.fetchone()
    return row[0] if row else None


def answers(query: str, *values) -> list[tuple]:
    """All the rows that the database answers with."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def reason(error: IntegrityError, reasons: dict[str, type[Exception]]) -> Exception:
    """What the database refused, in our words: `reasons` has one for each constraint that may say no. An error that
    none of them explains stays as it is."""
    return reasons.get(error.__cause__.diag.constraint_name, lambda: error)()


def guarded(table: str, **policies: str | tuple[str, str]) -> RunSQL:
    """A migration step that puts a table under row policies for everybody, its owner included.

    The name of each policy is `<command>` or `<command>_<role>`, as in `select="…"` (entraide_web) or
    `select_worker="true"`. An update that may change who the row belongs to gives a pair: before, after.
    """
    forward = [f"alter table {table} enable row level security", f"alter table {table} force row level security"]
    backward = [f"alter table {table} no force row level security", f"alter table {table} disable row level security"]
    for name, expression in policies.items():
        forward.append(_policy(table, name, expression))
        backward.insert(0, f'drop policy "{name}" on {table}')
    return RunSQL(forward, backward)


def inside_a_group(table: str, column: str, target: str, *, on_delete: str = "cascade") -> RunSQL:
    """A key to a row of the same group. It is checked at once, not at the end of the transaction: who adds to a row
    that is going waits and is told, instead of breaking a commit. The database itself takes away what hung on it."""
    name = f"{table}_{column}_of_its_group"
    return RunSQL(
        f"alter table {table} add constraint {name} foreign key (group_id, {column})"
        f" references {target} (group_id, id) on delete {on_delete}",
        f"alter table {table} drop constraint {name}",
    )


def goes_with_its_group(table: str) -> RunSQL:
    """When a group ends, the database itself takes away its rows of this table. For a table that is made in the same
    migration, the model says `db_constraint=False`: Django would add its own key after this step."""
    return _when_a_group_ends(table, "group_id", "cascade")


def forgets_its_group(table: str, column: str) -> RunSQL:
    """The row stays, and points to nothing any more."""
    return _when_a_group_ends(table, column, "set null")


def _when_a_group_ends(table, column, then):
    name = f"{table}_{column}_until_the_group_ends"
    return RunSQL(
        f"""do $$ declare former text := (
                select c.conname from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid
                where c.contype = 'f' and c.conrelid = '{table}'::regclass and c.confrelid = 'groups_group'::regclass
                and c.conkey = array[a.attnum] and a.attname = '{column}');
            begin
                if former is not null then execute format('alter table {table} drop constraint %I', former); end if;
            end $$;
            alter table {table} add constraint {name} foreign key ({column})
                references groups_group (id) on delete {then} deferrable initially deferred""",
        RunSQL.noop,
    )


def definer(
    signature: str, body: str, *, language: str = "sql", volatility: str = "stable", caller: str = "entraide_web"
) -> RunSQL:
    """A function that answers for the policies: it runs as `entraide_policy`, the one role that sees the rows whole.

    `signature` is `schema.name(arguments) returns …`. Its search path is fixed, so that no table of the caller can
    stand in for ours, and only `caller` may call it: the web, the worker, or nobody but other functions
    (entraide_policy).
    """
    name = signature.split(" returns ")[0]
    bare = re.sub(r"(\w+) (\w+)(?=[,)])", r"\2", name)
    return RunSQL(
        [
            f"create function {signature} language {language} {volatility} security definer"
            f" set search_path = pg_catalog as $${body}$$",
            # before it is handed over: afterwards its maker has no say in who may call it
            f"revoke all on function {bare} from public",
            f"grant execute on function {bare} to {caller}",
            f"alter function {bare} owner to entraide_policy",
        ],
        f"drop function {bare}",
    )


def _policy(table, name, expression):
    command, _, role = name.partition("_")
    before, after = expression if isinstance(expression, tuple) else (expression, expression)
    clauses = {
        "select": f"using ({before})",
        "insert": f"with check ({after})",
        "update": f"using ({before}) with check ({after})",
        "delete": f"using ({before})",
    }
    return f'create policy "{name}" on {table} for {command} to entraide_{role or "web"} {clauses[command]}'
