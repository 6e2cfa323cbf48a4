"""Tags and filters of our templates: opening a secret for the eye, drawing pebbles, telling days and hours.

No rule lives here: who may see a secret was decided before it came to the template.
"""

import re
from datetime import datetime
from functools import lru_cache
from html import escape
from zlib import crc32

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from entraide.lib import times
from entraide.lib.addresses import Address, addresses_in
from entraide.lib.crypto import Secret
from groups.models import Group

register = template.Library()

SHAPES = 5
BREAK = SafeString("<br>")


@register.filter
def reveal(secret) -> str:
    """Plain text, not marked safe: the template escapes it."""
    if secret is None:
        return ""
    return secret.reveal() if isinstance(secret, Secret) else str(secret)


@register.filter
def paragraphs(secret) -> str:
    """Blank lines part paragraphs, single line breaks stay breaks; everything is escaped."""
    blocks = re.split(r"\n[ \t]*\n\s*", reveal(secret).replace("\r\n", "\n").strip())
    lines = (format_html_join(BREAK, "{}", ((line,) for line in block.split("\n"))) for block in blocks if block)
    return format_html_join("\n", "<p>{}</p>", ((block,) for block in lines))


@register.simple_tag
def addresses(secret) -> list[Address]:
    """Those that a text names, for components/_addresses.html."""
    return addresses_in(reveal(secret))


@register.simple_tag
def pebble(of=None, large=False) -> str:
    """Beside a name, never instead of it. Tone and shape follow the opaque id: they differ in each group."""
    classes = ["e-pebble"]
    if of is None:
        classes.append("e-hollow")
    elif shape := crc32(str(of).encode()) % SHAPES:
        classes.append(f"e-p{shape + 1}")
    if large:
        classes.append("e-pebble-lg")
    return format_html('<span class="{}" aria-hidden="true"></span>', " ".join(classes))


@register.simple_tag
def step_pebbles(step, total) -> str:
    """The row of pebbles above a step's title: done, now (lit), to come (hollow)."""
    states = ["" if n < step else " is-now" if n == step else " e-hollow" for n in range(1, total + 1)]
    row = format_html_join("", '<span class="e-pebble{}"></span>', ((state,) for state in states))
    return format_html('<div class="e-steps-row" aria-hidden="true">{}</div>', row)


@register.filter
def tags(words) -> str:
    """Each in its tag, for a list that a page may show twenty times."""
    return SafeString("".join(f'<li class="e-tag">{escape(word)}</li>' for word in words))


@register.filter
def feelings(words) -> str:
    """The same for feelings, of which one may be a word of the author's own."""
    return SafeString("".join(f'<li class="e-tag e-tag-feel">{escape(reveal(word))}</li>' for word in words))


@register.simple_tag
def story_rows(cards, gid) -> str:
    """Rows of groups/reading.Card, in one piece: as a template they would be most of what a page takes to draw."""
    stories = reverse("groups:stories", args=[gid])
    return SafeString("".join(_story_row(card, stories) for card in cards))


def _story_row(card, stories):
    title = escape(reveal(card.title)) or _("Untitled story")
    who = escape(reveal(card.person.name)) if card.person else _("A former member")
    marks = [pgettext("story", "modified")] if card.modified else []
    marks += [_("Today, I am better")] if card.came_through else []
    about = short_time(card.shared_on) + "".join(f"<span>{mark}</span>" for mark in marks)
    pebbled = pebble(card.person and card.person.id) + who
    carries = _("What this story carries")
    felt = f'<ul class="e-tags" aria-label="{carries}">{feelings(card.feelings)}</ul>'
    return f"""
<article class="e-story-row">
  <h3><a href="{stories}{card.id}/">{title}</a></h3>
  <div class="e-meta"><span class="e-who">{pebbled}</span>{about}</div>
  {_first_line(card)}
  {felt if card.feelings else ""}
</article>"""


def _first_line(card):
    if card.note:
        return f'<p class="e-note-line">{escape(card.note)}</p>'
    if card.first_line:
        return f"<p>{escape(reveal(card.first_line))}</p>"
    altered = _("This story does not open.")  # the catalogue would not find it inside an f-string
    return "" if card.opens else f'<p class="e-note-line">{altered}</p>'


@register.filter
def short_time(on) -> str:
    return _short_time(on, get_language())


@lru_cache(maxsize=1000)
def _short_time(on, _language):
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), times.short_day(on))


@register.simple_tag
def date_leaf(moment, zone=None) -> str:
    """The leaf of a calendar: weekday, number, month."""
    return _leaf(iso(moment, zone), get_language())


@lru_cache(maxsize=1000)
def _leaf(moment, _language):
    """Drawn once: every page of the directory shows the same days."""
    on = datetime.fromisoformat(moment)
    leaf = '<time class="e-date" datetime="{}"><span>{} </span><b>{}</b><span> {}</span></time>'
    return format_html(leaf, moment, times.weekday(on), on.day, times.month(on))


ON_A_CARD = (
    "slug name for_whom language format city zone access is_full awaiting_since"
    " next_starts_at next_ends_at rhythm rhythm_on"
).split()


@register.simple_tag
def group_card(group) -> str:
    values = (getattr(group, name) for name in ON_A_CARD)
    told = tuple(tuple(value) if isinstance(value, list) else value for value in values)
    return _card(told, group.has_date, get_language())


@lru_cache(maxsize=5000)
def _card(values, _has_date, _language):
    """Drawn once, for as long as nothing on it changes: the directory shows the same public words to everybody."""
    group = Group(**dict(zip(ON_A_CARD, values, strict=True)))
    return render_to_string("components/_group_card.html", {"group": group})


@register.simple_tag
def drawn(part, **words) -> str:
    """A part that every page has and that tells of nobody: drawn once for each language and for its few words."""
    return _drawn(part, tuple(words.items()), get_language())


@lru_cache(maxsize=1000)
def _drawn(part, words, _language):
    return render_to_string(part, dict(words))


@register.simple_tag
def iso(moment, zone=None) -> str:
    """For machines, to the minute, on the clock of that zone."""
    moment = times.local(moment, zone)
    return moment.isoformat(timespec="minutes") if hasattr(moment, "hour") else moment.isoformat()


@register.filter
def day(moment, zone=None) -> str:
    return times.day(moment, zone) if moment else ""


@register.filter
def weekday(on) -> str:
    return times.weekday(on)


@register.filter
def month_and_year(on) -> str:
    """« décembre 2026 »."""
    return f"{times.month(on)} {on.year}"


@register.filter
def short_day(moment, zone=None) -> str:
    return times.short_day(moment, zone) if moment else ""


@register.filter
def clock(moment, zone=None) -> str:
    return times.clock(moment, zone) if moment is not None else ""


@register.filter
def elsewhere(meeting, zone) -> str:
    """The zone of whoever looks, where its clock shows another time then than that of the meeting."""
    return zone if times.is_elsewhere(meeting.starts_at, meeting.zone, zone) else ""


@register.simple_tag
def hours(starts_at, ends_at, zone=None) -> str:
    return times.hours(starts_at, ends_at, zone)


@register.filter
def city(zone) -> str:
    return times.city(zone)


@register.simple_tag
def neutral_address() -> str:
    """Where the quick exit leads."""
    return settings.EXIT_URL


@register.simple_tag
def hidden_fields(form) -> str:
    """Without ids: the same form may travel twice on one page."""
    return format_html_join("\n", "{}", ((field.as_hidden(attrs={"id": False}),) for field in form))


@register.simple_tag
def error_points(form) -> list[dict]:
    """What the summary above a form says: each error, with the address of its field when it has one."""
    points = [{"text": error, "href": ""} for error in form.non_field_errors()]
    for field in form:
        if field.is_hidden:
            points += [{"text": error, "href": ""} for error in field.errors]
        else:
            points += [{"text": error, "href": f"#{_first_control(field)}"} for error in field.errors]
    return points


@register.simple_tag
def points_to_correct(count) -> str:
    return ngettext("There is %(count)d point to correct", "There are %(count)d points to correct", count) % {
        "count": count
    }


@register.filter
def has_class(field, name) -> bool:
    """Whether the widget asks for that look: class "chips" or "feel" among its attributes."""
    return name in field.field.widget.attrs.get("class", "").split()


@register.simple_tag
def dress(field, label=None, hint=None, css=None, **attrs) -> str:
    """Our words and our look on a field of somebody else's form (allauth's), before crispy draws it."""
    if label:
        field.label = label
    if hint:
        field.help_text = hint
    widget = field.field.widget
    widget.attrs.pop("placeholder", None)  # the label says it, and it stays
    widget.attrs.update(attrs)
    if css:
        widget.attrs["class"] = css
    return ""


@register.filter
def after_colon(sentence) -> str:
    """A sentence goes on after "Error:", so its first letter loses its capital; "PIN" keeps its own."""
    sentence = str(sentence)
    if sentence[:1].isupper() and sentence[1:2].islower():
        return sentence[:1].lower() + sentence[1:]
    return sentence


def _first_control(field) -> str:
    """A group of radios or checkboxes has no control of its own name: its first choice receives the focus."""
    return f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label or field.auto_id
