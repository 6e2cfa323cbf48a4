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
REMINDER = "Rappel de rendez-vous"  # its subject; that of a notice is another one
DUE = """
    update meetings_meeting set starts_at = moment, ends_at = moment + interval '90 minutes',
        day_before_at = moment - interval '1 day'
    from (select date_trunc('second', now()) + interval '2 hours' + make_interval(secs => %s) as moment) as hour
    where id = any(%s)
"""
LATER = """
    update meetings_meeting set starts_at = starts_at + interval '20 days', ends_at = ends_at + interval '20 days',
        day_before_at = day_before_at + interval '20 days', notice_at = null
    where starts_at < now() + interval '2 days'
"""
HOURS = "select id::text, starts_at from meetings_meeting where cancelled_at is null and id = any(%s::uuid[])"
DOUBTFUL = "select membership_id::text, starts_at from meetings_reminder where state = 'in_doubt'"


@dataclass
class Circle:
    group: object
    facilitator: object
    meeting: object
    members: dict = field(default_factory=dict)  # {membership id: Member}


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


def make_circles(circles: int, members: int, kind="two_hours", **fields) -> list[Circle]:
    """Everybody has joined through the verbs of the site. Addresses end in a number, so that a mail server can pick."""
    from tests import makers

    made, number = [], 0
    for _ in range(circles):
        facilitator = makers.make_member(f"facilitator-{uuid4().hex[:12]}")
        group = makers.make_group(facilitator, "Phare vert", name=f"Cercle {uuid4().hex[:12]}", size_max=members + 2)
        makers.make_series(facilitator, group, rhythm="once")
        circle = Circle(group, facilitator, makers.first_meeting(facilitator, group))
        for _ in range(members):
            member = makers.make_member(f"{uuid4().hex[:12]}-{number}", **fields)
            circle.members[str(makers.join(member, group, f"Quai {number}", kind))] = member
            number += 1
        made.append(circle)
    return made


def make_due(circles: list[Circle], seconds: float = 0) -> None:
    """In so many seconds their reminders are due. As the owner of the tables would: nobody is told of the change."""
    ask(DUE, seconds, [circle.meeting.pk for circle in circles])


def forget(mail_server) -> None:
    """And nothing is due any more, and each address is good again."""
    ask(LATER)
    ask("update groups_membership set address_refused_at = null where address_refused_at is not null")
    ask("delete from meetings_reminder")
    ask("delete from meetings_wave")
    mail_server.empty()


def ask(query, *values, **named):
    """As the superuser. The rows of the answer, if there are any."""
    from tests import services

    with services.superuser() as cursor:
        cursor.execute(query, named or values or None)
        return cursor.fetchall() if cursor.description else None


def hours(circles: list[Circle]) -> dict[str, datetime]:
    """{meeting: when it starts}; those that were called off are not among them."""
    return dict(ask(HOURS, [str(circle.meeting.pk) for circle in circles]))


def entitled(circles: list[Circle], without=lambda address: False) -> set[tuple[str, datetime]]:
    """{(address, start)} of everybody inside, if nothing changes any more."""
    starts = hours(circles)
    return {
        (member.email, starts[key])
        for circle in circles
        for member in circle.members.values()
        if (key := str(circle.meeting.pk)) in starts and not without(member.email)
    }


class History:
    """Who left when, and which hour each meeting had: written down around each change. A mail is right when it came
    before the change was over, or announces what held after it."""

    def __init__(self, circles: list[Circle]):
        self.left: dict[str, float] = {}  # address -> when they were out
        self.circle_of = {member.email: circle for circle in circles for member in circle.members.values()}
        self.addresses = {pk: member.email for circle in circles for pk, member in circle.members.items()}
        starts = hours(circles)
        self.hours = {key: [(0, float("inf"), start)] for key, start in starts.items()}  # [(since, until, start)]

    def leaves(self, address: str, act) -> None:
        act()
        self.left[address] = time.time()

    def changes(self, circle: Circle, act) -> None:
        begun = time.time()
        act()
        now, key = hours([circle]), str(circle.meeting.pk)
        since, _, start = self.hours[key].pop()
        self.hours[key] += [(since, time.time(), start), (begun, float("inf"), now.get(key))]

    def announced(self, mail) -> datetime | None:
        """The hour that stands in it, if its meeting ever had it."""
        from entraide.lib import times

        circle = self.circle_of.get(mail["to"])
        zone = circle and circle.meeting.zone
        for _, _, start in self.hours[str(circle.meeting.pk)] if circle else ():
            if start and times.day(start, zone) in mail["text"] and times.clock(start, zone) in mail["text"]:
                return start
        return None

    def is_right(self, mail, start) -> bool:
        if start is None or mail["at"] > self.left.get(mail["to"], float("inf")):
            return False
        told = self.hours[str(self.circle_of[mail["to"]].meeting.pk)]
        if mail["subject"] != REMINDER:
            return len(told) > 1 and mail["at"] > told[1][0]
        return any(since <= mail["at"] <= until and start == hour for since, until, hour in told)


def judge(history: History, mails: list[dict], wanted: set[tuple[str, datetime]]) -> Verdict:
    from django.utils import translation

    doubtful = {(history.addresses.get(pk), start) for pk, start in ask(DOUBTFUL)}
    with translation.override("fr"):
        announced = [(mail, history.announced(mail)) for mail in mails]
    reminders = [(mail, start) for mail, start in announced if mail["subject"] == REMINDER]
    copies = Counter((mail["to"], start) for mail, start in reminders)
    copies_of_notices = Counter(mail["id"] for mail in mails if mail["subject"] != REMINDER)
    times = [*copies.values(), *copies_of_notices.values()]
    return Verdict(
        entitled=len(wanted),
        arrived=len(copies),
        lost=len({key for key in wanted if key not in copies} - doubtful),
        in_doubt=len(doubtful),
        duplicated=sum(count > 1 for count in times),
        most_copies=max(times, default=0),
        late=sum(mail["at"] > (start - LATEST).timestamp() for mail, start in announced if start),
        wrong=sum(not history.is_right(*one) for one in announced),
        slowest=max((mail["at"] - (start - TWO_HOURS).timestamp() for mail, start in reminders if start), default=0),
    )
