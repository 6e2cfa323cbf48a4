"""A version that is bound into what is sealed of a story; and what keys need to be rotated while people come and go."""

from django.db import migrations, models

import entraide.lib.days

# Who enters seals a name: they hold the group's clock from before they read the keys, so that a rotation of keys comes
# before or after, never between. Two statements, because each sees what was committed before it began.
KEYS_TO_ENTER = """
create or replace function app.keys_to_enter(to_group uuid)
returns table (version smallint, wrapping_key_version smallint, wrapped bytea)
language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    perform 1 from public.groups_groupclock c where c.group_id = to_group and app.may_enter(to_group) for update;
    return query select k.version, k.wrapping_key_version, k.wrapped from public.groups_groupkey k
        where k.group_id = to_group and app.may_enter(to_group);
end
$$
"""


class Migration(migrations.Migration):
    dependencies = [("groups", "0002_row_policies")]

    operations = [
        migrations.AddField(
            model_name="story",
            name="version",
            field=models.PositiveIntegerField(
                default=1, help_text="Counts the times that the author changed the words."
            ),
        ),
        migrations.AddField(
            model_name="groupkey", name="made_on", field=models.DateField(default=entraide.lib.days.today)
        ),
        migrations.RunSQL(
            [
                "grant update (version) on groups_story to entraide_web",
                "set local role entraide_policy",
                KEYS_TO_ENTER,
                "reset role",
            ],
            migrations.RunSQL.noop,
        ),
    ]
