"""What mail somebody wants beside their sign-in codes: chosen for all their groups at once, and stopped at once."""

from datetime import timedelta
from uuid import UUID

from entraide.lib.days import today
from entraide.lib.sql import answer
from groups import asking, belonging, founding, own_keys
from groups.confidentiality import Inside, own_memberships
from groups.models.membership import KINDS_OF_MAIL, this_month

ASKED_EVERY = timedelta(days=182)


def choose(member, wishes: dict[UUID, dict[str, bool]], **of_the_person: object) -> None:
    """`wishes`: the columns of a membership, by group; a group that is not named stays as it is. `of_the_person`:
    columns of the member. Whoever chooses says that the address is good: one that was refused is tried again."""
    member.hold()
    for column, value in of_the_person.items():
        setattr(member, column, value)
    member.save(update_fields=of_the_person)
    memberships = list(own_memberships(member).select_for_update())
    for membership in memberships:
        for column, wanted in wishes.get(membership.group_id, {}).items():
            setattr(membership, column, wanted)
    own_memberships(member).bulk_update(memberships, KINDS_OF_MAIL)
    own_memberships(member).update(asked_on=this_month())
    belonging.keep_address(member)
    founding.keep_address(member)
    asking.keep_address(member)


def stop_everything(member) -> None:
    """Sign-in codes still come: without them nobody could come back."""
    groups = own_memberships(member).values_list("group_id", flat=True)
    choose(member, {group: dict.fromkeys(KINDS_OF_MAIL, False) for group in groups}, notices=False)
    asking.tell_by_mail(member, wanted=False)
    asking.want_no_reminders(member)


def stop_one(token: str) -> None:
    """Of the membership in whose mails this link stands. Another token stops nothing; nobody learns which it was."""
    answer("select app.stop_reminders(%s)", own_keys.stop_hash(token))


def is_asked(insides: list[Inside]) -> bool:
    """Whether it is time to ask if a mail is still a good way to reach this person: half a year since they last said
    so. Joining a group with reminders says it too."""
    asked = [inside.membership.asked_on for inside in insides if inside.membership.wants_mail]
    return bool(asked) and max(asked) + ASKED_EVERY <= today()


def still_good(member) -> None:
    """The address too, should it have been refused: it is tried again."""
    own_memberships(member).update(asked_on=this_month(), address_refused=False)


def is_refused(insides: list[Inside]) -> bool:
    """Whether the mail server knows no such address as this person's."""
    return any(inside.membership.address_refused for inside in insides)
