"""The long visit, step by step. A new feature adds its step to visits.py and one line here, its marks to marks.py."""

from tests.canaries import dates, mishaps, reminding, visits
from tests.canaries.marks import address
from tests.canaries.scene import Scene
from tests.canaries.sinks import superuser
from tests.mailbox import wait_for_mail


def look_into_every_sink(scene):
    """While everything is still there, and the reminder has been sent."""
    wait_for_mail(address("address of Malik"), "Rappel de rendez-vous", within=40)
    with superuser() as cursor:
        cursor.execute("analyze")  # PostgreSQL keeps samples of what it holds: sooner or later, so now
    scene.sinks.look()


def look_at_what_remains(scene):
    scene.remains = scene.sinks.look()


STEPS = [
    visits.sign_up,
    visits.be_unknown,
    visits.propose_a_group,
    visits.open_the_group,
    visits.join,
    visits.ask_to_enter,
    visits.note_who_they_are,
    visits.search,
    visits.write_a_story,
    visits.keep_drafts,
    visits.read_it,
    visits.look_for_an_echo,
    visits.change_it,
    visits.write_in_the_notebook,
    visits.put_on_the_shelf,
    visits.decide,
    visits.schedule,
    visits.ask_somebody_to_take_over,
    reminding.be_reminded,
    visits.come_to_the_meeting,
    dates.look_for_one,
    mishaps.get_lost,
    mishaps.send_nonsense,
    mishaps.hang_up,
    mishaps.break_while_writing,
    mishaps.break_while_reading,
    look_into_every_sink,
    reminding.stop_by_the_link,
    mishaps.break_while_reminding,
    visits.withdraw,
    visits.leave,
    visits.sign_out,
    look_at_what_remains,
]


def play(scene: Scene) -> None:
    for step in STEPS:
        step(scene)
