"""Any member may facilitate, for a term that ends by itself; with nobody in office everybody may schedule."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from entraide.lib.sql import definer, guarded, inside_a_group

IN_MY_GROUPS = "group_id = any(array(select app.my_groups()))"
I_GIVE = "giver_id = any(array(select app.my_memberships()))"
I_TAKE = "taker_id = any(array(select app.my_memberships()))"
I_FACILITATE = "giver_id = any(array(select app.my_terms()))"
IN_OFFICE = "current_date >= f.starts_on and current_date < f.ends_on"

# A group that nobody facilitates still meets: there, arranging it is everybody's.
MY_FACILITATED_GROUPS = f"""
create or replace function app.my_facilitated_groups() returns setof uuid
language sql stable security definer set search_path = pg_catalog as $$
    select m.group_id from public.groups_membership m where m.member_tag = app.tag() and (
        exists (select 1 from public.groups_facilitation f where f.membership_id = m.id and {IN_OFFICE})
        or not exists (select 1 from public.groups_facilitation f where f.group_id = m.group_id and {IN_OFFICE}))
$$
"""

# Whoever comes second in the same moment waits for the group's clock, and finds the term of the first.
FACILITATE = """
declare
    mine uuid := (select id from public.groups_membership where group_id = in_group and member_tag = app.tag());
    held date;
begin
    if mine is null then
        raise exception 'only members facilitate' using errcode = 'insufficient_privilege';
    end if;
    perform 1 from public.groups_groupclock where group_id = in_group for update;
    held := (select max(ends_on) from public.groups_facilitation where membership_id = mine and ends_on > current_date);
    if held is null or held <= current_date + 30 then
        insert into public.groups_facilitation (id, group_id, membership_id, starts_on, ends_on)
            values (gen_random_uuid(), in_group, mine, coalesce(held, current_date), coalesce(held, current_date) + 182);
    end if;
end
"""

TAKE_OVER = """
declare
    mine uuid := (select id from public.groups_membership where group_id = in_group and member_tag = app.tag());
    from_whom uuid[];
begin
    perform 1 from public.groups_groupclock where group_id = in_group for update;
    with taken as (
        delete from public.groups_handover where taker_id = mine and group_id = in_group returning giver_id)
        select array_agg(giver_id) into from_whom from taken;
    if from_whom is null then
        return false;
    end if;
    delete from public.groups_facilitation where membership_id = any(from_whom) and ends_on > current_date;
    perform app.facilitate(in_group);
    return true;
end
"""


class Migration(migrations.Migration):
    dependencies = [("groups", "0005_forget_a_person")]

    operations = [
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="groups.group")),
                (
                    "giver",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="groups.membership",
                    ),
                ),
                (
                    "taker",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="groups.membership",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("giver",), name="one_hand_over_per_giver")],
            },
        ),
        migrations.AddField(
            model_name="group",
            name="charter_on",
            field=models.DateField(
                help_text="The day from which the group's additions to the charter hold.", null=True
            ),
        ),
        inside_a_group("groups_handover", "giver_id", "groups_membership"),
        inside_a_group("groups_handover", "taker_id", "groups_membership"),
        migrations.RunSQL(
            [
                "grant select (giver_id, taker_id, group_id), delete on groups_handover to entraide_policy",
                "grant delete on groups_facilitation to entraide_policy",
                "revoke update on groups_handover from entraide_web",
                "set local role entraide_policy",
                MY_FACILITATED_GROUPS,
                "reset role",
            ],
            migrations.RunSQL.noop,
        ),
        definer(
            "app.my_terms() returns setof uuid",
            "select f.membership_id from public.groups_facilitation f join public.groups_membership m"
            f" on m.id = f.membership_id where m.member_tag = app.tag() and {IN_OFFICE}",
        ),
        definer("app.facilitate(in_group uuid) returns void", FACILITATE, language="plpgsql", volatility="volatile"),
        definer("app.take_over(in_group uuid) returns boolean", TAKE_OVER, language="plpgsql", volatility="volatile"),
        guarded(
            "groups_handover",
            select=f"{I_GIVE} or {I_TAKE}",
            insert=f"{I_FACILITATE} and {IN_MY_GROUPS} and giver_id <> taker_id",
            delete=f"{I_GIVE} or {I_TAKE}",
            select_policy="true",
            delete_policy="true",
        ),
        migrations.RunSQL(
            'create policy "delete_policy" on groups_facilitation for delete to entraide_policy using (true)',
            'drop policy "delete_policy" on groups_facilitation',
        ),
    ]
