"""Groups with a meeting that is due, and the judge: what arrived, beside who was to be told of what at that moment.

A mail is judged by what stands in it for its reader, the day and the hour that it announces, and never by the ledger;
which hours a meeting had, the table of meetings tells, past every policy.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

TWO_HOURS, LATEST = timedelta(hours=2), timedelta(minutes=5)
REMINDER, CHANGED, CANCELLED = "Rappel de rendez-vous", "Changement de rendez-vous", "Rendez-vous annulé"  # subjects
NOTICES = {"changed": CHANGED, "cancelled": CANCELLED}
# The wall time too: the worker derives the instants from it.
AT = """
    wall_on = ({0} at time zone zone)::date, wall_starts = ({0} at time zone zone)::time,
    starts_at = {0}, ends_at = {0} + (ends_at - starts_at),
    day_before_at = (({0} at time zone zone) - interval '1 day') at time zone zone
"""
DUE = f"""
    update meetings_meeting set {AT.format("moment")}
    from (select date_trunc('second', now()) + interval '2 hours' + make_interval(secs => %s) as moment) as hour
    where id = any(%s)
"""
LATER = f"""
    update meetings_meeting set {AT.format("(starts_at + interval '20 days')")}, notice_at = null
    where starts_at < now() + interval '2 days'
"""
HOURS = "select id::text, starts_at, cancelled_at is not null from meetings_meeting where id = any(%s::uuid[])"
DOUBTFUL = "select membership_id::text, kind, starts_at from meetings_reminder where state = 'in_doubt'"
WISHES = "update groups_membership set changes = id = any(%s::uuid[]) where group_id = any(%s::uuid[])"


@dataclass
class Circle:
    group: object
    facilitator: object
    meeting: object
    members: dict = field(default_factory=dict)  # {membership id: Member}
    notified: set = field(default_factory=set)  # addresses of those who want to know of changes


@dataclass
class Verdict:
    entitled: int
    arrived: int
    lost: int
    in_doubt: int
    duplicated: int
    most_copies: int
    late: int
    wrong: int
    slowest: float  # seconds between the moment it was due and its arrival

    def is_good(self, most_copies=1) -> bool:
        return not (self.lost or self.late or self.wrong) and self.most_copies <= most_copies


def make_circles(circles: int, members: int, *, notices=False) -> list[Circle]:
    """Everybody has joined through the verbs of the site, for a reminder two hours before; every other one wants to
    know of changes too, if there are to be `notices`. Addresses end in a number, so that a mail server can pick."""
    from tests import makers

    made, number, curious = [], 0, []
    for _ in range(circles):
        facilitator = makers.make_member(f"facilitator-{uuid4().hex[:12]}")
        group = makers.make_group(facilitator, "Phare vert", name=f"Cercle {uuid4().hex[:12]}", size_max=members + 2)
        makers.make_series(facilitator, group, rhythm="once")
        circle = Circle(group, facilitator, makers.first_meeting(facilitator, group))
        for _ in range(members):
            member = makers.make_member(f"{uuid4().hex[:12]}-{number}")
            pk = str(makers.join(member, group, f"Quai {number}", "two_hours"))
            circle.members[pk] = member
            if notices and number % 2:
                circle.notified.add(member.email)
                curious.append(pk)
            number += 1
        made.append(circle)
    ask(WISHES, curious, [str(circle.group.pk) for circle in made])
    return made


def make_due(circles: list[Circle], seconds: float = 0) -> None:
    """In so many seconds their reminders are due. As the owner of the tables would: nobody is told of the change."""
    ask(DUE, seconds, [circle.meeting.pk for circle in circles])


def forget(mail_server) -> None:
    """And nothing is due any more, and each address is good again."""
    ask(LATER)
    ask("update groups_membership set address_refused = false where address_refused")
    ask("delete from meetings_reminder")
    ask("delete from meetings_wave")
    mail_server.empty()


def ask(query, *values, **named):
    """As the superuser. The rows of the answer, if there are any."""
    from tests import services

    with services.superuser() as cursor:
        cursor.execute(query, named or values or None)
        return cursor.fetchall() if cursor.description else None


def hours(circles: list[Circle]) -> dict[str, tuple[datetime, bool]]:
    """{meeting: (when it starts, whether it was called off)}"""
    return {key: (start, is_cancelled) for key, start, is_cancelled in ask(HOURS, [_key(circle) for circle in circles])}


def entitled(circles: list[Circle], without=lambda address: False) -> set[tuple[str, str, datetime]]:
    """{(address, subject, start)}: the reminders of everybody inside, if nothing changes any more."""
    found = hours(circles)
    return {
        (member.email, REMINDER, found[_key(circle)][0])
        for circle in circles
        for member in circle.members.values()
        if not found[_key(circle)][1] and not without(member.email)
    }


@dataclass
class Hour:
    """Of a meeting, from the moment at which the change that brought it began to that at which another one was over."""

    start: datetime
    is_cancelled: bool = False
    since: float = 0
    until: float = float("inf")

    @property
    def notice(self) -> str | None:
        return (CANCELLED if self.is_cancelled else CHANGED) if self.since else None

    @property
    def subjects(self) -> set[str | None]:
        """Of the mails that may announce it."""
        return {self.notice} if self.is_cancelled else {REMINDER, self.notice}

    def due(self, subject) -> float:
        return max(self.since, (self.start - TWO_HOURS).timestamp()) if subject == REMINDER else self.since


class History:
    """Who left when, and which hours each meeting had: written down around each change. A mail is right when it came
    before the change was over, or announces what held after it."""

    def __init__(self, circles: list[Circle]):
        self.circles = circles
        self.left: dict[str, float] = {}  # address -> when they were out
        self.circle_of = {member.email: circle for circle in circles for member in circle.members.values()}
        self.addresses = {pk: member.email for circle in circles for pk, member in circle.members.items()}
        self.hours = {key: [Hour(*found)] for key, found in hours(circles).items()}

    def leaves(self, address: str, act) -> None:
        act()
        self.left[address] = time.time()

    def changes(self, circle: Circle, act) -> None:
        begun = time.time()
        act()
        done, last = time.time(), self.hours[_key(circle)][-1]
        found = hours([circle])[_key(circle)]
        if found != (last.start, last.is_cancelled):
            last.until = done
            self.hours[_key(circle)].append(Hour(*found, since=begun))

    def wanted(self) -> set[tuple[str, str, datetime]]:
        """Of those who have stayed: the reminder of the last hour, and the notice of the last change. Who left may
        have had theirs before, and a notice that a later one overtook may have gone; nothing else may arrive."""
        notices = {
            (address, last.notice, last.start)
            for circle in self.circles
            for address in circle.notified - set(self.left)
            if (last := self.hours[_key(circle)][-1]).notice
        }
        return entitled(self.circles, lambda address: address in self.left) | notices

    def announced(self, mail) -> Hour | None:
        """What it says, if that ever held."""
        circle = self.circle_of.get(mail["to"])
        told = self.hours[_key(circle)] if circle else ()
        return next(
            (hour for hour in told if mail["subject"] in hour.subjects and _stands_in(mail, hour, circle)), None
        )

    def is_right(self, mail, hour) -> bool:
        if hour is None or mail["at"] > self.left.get(mail["to"], float("inf")):
            return False
        is_wanted = mail["subject"] == REMINDER or mail["to"] in self.circle_of[mail["to"]].notified
        return is_wanted and hour.since <= mail["at"] <= hour.until


def judge(history: History, mails: list[dict], wanted: set[tuple[str, str, datetime]]) -> Verdict:
    from django.utils import translation

    doubtful = {(history.addresses.get(pk), NOTICES.get(kind, REMINDER), start) for pk, kind, start in ask(DOUBTFUL)}
    with translation.override("fr"):
        announced = [(mail, history.announced(mail)) for mail in mails]
    copies = Counter((mail["to"], mail["subject"], hour and hour.start) for mail, hour in announced)
    known = [(mail, hour) for mail, hour in announced if hour]
    return Verdict(
        entitled=len(wanted),
        arrived=len(copies),
        lost=len({key for key in wanted if key not in copies} - doubtful),
        in_doubt=len(doubtful),
        duplicated=sum(count > 1 for count in copies.values()),
        most_copies=max(copies.values(), default=0),
        late=sum(mail["at"] > (hour.start - LATEST).timestamp() for mail, hour in known),
        wrong=sum(not history.is_right(*one) for one in announced),
        slowest=max((mail["at"] - hour.due(mail["subject"]) for mail, hour in known), default=0),
    )


def _key(circle: Circle) -> str:
    return str(circle.meeting.pk)


def _stands_in(mail, hour, circle) -> bool:
    from entraide.lib import times

    zone = circle.meeting.zone
    return f"{times.day(hour.start, zone)} à {times.clock(hour.start, zone)}," in mail["text"]
