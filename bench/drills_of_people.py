"""Drills of bench/reminder_faults.py in which people come, leave and change their plans, or everything stands still."""

import random
import time
from datetime import timedelta

from bench import entitled
from bench.drills import ONLY_REMINDERS, Drill, Drills

LEAVE, CANCEL, MOVE = "leave", "cancel", "move"
SHIFT = """
    update meetings_meeting set starts_at = starts_at - make_interval(hours => %(h)s),
        ends_at = ends_at - make_interval(hours => %(h)s),
        day_before_at = day_before_at - make_interval(hours => %(h)s);
    update meetings_reminder set starts_at = starts_at - make_interval(hours => %(h)s),
        due_at = due_at - make_interval(hours => %(h)s), next_try = next_try - make_interval(hours => %(h)s);
    update meetings_wave set starts_at = starts_at - make_interval(hours => %(h)s);
    update meetings_workerclock set at = at - make_interval(hours => %(h)s), since_boot = since_boot - 3600 * %(h)s;
"""


class People(Drills):
    """A set of people of its own for each drill: many of them are gone afterwards."""

    def __init__(self, place, members, minutes, seed=0, circles=10):
        self.dice = random.Random(seed)  # noqa: S311
        super().__init__(place, members, minutes, circles)

    def crowd(self, members: int):
        """In groups of twenty."""
        self.circles = entitled.make_circles(members // 20, 20)
        entitled.ask(ONLY_REMINDERS)

    def at_random(self, crowd=400, leaving=80, cancelled=3, moved=5):
        self.crowd(crowd)
        self.begin("unhurried")
        acts = [LEAVE] * leaving + [CANCEL] * cancelled + [MOVE] * moved
        self.dice.shuffle(acts)
        lives = self.lives()
        self.await_mails(1, 60)
        waits = [self.act(act) for act in acts]
        note = self.after(lives)
        self.after(self.lives())  # what was moved after the last tick
        wanted = entitled.entitled(self.circles, lambda address: address in self.history.left)
        longest = f"longest wait of who changed something {max(waits):.2f} s"
        return self.verdict(f"{note}; {longest}", wanted)

    def act(self, what) -> float:
        """How long it took, in seconds."""
        from meetings import exceptions
        from tests import makers

        circle = self.dice.choice(self.circles)
        begun = time.monotonic()
        if what == LEAVE:
            self.leave(circle)
        elif what == CANCEL:
            self.history.changes(circle, lambda: self.facilitate(circle, exceptions.cancel))
        else:
            self.history.changes(circle, lambda: self.move(circle, makers))
        took = time.monotonic() - begun
        time.sleep(self.dice.uniform(0, 0.1))
        return took

    def leave(self, circle):
        from tests import makers

        staying = [member for member in circle.members.values() if member.email not in self.history.left]
        member = self.dice.choice(staying)
        self.history.leaves(member.email, lambda: makers.leave(member, circle.group))

    def facilitate(self, circle, verb):
        from groups.confidentiality import enter_group_to_act
        from tests import makers

        with makers.as_person(circle.facilitator):
            inside = enter_group_to_act(circle.facilitator, circle.group.pk)
            circle.meeting.refresh_from_db()
            verb(inside, circle.meeting)

    def move(self, circle, makers):
        """By a few minutes, to another hour that is due, as the form would."""
        from entraide.lib.times import local

        with makers.as_person(circle.facilitator):
            circle.meeting.refresh_from_db()
        if circle.meeting.cancelled_at:
            return
        start = local(circle.meeting.starts_at - timedelta(minutes=self.dice.randrange(2, 9)), circle.meeting.zone)
        end = start + timedelta(minutes=90)
        words = {"on": start.date(), "starts": start.time().replace(second=0), "ends": end.time().replace(second=0)}
        makers.change_meeting(circle.facilitator, circle.group, circle.meeting, **words)

    def stopped_for_26_hours(self):
        """Half of the meetings begin in three hours, and are over afterwards; the others in a little more than 29."""
        self.begin()
        self.mail.stop()
        later = self.circles[1::2]
        self.due(later, 26 * 3600)
        self.cron()  # the rows of the first half are there, and could not be sent
        entitled.ask(SHIFT, h=26)
        self.history = entitled.History(self.circles)
        self.mail.start()
        note = self.after(self.lives())
        return self.verdict(note, entitled.entitled(later))


def every(place, given):
    for run in range(1, 5):
        yield Drill(
            f"400 reminders, people leave, cancel, move: run {run}",
            lambda run=run: People(place, given.members, given.minutes, run).at_random(),
        )
    yield Drill("everything stopped for 26 hours", lambda: People(place, given.members, 0).stopped_for_26_hours())
