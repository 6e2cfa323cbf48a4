"""The numbers of « Aide maintenant ». Everybody may read them, the web only when staff ask to write.

None of them has been checked by a person of this site: `checked_on` stays empty until somebody ticks "Checked today".
What a source does not say (hours, cost, languages) stays empty too, and shows as "to be confirmed".
"""

import django.contrib.postgres.fields
from django.db import migrations, models

from entraide.lib.sql import guarded

# What app.staff() of groups/ answers. This application stands below groups/, so it reads the setting itself.
STAFF = "coalesce(current_setting('app.staff', true), '') = 'on'"

REGIONS = [
    ("quebec", "Quebec"),
    ("canada", "Everywhere in Canada"),
    ("france", "France"),
    ("belgium", "Belgium"),
    ("switzerland", "Switzerland"),
]
WAYS = [("call", "By telephone"), ("text", "By text message"), ("chat", "By chat")]
LANGUAGES = [("fr", "French"), ("en", "English"), ("nl", "Dutch"), ("de", "German"), ("it", "Italian")]

QUEBEC_PRESS = "infodimanche.com, 2022-10"
CANADA_PRESS = "ici.radio-canada.ca 2031169"
FRANCE_STATE = "service-public.fr A15206"
# region, way, name, number or address, in danger, source
LINES = [
    ("quebec", "call", "1 866 APPELLE", "1 866 277-3553", False, QUEBEC_PRESS),
    ("quebec", "text", "535353", "535353", False, QUEBEC_PRESS),
    ("quebec", "chat", "suicide.ca", "https://suicide.ca/", False, f"{QUEBEC_PRESS}; {CANADA_PRESS}; chga.fm"),
    ("quebec", "call", "811, option 2", "811", False, "chga.fm"),
    ("canada", "call", "9-8-8", "988", False, CANADA_PRESS),
    ("canada", "text", "9-8-8", "988", False, CANADA_PRESS),
    ("france", "call", "3114", "3114", False, FRANCE_STATE),
    ("france", "call", "112", "112", True, FRANCE_STATE),
    ("france", "call", "15", "15", True, FRANCE_STATE),
    ("belgium", "call", "107, Télé-Accueil", "107", False, "rtl.be, 2024-10; rtbf.be, 2023-04"),
    ("belgium", "call", "0800 32 123", "0800 32 123", False, "bx1.be; medipedia.be"),
    ("belgium", "call", "112", "112", True, "112.be"),
    ("switzerland", "call", "143, La Main Tendue", "143", False, "143.ch, 2020-09; bluewin.ch, 2023-09"),
    ("switzerland", "call", "147, Pro Juventute", "147", False, "143.ch, 2020-09; letemps.ch"),
    ("switzerland", "call", "144", "144", True, "143.ch, 2020-09; rts.ch, 2018-09"),
]
# Of these the sources say that they answer day and night, free of charge.
OPEN_DAY_AND_NIGHT = {"107", "0800 32 123", "143", "147"}
ALWAYS_AND_FREE = {
    "hours_fr": "jour et nuit, tous les jours",
    "hours_en": "day and night, every day",
    "cost_fr": "gratuit",
    "cost_en": "free of charge",
}
FIELDS = ("region", "way", "name", "number_or_address", "in_danger", "source")


def write_lines(apps, schema_editor):
    helpline = apps.get_model("members", "Helpline")
    for position, line in enumerate(LINES, start=1):
        said = ALWAYS_AND_FREE if line[3] in OPEN_DAY_AND_NIGHT else {}
        helpline.objects.create(**dict(zip(FIELDS, line, strict=True)), **said, position=position * 10)


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Helpline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(choices=REGIONS, max_length=12, verbose_name="Region")),
                ("way", models.CharField(choices=WAYS, max_length=4, verbose_name="How to reach it")),
                ("name", models.CharField(max_length=60)),
                ("number_or_address", models.CharField(max_length=120)),
                ("in_danger", models.BooleanField(default=False)),
                ("hours_fr", models.CharField(blank=True, max_length=80)),
                ("hours_en", models.CharField(blank=True, max_length=80)),
                ("cost_fr", models.CharField(blank=True, max_length=80)),
                ("cost_en", models.CharField(blank=True, max_length=80)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(choices=LANGUAGES, max_length=2),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("source", models.CharField(max_length=200)),
                ("checked_on", models.DateField(blank=True, null=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={"ordering": ["position", "id"]},
        ),
        # before the policies, which hold for the owner too
        migrations.RunPython(write_lines, migrations.RunPython.noop),
        guarded("members_helpline", select="true", insert=STAFF, update=STAFF, delete=STAFF),
    ]
