"""A plan on its way through the pages of scheduling: when, how it comes back, which dates, where.

Each page sends on everything that was typed so far; nothing is kept before the last one.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from django.http import QueryDict

from entraide.lib.fields import HumanDateField
from entraide.lib.rhythm import Rhythm, rhythm_sentence
from entraide.lib.times import clock
from groups.confidentiality import Inside, within
from meetings import public_holidays, recurrence, where
from meetings.forms import DatesForm, RhythmForm, WhenForm, WhereForm
from meetings.models import Kind, Meeting, ProposedDate, Series

STEPS = ("schedule", "rhythm", "check", "place")
FIELDS = {
    "schedule": ("on", "starts", "ends", "key"),
    "rhythm": ("rhythm", "until", "picked"),
    "check": ("keep", "shown"),
    "place": ("format", "place", "access_note", "link", "phone", "theme", "kind", "seats"),
}
LONGEST_VERSION = 10  # digits; Python refuses to read a number of thousands of them
SEEN = ("of", "version", "series_version")  # the meeting from which on it changes, as the facilitator saw it
FOUND = "found"  # the proposed date that it began with


@dataclass(frozen=True)
class Offered:
    """One of the dates that are looked at before anything is kept."""

    on: date
    starts_at: datetime
    is_kept: bool
    holiday: str
    night: recurrence.Night | None
    own: Meeting | None  # what was said of this date alone, and stays
    is_taken: bool  # another meeting of the group takes place then


class Plan:
    def __init__(self, inside: Inside, typed: QueryDict):
        self.inside, self.typed, self.zone = inside, typed, inside.group.zone
        self.former, self.forms = _former(inside, typed), {}

    @classmethod
    def to_change(cls, inside: Inside, meeting: Meeting):
        """The rest of a series as it is today, from this meeting on."""
        series, typed, day = meeting.series, QueryDict(mutable=True), HumanDateField.write
        words = {"on": day(meeting.planned_on), "starts": clock(series.starts), "ends": clock(end_of(series))}
        words |= {"rhythm": series.rhythm, "until": day(series.until) if series.until else ""}
        words |= {"format": series.format, "kind": series.kind, "seats": series.seats or ""} | where.words_of(
            inside, series
        )
        words["picked"] = "\n".join(day(on) for on in series.picked if on > meeting.planned_on)
        words |= {"of": meeting.pk, "version": meeting.version, "series_version": series.version}
        typed.update({name: str(value) for name, value in words.items() if name != "link"})
        return cls(inside, typed)

    def refused_before(self, step: str | None) -> str | None:
        """The first page whose words do not do, of those before `step`; of all of them when it is None."""
        for name in STEPS:
            if name == step:
                return None
            self.forms[name] = self._form(name, data=self.typed)
            if not self.forms[name].is_valid():
                return name
        return None

    def show(self, step: str):
        """The form of a page: as it was refused, or with what was typed before and without reproach."""
        if step not in self.forms:
            typed = {name: self.typed[name] for name in FIELDS[step] if name in self.typed}
            self.forms[step] = self._form(step, initial=self._usual(step) | typed)
        return self.forms[step]

    def carried(self, step: str) -> list[tuple[str, str]]:
        """What was typed on the other pages, for hidden fields."""
        names = [name for other in STEPS if other != step for name in FIELDS[other]]
        return [(name, value) for name in (*names, *SEEN, FOUND) for value in self.typed.getlist(name)]

    def words(self) -> dict:
        """Once every page is accepted: what scheduling.py keeps."""
        words = {name: value for form in self.forms.values() for name, value in form.cleaned_data.items()}
        words["skipped"] = sorted({*words["skipped"], *self._skipped_before()} - words["kept"])
        if words["rhythm"] == Rhythm.PICKED:
            words |= {"picked": sorted(words["kept"]), "skipped": [], "on": min(words["kept"])}
        if self.has_room and not words["link"]:
            words["link"] = where.words_of(self.inside, self.former.series)["link"]
        return words

    @property
    def has_room(self) -> bool:
        return bool(self.former and where.words_of(self.inside, self.former.series)["link"])

    @property
    def first(self) -> dict[str, datetime]:
        """The first meeting as it was typed: start and end."""
        when = self.forms["schedule"].cleaned_data
        starts_at, ends_at = recurrence.span(when["on"], when["starts"], when["ends"], self.zone)
        return {"starts_at": starts_at, "ends_at": ends_at}

    @property
    def sentence(self) -> str:
        return rhythm_sentence(self.forms["rhythm"].cleaned_data["rhythm"], self.forms["schedule"].cleaned_data["on"])

    @property
    def count(self) -> int:
        return len(self._dates())

    def offered(self) -> list[Offered]:
        starts = self.forms["schedule"].cleaned_data["starts"]
        left_out, own, taken = self._left_out(), self._own(self._dates()), self._taken()
        return [
            Offered(
                on=on,
                starts_at=recurrence.instant(on, starts, self.zone),
                is_kept=on.isoformat() not in left_out,
                holiday=public_holidays.of_place(self.inside.group, on),
                night=recurrence.night_of(on, starts, self.zone),
                own=own.get(on),
                is_taken=on in taken,
            )
            for on in self._dates()
        ]

    def later_nights(self) -> list[tuple[date, recurrence.Night]]:
        """After the dates that are shown, as far as meetings are made today: those whose hour does not exist or exists
        twice. What was said of one date alone stays, so nothing is told of it."""
        when, again = (self.forms[name].cleaned_data for name in STEPS[:2])
        series = Series(rhythm=again["rhythm"], first_on=when["on"], until=again["until"], picked=again["picked"])
        series.skipped = self._skipped_before()
        later = recurrence.dates_between(series, self._dates()[-1], recurrence.horizon(series))
        nights = {on: recurrence.night_of(on, when["starts"], self.zone) for on in later}
        told = {on: night for on, night in nights.items() if night}
        own = self._own(told) if told else {}
        return [(on, night) for on, night in told.items() if on not in own]

    @property
    def found(self) -> ProposedDate | None:
        """The date, still proposed, that this plan began with: scheduling it ends the search (availability.py)."""
        return within(self.inside, ProposedDate).filter(pk=_uuid(self.typed, FOUND)).first()

    @property
    def seen(self) -> tuple[int, int]:
        return versions_in(self.typed)

    def start_anew(self, reason) -> None:
        """What was typed is kept, under another id, with the reason above it."""
        self._retype(reason, key=str(uuid4()))

    def ask_again(self, reason) -> None:
        """Sent once more, it is meant with what stands there now known; where nothing does, as new meetings."""
        if self.former and self.former.is_open_to_change:
            versions = (self.former.version, self.former.series.version)
            self._retype(reason, version=versions[0], series_version=versions[1])
        else:
            self.former = None
            self._retype(reason, of="")

    def _retype(self, reason, **typed):
        self.forms["place"].add_error(None, reason)
        self.typed = self.typed.copy()
        for name, value in typed.items():
            self.typed[name] = str(value)

    def _form(self, step, **given):
        if step == "schedule":
            return WhenForm(zone=self.zone, **given)
        if step == "rhythm":
            return RhythmForm(first_on=self.forms["schedule"].cleaned_data["on"], **given)
        if step == "check":
            return DatesForm(dates=self._dates(), **given)
        return WhereForm(has_room=self.has_room, **given)

    def _usual(self, step):
        """As the last time: the same hour, the same place. An outing says nothing of the meetings after it."""
        if step == "rhythm":
            return {"rhythm": Rhythm.ONCE if self.typed.get(FOUND) else Rhythm.WEEKLY}
        series = within(self.inside, Series).exclude(kind=Kind.SOCIAL)
        last = None if self.former else series.order_by("-first_on", "-pk").first()
        if last is None:
            return {"format": self.inside.group.format} if step == "place" else {}
        if step == "schedule":
            return {"starts": last.starts, "ends": end_of(last)}
        words = where.words_of(self.inside, last)
        return {"format": last.format, "seats": last.seats} | {
            name: words[name] for name in ("place", "access_note", "phone")
        }

    def _dates(self):
        when, again = (self.forms[name].cleaned_data for name in STEPS[:2])
        return recurrence.next_dates(again["rhythm"], when["on"], again["until"], again["picked"])

    def _skipped_before(self):
        """Dates of the former series without a meeting; those that were shown since are another matter."""
        shown = set(self.typed.getlist("shown"))
        return [on for on in self.former.series.skipped if on.isoformat() not in shown] if self.former else []

    def _left_out(self):
        unticked = set(self.typed.getlist("shown")) - set(self.typed.getlist("keep"))
        return unticked | {on.isoformat() for on in self._skipped_before()}

    def _own(self, dates):
        """What was said of one date alone, and stays."""
        if not self.former:
            return {}
        meetings = within(self.inside, Meeting).filter(series=self.former.series_id, planned_on__in=dates)
        return {meeting.planned_on: meeting for meeting in meetings.exclude(pk=self.former.pk) if meeting.is_own}

    def _taken(self):
        """Dates on which another meeting of the group takes place at that time."""
        when = self.forms["schedule"].cleaned_data
        spans = {on: recurrence.span(on, when["starts"], when["ends"], self.zone) for on in self._dates()}
        first, last = min(start for start, _ in spans.values()), max(end for _, end in spans.values())
        others = within(self.inside, Meeting).standing().filter(starts_at__lt=last, ends_at__gt=first)
        if self.former:
            others = others.exclude(series=self.former.series_id)
        times = list(others.values_list("starts_at", "ends_at"))
        return {on for on, (start, end) in spans.items() if any(begin < end and stop > start for begin, stop in times)}


def end_of(series: Series) -> time:
    """On the clock of its zone, of a day without a change."""
    return (datetime.combine(series.first_on, series.starts) + timedelta(minutes=series.minutes)).time()


def versions_in(typed: QueryDict) -> tuple[int, int]:
    """Of a meeting and of its series, as the facilitator saw them; what is no number was never seen."""
    versions = [typed.get(name, "") for name in SEEN[1:]]
    return tuple(int(version) if version.isdecimal() and len(version) <= LONGEST_VERSION else 0 for version in versions)


def _former(inside, typed):
    return within(inside, Meeting).select_related("series").filter(pk=_uuid(typed, "of")).first()


def _uuid(typed, name):
    """None, which no row has, for what is none."""
    try:
        return UUID(typed.get(name, ""))
    except ValueError:
        return None
