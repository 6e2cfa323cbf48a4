"""Pages kept as files, for the day when the database or this process is away: the error pages, in both languages at
once, and « Aide maintenant » in each. `manage.py error_pages` writes them, and so does a change of a number by staff.
"""

import os

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from entraide.context import in_the_other_language
from members import helplines

FOLDER = settings.STATIC_ROOT / "errors"
# When not even the files are there. No style, no address of ours but two, the numbers that are short.
LAST_RESORT = """<!doctype html>
<html lang="fr-CA">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Entraide</title></head>
<body><main>
<h1>Un arrêt de notre côté <span lang="en-CA">/ A stop on our side</span></h1>
<p>Réessayez dans quelques minutes. <span lang="en-CA">Try again in a few minutes.</span></p>
<p>Si une vie est en danger&nbsp;: <a href="tel:911">911</a>. <span lang="en-CA">If a life is in danger.</span></p>
<ul>
<li>Québec&nbsp;: <a href="tel:+18662773553">1 866 277-3553</a></li>
<li>Canada&nbsp;: <a href="tel:988">9-8-8</a></li>
<li>France&nbsp;: <a href="tel:112">112</a>, <a href="tel:3114">3114</a></li>
</ul>
<p><a href="/exit/">Quitter ce site</a></p>
</main></body>
</html>
"""


def help_page() -> str:
    """In the language of the moment. Made without a request: it is the same page for everybody."""
    path = reverse("help_now")
    return render_to_string(
        "help_now.html", {"path": path, "places": helplines.by_region(), **in_the_other_language(path)}
    )


def error_page(status: int) -> str:
    return render_to_string("errors/page.html", {"status": status, "places": helplines.by_region()})


def help_file() -> str:
    return f"help-now.{translation.get_language()}.html"


def write() -> None:
    pages = {f"{status}.html": error_page(status) for status in (500, 503)}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            pages[help_file()] = help_page()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in pages.items():
        fresh = FOLDER / f".{name}.{os.getpid()}"
        fresh.write_text(page, encoding="utf-8")
        fresh.replace(FOLDER / name)  # never half a page


def kept(name: str) -> str:
    try:
        return (FOLDER / name).read_text(encoding="utf-8")
    except OSError:
        return LAST_RESORT
