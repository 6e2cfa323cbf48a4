"""Looking for a date, in the walk of the canaries."""

import re
from datetime import timedelta

from entraide.lib.days import today
from tests.canaries.marks import word


def look_for_one(scene):
    ines, malik, dates = scene["Inès"], scene["Malik"], f"{scene.group}availability/"
    typed = {"on": f"{today() + timedelta(days=4):%d/%m/%Y}", "starts": "18 h", "ends": "19 h"}
    ines.get(dates).post(f"{dates}dates/", typed | {"on": word("query")})
    assert ines.status == 422
    ines.post(f"{dates}dates/", typed)
    field = re.search(r'name="(date-[0-9a-f-]{36})"', malik.get(dates).page)[1]
    malik.post(dates, {field: word("query")})
    assert malik.status == 422
    malik.post(dates, {field: "if_needed"}).get(dates).reads("Votre réponse est enregistrée")
