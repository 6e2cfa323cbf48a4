"""Translations without system gettext: messages are found by babel, kept as .po, compiled to .mo by polib."""

from io import BytesIO

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

KEYWORDS = {
    **dict.fromkeys(["gettext", "gettext_lazy", "gettext_noop", "_"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
}
FOLDERS = ("entraide", "members", "groups", "meetings", "templates")
TRANSLATED = "fr"  # the messages themselves are English


class Command(BaseCommand):
    help = "Compile the translations. --update adds new messages and drops old ones; --check fails if any is missing."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--update", action="store_true")
        parser.add_argument("--check", action="store_true")

    def handle(self, *, update, check, **options):
        path = settings.BASE_DIR / "locale" / TRANSLATED / "LC_MESSAGES" / "django.po"
        catalogue = polib.pofile(str(path), wrapwidth=118) if path.exists() else _empty_catalogue()
        if update or check:
            found = _merged(catalogue, _messages())
            if check:
                self._refuse_differences(catalogue, found)
            catalogue = found
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            catalogue.save(str(path))
        catalogue.save_as_mofile(str(path.with_suffix(".mo")))
        missing = len(catalogue.untranslated_entries()) + len(catalogue.fuzzy_entries())
        self.stdout.write(f"{len(catalogue)} messages, {missing} without a translation")

    def _refuse_differences(self, kept, found):
        before, now = {_key(entry) for entry in kept}, {_key(entry) for entry in found}
        untranslated = [entry.msgid for entry in found.untranslated_entries() + found.fuzzy_entries()]
        wrong = [key[1] for key in before ^ now] + untranslated
        if wrong:
            shown = "\n".join(f"  {message[:100]}" for message in sorted(set(wrong))[:40])
            raise CommandError(f"Run `manage.py catalogues --update`, then translate. Not up to date:\n{shown}")


def _messages():
    """{(context, message, plural): sorted files}"""
    from babel.messages.extract import extract  # a tool of developers: an installation only compiles

    found = {}
    for path in _sources():
        text = path.read_text()
        code = _python_like(text) if path.suffix in {".html", ".txt"} else text
        for _line, message, _comments, context in extract("python", BytesIO(code.encode()), KEYWORDS, options={}):
            single, plural = message if isinstance(message, tuple) else (message, None)
            found.setdefault((context, single, plural), set()).add(str(path.relative_to(settings.BASE_DIR)))
    return found


def _python_like(template):
    # without the margin, which Python would read as blocks
    return "\n".join(line.strip() for line in templatize(template).splitlines())


def _sources():
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "management" not in path.parts:
                yield path


def _merged(catalogue, messages):
    known = {_key(entry): entry for entry in catalogue}
    merged = _empty_catalogue()
    for (context, single, plural), files in sorted(messages.items(), key=lambda item: (min(item[1]), item[0][1])):
        entry = known.get((context, single)) or polib.POEntry(msgctxt=context, msgid=single)
        if plural:
            entry.msgid_plural = plural
            entry.msgstr_plural = entry.msgstr_plural or {0: "", 1: ""}
        entry.occurrences = [(file, "") for file in sorted(files)]
        merged.append(entry)
    return merged


def _empty_catalogue():
    catalogue = polib.POFile(wrapwidth=118)
    catalogue.metadata = {
        "Project-Id-Version": "entraide",
        "Language": TRANSLATED,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n > 1);",
    }
    return catalogue


def _key(entry):
    return entry.msgctxt, entry.msgid
