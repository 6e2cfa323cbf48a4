"""PostgreSQL's own catalogue: the logins of entraide/lib/roles.py, and what each of them may do."""

from django.conf import settings

from entraide.lib.roles import BACKUPS, OWNER, POLICY, WEB, WORKER
from entraide.promises import promise
from entraide.promises.tables import OURS

SERVING = (WEB, WORKER)
KNOWN = (OWNER, WEB, WORKER, POLICY, *BACKUPS)
POWERS = {
    "rolsuper": "is a superuser",
    "rolbypassrls": "passes the row policies",
    "rolcreaterole": "may make logins",
    "rolcreatedb": "may make databases",
    "rolreplication": "may copy the whole server",
}
TABLES = (
    f"pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f') and {OURS}"
)
# What the worker never reads: sealed words, keys, keyed hashes of people, addresses, sessions.
CLOSED_COLUMNS = r"^(sealed|wrapped|session_|email|hopes|(data|device|owner|text|note|refusal)$)|_(tag|mark|hash)$"
CLOSED_TO_THE_WORKER = (
    r"^(groups_(story\w*|groupkey|resonance|notebook|note|smallstep|shelf\w+|proposal|staff\w+)$"
    r"|members_member|account_|mfa_)"
)
ADDRESSED_TO_THE_WORKER = {
    ("groups_membership", "sealed_address"),  # sealed for its own key
    ("groups_proposal", "sealed_address"),  # the same
    ("groups_proposal", "id"),  # which one it is
    ("groups_entryrequest", "sealed_address"),  # the same, of whoever wants a mail when there is news
    ("members_outgoingmail", "sealed"),  # the same, with what the mail says
}


@promise("This process signs in as the login of its role.")
def signs_in_as_itself(cursor):
    cursor.execute("select session_user, current_user")
    wanted = {"web": WEB, "worker": WORKER}[settings.ROLE]
    for found in sorted({name for name in cursor.fetchone() if name != wanted}):
        yield f"it signed in as {found}, not as {wanted}"


@promise("No login that serves has power over the server; only the logins for dumps pass the policies.")
def logins_have_no_power(cursor):
    cursor.execute(f"select rolname, {', '.join(POWERS)}, rolcanlogin from pg_roles order by rolname")
    rows = {name: (powers, can_login) for name, *powers, can_login in cursor.fetchall()}
    for name in sorted(set(KNOWN) - rows.keys()):
        yield f"{name} does not exist"
    for name, (powers, _) in rows.items():
        held = {power for power, has in zip(POWERS, powers, strict=True) if has}
        if name in BACKUPS:
            held.discard("rolbypassrls")
        elif name not in KNOWN:
            held &= set() if "rolsuper" in held else {"rolbypassrls"}
        yield from (f"{name} {POWERS[power]}" for power in sorted(held))
    if rows.get(POLICY, ((), False))[1]:
        yield f"{POLICY} can sign in"


@promise("No login takes on the rights of another, and nobody but migrations can act for the policies.")
def logins_are_apart(cursor):
    cursor.execute(
        "select m.rolname, r.rolname, pg_has_role(m.oid, r.oid, 'usage') from pg_auth_members a"
        " join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member"
        " where not m.rolsuper and (m.rolname = any(%s) or r.rolname = any(%s)) order by 1, 2",
        [list(KNOWN), list(KNOWN)],
    )
    for member, role, has_its_rights in cursor.fetchall():
        if (member, role) != (OWNER, POLICY):
            yield f"{member} is a member of {role}"
        elif has_its_rights:
            yield f"{member} sees what {role} sees without asking for it"


@promise("The site and the worker own nothing.")
def they_own_nothing(cursor):
    cursor.execute(
        "select r.rolname, count(*) from pg_shdepend d join pg_roles r on r.oid = d.refobjid"
        " where d.refclassid = 'pg_authid'::regclass and d.deptype = 'o' and r.rolname = any(%s) group by 1 order by 1",
        [[*SERVING, *BACKUPS]],
    )
    for name, count in cursor.fetchall():
        yield f"{name} owns {count} objects"


@promise("The site and the worker cannot make tables, empty them, watch them or refer to them.")
def they_only_read_and_write(cursor):
    cursor.execute(
        "select r.rolname, c.relname, p from pg_roles r, unnest(array['truncate', 'references', 'trigger']) p,"
        f" {TABLES} and r.rolname = any(%s) and (has_table_privilege(r.oid, c.oid, p)"
        " or p = 'references' and has_any_column_privilege(r.oid, c.oid, p)) order by 1, 2, 3",
        [list(SERVING)],
    )
    yield from (f"{name} has {right} on {table}" for name, table, right in cursor.fetchall())
    cursor.execute(
        "select r.rolname, 'schema ' || n.nspname from pg_roles r, pg_namespace n"
        " where r.rolname = any(%s) and has_schema_privilege(r.oid, n.oid, 'create') union all"
        " select r.rolname, 'this database' from pg_roles r where r.rolname = any(%s)"
        " and has_database_privilege(r.oid, current_database(), 'create, temporary') order by 1, 2",
        [[*SERVING, *BACKUPS]] * 2,
    )
    yield from (f"{name} may make objects in {place}" for name, place in cursor.fetchall())


@promise("People come into a group through the one function that checks it; nobody can insert or move a membership.")
def memberships_are_entered(cursor):
    cursor.execute(
        "select r.rolname, a.attname, p from pg_roles r, unnest(array['insert', 'update']) p, pg_attribute a"
        " where a.attrelid = to_regclass('public.groups_membership') and a.attnum > 0 and not a.attisdropped"
        " and r.rolname = any(%s) and has_column_privilege(r.oid, a.attrelid, a.attnum, p)"
        " and (p = 'insert' or a.attname in ('id', 'group_id', 'member_tag', 'entered_at')) order by 1, 2, 3",
        [[*SERVING, *BACKUPS]],
    )
    yield from (f"{name} may {right} {column}" for name, column, right in cursor.fetchall())


@promise("The worker has no right on stories, names, keys or who is who: not on a single column.")
def the_worker_sees_nothing_sealed(cursor):
    cursor.execute(
        f"select c.relname, a.attname from pg_attribute a, {TABLES} and a.attrelid = c.oid and a.attnum > 0"
        " and not a.attisdropped and (a.attname ~ %s or c.relname ~ %s)"
        " and has_column_privilege(%s, c.oid, a.attnum, 'select, insert, update, references') order by 1, 2",
        [CLOSED_COLUMNS, CLOSED_TO_THE_WORKER, WORKER],
    )
    for table, column in cursor.fetchall():
        if (table, column) not in ADDRESSED_TO_THE_WORKER:
            yield f"{WORKER} has a right on {table}.{column}"


@promise("The logins for dumps only read, and neither reads both what is sealed and its key.")
def dumps_are_apart(cursor):
    cursor.execute(
        "select r.rolname, c.relname, has_any_column_privilege(r.oid, c.oid, 'select'),"
        " has_any_column_privilege(r.oid, c.oid, 'insert, update, references')"
        " or has_table_privilege(r.oid, c.oid, 'delete, truncate, trigger'),"
        " exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname ~ '^wrapped'),"
        " exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname ~ '^sealed')"
        f" from pg_roles r, {TABLES} and r.rolname = any(%s) order by 1, 2",
        [list(BACKUPS)],
    )
    data, _ = BACKUPS
    for name, table, reads, writes, has_keys, has_sealed in cursor.fetchall():
        if writes:
            yield f"{name} may change {table}"
        if reads and (has_keys if name == data else has_sealed):
            yield f"{name} reads {table}"


@promise("No other login has a right on any table, column or schema.")
def nobody_else_has_a_right(cursor):
    cursor.execute(
        "select distinct coalesce(r.rolname, 'everybody'), what from ("
        f"  select c.relname::text as what, (aclexplode(c.relacl)).grantee from {TABLES}"
        "   union all select c.relname || '.' || a.attname, (aclexplode(a.attacl)).grantee"
        f"  from pg_attribute a, {TABLES} and a.attrelid = c.oid and a.attacl is not null"
        f"  union all select 'schema ' || n.nspname, (aclexplode(n.nspacl)).grantee from pg_namespace n where {OURS}"
        ") given left join pg_roles r on r.oid = grantee where r.rolname is null or r.rolname <> all(%s)"
        " order by 1, 2",
        [list(KNOWN)],
    )
    yield from (f"{name} has a right on {what}" for name, what in cursor.fetchall())


RULES = [
    signs_in_as_itself,
    logins_have_no_power,
    logins_are_apart,
    they_own_nothing,
    they_only_read_and_write,
    memberships_are_entered,
    the_worker_sees_nothing_sealed,
    dumps_are_apart,
    nobody_else_has_a_right,
]
