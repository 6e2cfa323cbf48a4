"""A draft of one's own; the end that an author gives a story; words of resonance; a story that answers another one."""

import django.db.models.deletion
from django.db import migrations, models

import entraide.lib.days
from entraide.lib.sql import definer, goes_with_its_group, guarded, inside_a_group

MY_OWN = "membership_id = any(array(select app.my_memberships()))"
IN_MY_GROUPS = "group_id = any(array(select app.my_groups()))"
BY_ME = "author_id = any(array(select app.my_memberships()))"
PRESENT = f"{BY_ME} or opened_to_later or shared_at > app.entered_at(group_id)"
STANDS = "(ends_on is null or ends_on > current_date)"

RIGHTS = [
    # what was erased must not come back with a restore
    "revoke all on groups_storydraft from entraide_backup_data",
    "grant select (kept_on), delete on groups_storydraft to entraide_policy",
    "grant select (ends_on) on groups_story to entraide_policy",
]
# Not even its author reads a story from the day of its end on, and nothing needs to happen for that.
SEEN = f"{IN_MY_GROUPS} and {STANDS} and ({PRESENT})"
SEEN_BEFORE = f"{IN_MY_GROUPS} and ({PRESENT})"

# In the worker, every ten minutes. With a row go its key and its resonances; its id is noted (0004).
END_STORIES = """
begin
    perform 1 from public.groups_groupclock c where c.group_id in (
        select s.group_id from public.groups_story s where s.ends_on <= current_date) order by c.group_id for update;
    delete from public.groups_story where ends_on <= current_date;
end
"""
ERASE_DRAFTS = "delete from public.groups_storydraft where kept_on <= current_date - 30"

# Between its end and the worker's next round a story is nobody's to see, and would keep its author from leaving.
ENDED_GO_WITH_THEIR_AUTHOR = """
begin
    delete from public.groups_story where author_id = old.id and ends_on <= current_date;
    return old;
end
"""
TRIGGER = [
    "create function app.ended_go_with_their_author() returns trigger language plpgsql volatile security definer"
    f" set search_path = pg_catalog as $${ENDED_GO_WITH_THEIR_AUTHOR}$$",
    "create trigger ended_go_with_their_author before delete on groups_membership for each row"
    " execute function app.ended_go_with_their_author()",
    "revoke all on function app.ended_go_with_their_author() from public",
    "alter function app.ended_go_with_their_author() owner to entraide_policy",
]
# The column list: the story stays in its group and with its author.
ANSWERS = (
    "alter table groups_story add constraint groups_story_answers_one_of_its_group foreign key (group_id, answers_id)"
    " references groups_story (group_id, id) on delete set null (answers_id)"
)


class Migration(migrations.Migration):
    dependencies = [("groups", "0012_decisions")]

    operations = [
        migrations.CreateModel(
            name="StoryDraft",
            fields=[
                (
                    "membership",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="draft",
                        serialize=False,
                        to="groups.membership",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.CASCADE, to="groups.group"
                    ),
                ),
                ("sealed", models.TextField()),
                ("kept_on", models.DateField(default=entraide.lib.days.today)),
            ],
        ),
        goes_with_its_group("groups_storydraft"),
        inside_a_group("groups_storydraft", "membership_id", "groups_membership"),
        migrations.AddField(
            "story",
            "ends_on",
            models.DateField(help_text="From this day on nobody reads it. Empty: until it is withdrawn.", null=True),
        ),
        migrations.AddIndex(
            "story",
            models.Index(condition=models.Q(ends_on__isnull=False), fields=["ends_on"], name="story_by_its_end"),
        ),
        migrations.AddField(
            "story",
            "answers",
            models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="answered_by",
                to="groups.story",
            ),
        ),
        migrations.AddField(
            "resonance",
            "kind",
            models.CharField(
                choices=[
                    ("recognise", "I recognise myself"),
                    ("speaks", "This speaks to me"),
                    ("hear", "I hear you"),
                    ("me_too", "Me too"),
                ],
                default="recognise",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint("resonance", "one_resonance_per_member_and_story"),
        migrations.AddConstraint(
            "resonance",
            models.UniqueConstraint(fields=["story", "membership", "kind"], name="one_resonance_of_a_kind"),
        ),
        migrations.RunSQL(ANSWERS, "alter table groups_story drop constraint groups_story_answers_one_of_its_group"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        guarded(
            "groups_storydraft",
            select=MY_OWN,
            insert=f"{MY_OWN} and {IN_MY_GROUPS}",
            update=(MY_OWN, f"{MY_OWN} and {IN_MY_GROUPS}"),
            delete=MY_OWN,
            select_policy="true",
            delete_policy="true",
        ),
        migrations.RunSQL(
            f'alter policy "select" on groups_story using ({SEEN})',
            f'alter policy "select" on groups_story using ({SEEN_BEFORE})',
        ),
        definer(
            "app.end_stories() returns void",
            END_STORIES,
            language="plpgsql",
            volatility="volatile",
            caller="entraide_worker",
        ),
        definer("app.erase_drafts() returns void", ERASE_DRAFTS, volatility="volatile", caller="entraide_worker"),
        migrations.RunSQL(TRIGGER, "drop function app.ended_go_with_their_author() cascade"),
    ]
