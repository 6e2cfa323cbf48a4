"""What the finder asks for: the words of a sheet, where its city lies, the weekday and hour of its meetings, free places."""

from django.db import migrations, models

from groups import places

# `french` and `english` come with PostgreSQL. Accents go before the stems are taken, on both sides, so that they are
# forgiven; with them goes the one sign by which the French stemmer knows a feminine (« endeuillée »), so « ee » is « e ».
PLAIN_WORDS = r"""
create function app.plain_words(text) returns text language sql immutable parallel safe set search_path = pg_catalog as $$
    select regexp_replace(lower(public.unaccent('public.unaccent'::regdictionary, $1)), 'ee(s?)\M', 'e\1', 'g')
$$
"""
# A sheet is read in both languages: people search in theirs. Its lived experience is one more word, which nobody can type.
SHEET_WORDS = """
create function app.sheet_words(sheet text, lived_experience text) returns tsvector
language sql immutable parallel safe set search_path = pg_catalog as $$
    select to_tsvector('french', app.plain_words(sheet)) || to_tsvector('english', app.plain_words(sheet))
        || array_to_tsvector(array['lived:' || lived_experience])
$$
"""
# Each term must be found, as all of its words in one of the languages or as one of the lived experiences that it names.
# A term of words that a language leaves out (« à la », "my") asks for nothing.
WORDS_SOUGHT = """
create function app.words_sought(terms text[], experiences text[]) returns tsquery
language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    whole tsquery := '';
    french tsquery;
    english tsquery;
    named tsquery;
begin
    for n in 1 .. coalesce(array_length(terms, 1), 0) loop
        french := plainto_tsquery('french', app.plain_words(terms[n]));
        english := plainto_tsquery('english', app.plain_words(terms[n]));
        select coalesce(string_agg(quote_literal('lived:' || code), ' | '), '')::tsquery into named
            from unnest(string_to_array(experiences[n], ' ')) code;
        if numnode(named) > 0 or (numnode(french) > 0 and numnode(english) > 0) then
            whole := whole && (french || english || named);
        end if;
    end loop;
    return whole;
end
$$
"""
# The haversine, on a ball of 6371 km.
KM_BETWEEN = """
create function app.km_between(lat1 float8, lon1 float8, lat2 float8, lon2 float8) returns float8
language sql immutable parallel safe as $$
    select 2 * 6371 * asin(sqrt(least(1, sin(radians(lat2 - lat1) / 2) ^ 2
        + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ^ 2)))
$$
"""
WORDS = [
    "alter table groups_group add column words tsvector generated always as"
    " (app.sheet_words(name || ' ' || for_whom || ' ' || description || ' ' || city, lived_experience)) stored",
    "create index directory_by_words on groups_group using gin (words)",
]
# From an instant to a clock there is one way only, so the database may go it.
ON_CLOCK = "timezone(%(expressions)s)"
NEXT_WEEKDAY = models.GeneratedField(
    expression=models.Func("zone", "next_starts_at", template=f"extract(isodow from {ON_CLOCK}) - 1"),
    output_field=models.PositiveSmallIntegerField(null=True),
    db_persist=True,
)
NEXT_MINUTE = models.GeneratedField(
    expression=models.Func("zone", "next_starts_at", template=f"extract(epoch from {ON_CLOCK}::time) / 60"),
    output_field=models.PositiveSmallIntegerField(null=True),
    db_persist=True,
)

LIVED_EXPERIENCES = [
    ("grief", "grief"),
    ("perinatal_loss", "loss of a baby"),
    ("suicide_loss", "suicide of somebody close"),
    ("caregiving", "caring for somebody"),
    ("parenting", "parent of a child in crisis"),
    ("after_birth", "after a birth"),
    ("near_addiction", "addiction of somebody close"),
    ("near_illness", "mental illness of somebody close"),
    ("depression", "depression"),
    ("anxiety", "anxiety"),
    ("bipolar", "bipolar disorder"),
    ("voices", "hearing voices"),
    ("suicidal", "thoughts of suicide"),
    ("eating", "eating disorder"),
    ("addiction", "addiction"),
    ("gambling", "gambling"),
    ("pain", "lasting pain"),
    ("illness", "long illness"),
    ("cancer", "cancer"),
    ("disability", "disability"),
    ("neurodiversity", "autism, attention deficit"),
    ("trauma", "trauma"),
    ("violence", "violence at home"),
    ("sexual_violence", "sexual violence"),
    ("separation", "separation"),
    ("infertility", "infertility"),
    ("burnout", "burnout"),
    ("job_loss", "loss of work"),
    ("loneliness", "loneliness"),
    ("exile", "exile, immigration"),
    ("identity", "gender or sexual orientation"),
    ("prison", "prison"),
    ("other", "something else"),
]
LIVED_EXPERIENCE = models.CharField(choices=LIVED_EXPERIENCES, max_length=20, verbose_name="Shared lived experience")


def locate(apps, schema_editor):
    """Groups that are there already, as Group.locate() does for new ones."""
    for group in apps.get_model("groups", "Group").objects.exclude(city=""):
        for place in places.find(group.city, group.zone)[:1]:
            group.latitude, group.longitude = place.latitude, place.longitude
            group.save(update_fields=["latitude", "longitude"])


class Migration(migrations.Migration):
    dependencies = [("groups", "0010_requests")]

    operations = [
        migrations.AddField("group", "next_weekday", NEXT_WEEKDAY),
        migrations.AddField("group", "next_minute", NEXT_MINUTE),
        migrations.AddField("group", "latitude", models.FloatField(editable=False, null=True)),
        migrations.AddField("group", "longitude", models.FloatField(editable=False, null=True)),
        migrations.AlterField("group", "lived_experience", LIVED_EXPERIENCE),
        migrations.AlterField("proposal", "lived_experience", LIVED_EXPERIENCE),
        migrations.AddIndex(
            "group",
            models.Index(
                fields=["latitude", "longitude"], condition=~models.Q(format="online"), name="directory_by_city"
            ),
        ),
        migrations.RunSQL(
            [PLAIN_WORDS, SHEET_WORDS, WORDS_SOUGHT, KM_BETWEEN],
            [
                "drop function app.km_between(float8, float8, float8, float8)",
                "drop function app.words_sought(text[], text[])",
                "drop function app.sheet_words(text, text)",
                "drop function app.plain_words(text)",
            ],
        ),
        migrations.RunSQL(WORDS, "alter table groups_group drop column words"),
        # the policies hold for the owner too: lifted for as long as this transaction fills the new columns
        migrations.RunSQL("alter table groups_group no force row level security", migrations.RunSQL.noop),
        migrations.RunPython(locate, migrations.RunPython.noop),
        migrations.RunSQL("alter table groups_group force row level security", migrations.RunSQL.noop),
    ]
