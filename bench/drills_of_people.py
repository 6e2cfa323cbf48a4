"""Drills of bench/reminder_faults.py in which people come, leave and change their plans, or everything stands still."""

import random
import time
from datetime import timedelta

from bench import entitled
from bench.drills import Drill, Drills

LEAVE, CANCEL, MOVE = "leave", "cancel", "move"
TICKS = 6
FICKLE = 5  # groups in which plans change, and change again before everybody has learned of it
AGO = "(starts_at - make_interval(hours => %(h)s))"
SHIFT = f"""
    update meetings_meeting set {entitled.AT.format(AGO)};
    update meetings_reminder set starts_at = starts_at - make_interval(hours => %(h)s),
        due_at = due_at - make_interval(hours => %(h)s), next_try = next_try - make_interval(hours => %(h)s);
    update meetings_wave set starts_at = starts_at - make_interval(hours => %(h)s);
    update meetings_workerclock set at = at - make_interval(hours => %(h)s), since_boot = since_boot - 3600 * %(h)s;
"""


class People(Drills):
    """A set of people of its own for each drill: many of them are gone afterwards."""

    notices = True

    def __init__(self, place, members, circles=10, seed=0):
        self.dice = random.Random(seed)  # noqa: S311
        super().__init__(place, members, 0, circles)

    def at_random(self, leaving=80, cancelled=4, moved=16):
        self.begin("unhurried")
        acts = [LEAVE] * leaving + [CANCEL] * cancelled + [MOVE] * moved
        self.dice.shuffle(acts)
        ticks, waits = [self.lives(rounds=1)], []
        self.await_mails(1, 60)
        for number, act in enumerate(acts, 1):
            waits.append(self.act(act))
            if number % (len(acts) // TICKS) == 0:  # members learn of the changes so far, while there are others
                ticks.append(self.lives(rounds=1))
        for tick in ticks:
            self.after(tick)
        note = self.after(self.lives())  # what was changed after the last tick, or put off
        wanted = self.history.wanted()
        notices = sum(subject != entitled.REMINDER for _, subject, _ in wanted)
        note = f"{note}; {notices} of them notices; longest wait of who changed something {max(waits):.2f} s"
        return self.verdict(note, wanted)

    def act(self, what) -> float:
        """How long it took, in seconds."""
        from meetings import exceptions
        from tests import makers

        circle = self.dice.choice(self.circles[:FICKLE] if what == MOVE else self.circles)
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
            verb(inside, circle.meeting, version=circle.meeting.version)

    def move(self, circle, makers):
        """By a few minutes, to another hour that is due, as the form would."""
        from entraide.lib.times import local

        with makers.as_person(circle.facilitator):
            circle.meeting.refresh_from_db()
        if circle.meeting.cancelled_at:
            return
        start = local(circle.meeting.starts_at - timedelta(minutes=self.dice.randrange(2, 9)), circle.meeting.zone)
        last = start.replace(hour=23, minute=59, second=0)  # it ends on the day on which it begins
        start = min(start.replace(second=0), last - timedelta(minutes=1))
        end = min(start + timedelta(minutes=90), last)
        words = {"on": start.date(), "starts": start.time(), "ends": end.time()}
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
            lambda run=run: People(place, 400, 20, run).at_random(),
        )
    yield Drill("everything stopped for 26 hours", lambda: People(place, given.members).stopped_for_26_hours())
