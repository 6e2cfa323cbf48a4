"""Coming and going: joining under a name, and leaving without a reason."""

from functools import partial
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction

from entraide.lib.days import today
from entraide.lib.sql import answer
from groups import charter, vault
from groups.confidentiality import Inside, enter_every_group_to_leave, own_memberships, own_stories
from groups.models import CharterAcceptance, Group
from groups.telling import leave_behind, withdraw


class NameTaken(Exception):
    """Somebody in the group has this name, or one that looks like it."""


class AlreadyInside(Exception):
    """The person is a member of this group."""


def is_name_free(group: Group, name: str) -> bool:
    return _asked("select app.is_name_free(%s, %s)", group.pk, vault.name_mark(group.pk, name))[0][0]


def join(member, group: Group, *, name: str, reminders: str) -> UUID:
    """Enter a group that is open to this person. Raises NameTaken or AlreadyInside."""
    member.hold()
    membership_id = uuid4()
    keys = partial(_asked, "select * from app.keys_to_enter(%s)", group.pk)
    keyring = vault.Keyring(group.pk, keys(), renew=keys)
    try:
        with transaction.atomic():
            _asked(
                "select app.enter_group(%s, %s, %s, %s, %s, %s, %s, %s)",
                group.pk,
                membership_id,
                vault.name_mark(group.pk, name),
                keyring.seal_name(membership_id, name),
                _sealed_address(membership_id, member),
                reminders,
                charter.version_of(group),
                today(),
            )
    except IntegrityError as error:
        raise _reason(error) from None
    return membership_id


def accept_charter(inside: Inside) -> None:
    """As it is today. Accepted twice, it is accepted."""
    row = CharterAcceptance(group=inside.group, membership=inside.membership, version=charter.version_of(inside.group))
    CharterAcceptance.objects.bulk_create([row], ignore_conflicts=True)


def choose_reminders(inside: Inside, reminders: str) -> None:
    inside.membership.reminders = reminders
    inside.membership.save(update_fields=["reminders"])


def keep_address(member) -> None:
    """The person's address, language and time zone have changed: sealed anew wherever a reminder may look for them. The
    member must be held, so that nobody joins with the former ones meanwhile."""
    memberships = own_memberships(member).select_for_update()
    for membership in memberships:
        membership.sealed_address = _sealed_address(membership.pk, member)
    memberships.bulk_update(memberships, ["sealed_address"])


def leave(inside: Inside, *, keep_stories: bool) -> None:
    """At once. Replies, resonances, terms and reminders go with the row; stories go or stay as the person chose."""
    hold_clocks([inside.group.pk])
    for story in own_stories(inside):
        leave_behind(inside.keyring, story) if keep_stories else withdraw(story)
    inside.membership.delete()


def leave_every_group(member, *, keep_stories: bool) -> None:
    insides = enter_every_group_to_leave(member)
    hold_clocks(inside.group.pk for inside in insides)
    for inside in insides:
        leave(inside, keep_stories=keep_stories)


def hold_clocks(group_ids) -> None:
    """Whoever takes away what others hung on their stories does so alone in a group. Always in the same order, so that
    two people who leave the same groups cannot wait for each other."""
    for group_id in sorted(group_ids):
        answer("select app.tick(%s)", group_id)


def _sealed_address(membership_id, member):
    return vault.seal_address(membership_id, member.email, member.language, member.time_zone)


def _reason(error):
    constraint = error.__cause__.diag.constraint_name
    if constraint == "one_membership_per_name_in_group":
        return NameTaken()
    if constraint == "one_membership_per_person_and_group":
        return AlreadyInside()
    return error


def _asked(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
