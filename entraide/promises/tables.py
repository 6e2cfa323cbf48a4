"""PostgreSQL's own catalogue: the tables, their policies, and the functions that answer for the policies."""

from entraide.lib.roles import OWNER, POLICY, WEB
from entraide.promises import promise

# Whoever adds a table puts it under policies, or says here why it holds nothing of any group.
NOTHING_OF_A_GROUP = {
    "members_member": "a person's sign-in, which no membership points to",
    "members_member_groups": "Django's permissions, unused",
    "members_member_user_permissions": "Django's permissions, unused",
    "account_emailaddress": "the address of a sign-in",
    "account_emailconfirmation": "django-allauth's, unused",
    "mfa_authenticator": "the second factor of staff, sealed",
    "members_session": "found by a hash of the cookie, sealed under the cookie; its owner a keyed hash",
    "groups_keymark": "keyed hashes of the keys, to notice a wrong key file",
    "auth_group": "Django's permissions, unused",
    "auth_group_permissions": "Django's permissions, unused",
    "auth_permission": "Django's permissions, unused",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations",
}
# Every row for every visitor; to be changed under a policy.
READ_BY_EVERYBODY = {
    "groups_group": "the public sheet",
    "groups_listing": "the row of a public list",
    "members_helpline": "« Aide maintenant »",
}
OURS = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table", "p": "a partitioned table"}


@promise("Every table that holds something of a group is under row policies, and its owner too.")
def row_policies_hold(cursor):
    cursor.execute(
        "select c.relname, c.relrowsecurity, c.relforcerowsecurity from pg_class c"
        f" join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and {OURS} order by 1"
    )
    tables = cursor.fetchall()
    if not tables:
        yield "there is no table: the database is empty, or another one"
    for table, enabled, forced in tables:
        if table in NOTHING_OF_A_GROUP:
            continue
        if not enabled:
            yield f"{table} is under no row policies"
        elif not forced:
            yield f"{table}: the policies do not hold for its owner"


@promise("Every policy is for named logins; only public sheets, lists and helplines are for everybody to read.")
def policies_name_their_roles(cursor):
    cursor.execute(
        "select c.relname, p.polname, p.polcmd, 0 = any(p.polroles),"
        " pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid),"
        " exists (select 1 from pg_roles r where r.oid = any(p.polroles) and r.rolname = %s)"
        " from pg_policy p join pg_class c on c.oid = p.polrelid order by 1, 2",
        [WEB],
    )
    for table, policy, command, is_for_all, using, check, is_for_web in cursor.fetchall():
        if is_for_all:
            yield f"{table}: policy {policy} is for every login"
        if is_for_web and "true" in (using, check) and not (command == "r" and table in READ_BY_EVERYBODY):
            yield f"{table}: policy {policy} opens every row to the site"


@promise("No view, copy, partition, foreign table or rule leads around the policies.")
def nothing_leads_around(cursor):
    cursor.execute(
        "select n.nspname || '.' || c.relname, c.relkind, coalesce('security_invoker=true' = any(c.reloptions)"
        " or 'security_invoker=on' = any(c.reloptions), false), c.relispartition,"
        " exists (select 1 from pg_inherits i where i.inhrelid = c.oid),"
        " exists (select 1 from pg_rewrite r where r.ev_class = c.oid and r.rulename <> '_RETURN')"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        f" where c.relkind in ('r', 'p', 'v', 'm', 'f') and {OURS} order by 1"
    )
    for relation, kind, asks_as_caller, is_partition, inherits, has_rule in cursor.fetchall():
        if kind in KINDS and not (kind == "v" and asks_as_caller):
            yield f"{relation} is {KINDS[kind]}"
        if is_partition or inherits:
            yield f"{relation} is a part of another table"
        if has_rule:
            yield f"{relation} has a rewrite rule"


@promise("Tables and sequences belong to the login of migrations, which serves no request.")
def one_owner(cursor):
    cursor.execute(
        "select n.nspname || '.' || c.relname, r.rolname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        f" join pg_roles r on r.oid = c.relowner where {OURS} and r.rolname <> %s order by 1",
        [OWNER],
    )
    for relation, owner in cursor.fetchall():
        yield f"{relation} belongs to {owner}"


@promise("Functions that see past the policies have one owner, a fixed search path and a short list of callers.")
def definer_functions_are_narrow(cursor):
    cursor.execute(
        "select p.oid::regprocedure::text, r.rolname, p.proconfig, has_function_privilege('public', p.oid, 'execute')"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles r on r.oid = p.proowner"
        f" where p.prosecdef and {OURS} order by 1"
    )
    functions = cursor.fetchall()
    if not functions:
        yield "there is none: nobody could enter a group"
    for function, owner, settings, is_for_all in functions:
        if owner != POLICY:
            yield f"{function} belongs to {owner}"
        if settings != ["search_path=pg_catalog"]:
            yield f"{function} has no fixed search path"
        if is_for_all:
            yield f"{function} can be called by every login"


RULES = [
    row_policies_hold,
    policies_name_their_roles,
    nothing_leads_around,
    one_owner,
    definer_functions_are_narrow,
]
