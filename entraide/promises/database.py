"""The settings and the version of the PostgreSQL server: what it writes into its own log."""

from entraide.promises import promise

# What members write is sealed before SQL; their addresses and keyed hashes stand in statements all the same, with the
# values in the text: a log of statements would be a diary of who did what.
DISCREET = {
    "log_statement": {"none", "ddl"},
    "log_min_duration_statement": {"-1"},
    "log_min_duration_sample": {"-1"},
    "log_transaction_sample_rate": {"0"},
    "log_min_error_statement": {"panic"},
    "log_error_verbosity": {"terse"},
    "log_parameter_max_length": {"0"},
    "log_parameter_max_length_on_error": {"0"},
}
SAFE_SINCE = {15: 14, 16: 10, 17: 6}  # minor releases that mend the policies (CVE-2024-10976, CVE-2025-8713)


@promise("PostgreSQL's log holds no statement and no value.")
def the_log_is_discreet(cursor):
    cursor.execute("select name, setting from pg_settings where name = any(%s)", [list(DISCREET)])
    found = dict(cursor.fetchall())
    for name, good in DISCREET.items():
        if found.get(name) not in good:
            yield f"{name} is {found.get(name, 'unknown')}, not {' or '.join(sorted(good))}"


@promise("No login has a log setting of its own.")
def no_login_is_logged_apart(cursor):
    cursor.execute(
        "select coalesce(r.rolname, 'every login'), unnest(s.setconfig) from pg_db_role_setting s"
        " left join pg_roles r on r.oid = s.setrole"
        " where s.setdatabase in (0, (select oid from pg_database where datname = current_database())) order by 1, 2"
    )
    for login, setting in cursor.fetchall():
        name, _, value = setting.partition("=")
        if value not in DISCREET.get(name, {value}):
            yield f"{login}: {setting}"


@promise("PostgreSQL is a release in which the known holes of row policies are mended.")
def the_release_is_safe(cursor):
    cursor.execute("show server_version_num")
    number = int(cursor.fetchone()[0])
    if not is_mended(number):
        safe = ", ".join(f"{major}.{minor}" for major, minor in SAFE_SINCE.items())
        yield f"it is {number // 10_000}.{number % 10_000}, older than {safe} or 18.0"


def is_mended(number: int) -> bool:
    """`number` as the server says it: 150014 is 15.14."""
    major, minor = divmod(number, 10_000)
    return major >= min(SAFE_SINCE) and minor >= SAFE_SINCE.get(major, 0)


RULES = [the_log_is_discreet, no_login_is_logged_apart, the_release_is_safe]
