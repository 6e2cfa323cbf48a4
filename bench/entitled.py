"""Groups with a meeting that is due, and the judge: what arrived, beside who was to be told of what at that moment.

A reminder is known by its recipient and its Date, which is the moment it was due: two hours before the hour that it
announces. Hours are read from the table of meetings, past every policy, never from the ledger.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import uuid4

TWO_HOURS, LATEST = timedelta(hours=2), timedelta(minutes=5)
DUE = """
    update meetings_meeting set starts_at = moment, ends_at = moment + interval '90 minutes',
        day_before_at = moment - interval '1 day'
    from (select date_trunc('second', now()) + interval '2 hours' + make_interval(secs => %s) as moment) as hour
    where id = any(%s)
"""
HOURS = "select id::text, starts_at from meetings_meeting where cancelled_at is null and id = any(%s)"
STATES = "select membership_id::text, starts_at - interval '2 hours', state from meetings_reminder"


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
    ask("delete from meetings_reminder")
    mail_server.empty()


def ask(query, *values, **named):
    """As the superuser. The rows of the answer, if there are any."""
    from tests import services

    with services.superuser() as cursor:
        cursor.execute(query, named or values or None)
        return cursor.fetchall() if cursor.description else None


def hours(circles: list[Circle]) -> dict[str, datetime]:
    """{meeting: when it starts}; those that were called off are not among them."""
    return dict(ask(HOURS.replace("any(%s)", "any(%s::uuid[])"), [str(circle.meeting.pk) for circle in circles]))


def entitled(circles: list[Circle], without=lambda address: False) -> dict[tuple, datetime]:
    """{(address, due): the start} of everybody inside, if nothing changes any more."""
    starts = hours(circles)
    return {
        (member.email, starts[key] - TWO_HOURS): starts[key]
        for circle in circles
        for member in circle.members.values()
        if (key := str(circle.meeting.pk)) in starts and not without(member.email)
    }


def judge(circles, mails, wanted: dict[tuple, datetime], is_right=None) -> Verdict:
    """`is_right(address, due, at)` is asked for each mail; by default it has to be one of those wanted."""
    is_right = is_right or (lambda address, due, at: (address, due) in wanted)
    addresses = {pk: member.email for circle in circles for pk, member in circle.members.items()}
    doubtful = {(addresses.get(pk), due) for pk, due, state in ask(STATES) if state == "in_doubt"}
    arrived = [(to, parsedate_to_datetime(mail["date"]).astimezone(UTC), mail["at"]) for mail in mails for to in mail["to"]]
    copies = Counter((to, due) for to, due, _ in arrived)
    missing = {key for key in wanted if key not in copies}
    return Verdict(
        entitled=len(wanted),
        arrived=len(copies),
        lost=len(missing - doubtful),
        in_doubt=len(doubtful),
        duplicated=sum(count > 1 for count in copies.values()),
        most_copies=max(copies.values(), default=0),
        late=sum(at > (due + TWO_HOURS - LATEST).timestamp() for _, due, at in arrived),
        wrong=sum(not is_right(*one) for one in arrived),
        slowest=max((at - due.timestamp() for _, due, at in arrived), default=0),
    )


@dataclass
class History:
    """Who left when, and which hour each meeting had: written down around each change. A mail is right when it came
    before the change was over, or announces what held after it."""

    left: dict[str, float] = field(default_factory=dict)  # address -> when they were out
    hours: dict[str, list] = field(default_factory=dict)  # meeting -> [(from, until, due or None)]

    def begin(self, circles) -> None:
        for key, start in hours(circles).items():
            self.hours[key] = [(0, float("inf"), start - TWO_HOURS)]

    def leaves(self, address: str, act) -> None:
        act()
        self.left[address] = time.time()

    def changes(self, circle: Circle, act) -> None:
        begun = time.time()
        act()
        now, key = hours([circle]), str(circle.meeting.pk)
        since, _, due = self.hours[key].pop()
        start = now.get(key)
        self.hours[key] += [
            (since, time.time(), due),
            (begun, float("inf"), start and start - TWO_HOURS),
        ]

    def is_right(self, circles):
        meeting_of = {
            member.email: str(circle.meeting.pk) for circle in circles for member in circle.members.values()
        }

        def answer(address, due, at):
            if address not in meeting_of or at > self.left.get(address, float("inf")):
                return False
            return any(since <= at <= until and due == hour for since, until, hour in self.hours[meeting_of[address]])

        return answer
