"""Coming and going: joining under a name, and leaving without a reason."""

from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction

from entraide.lib.days import today
from entraide.lib.sql import answer
from groups import charter, vault
from groups.confidentiality import Inside, own_stories
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
    membership_id = uuid4()
    keyring = vault.Keyring(group.pk, _asked("select * from app.keys_to_enter(%s)", group.pk))
    try:
        with transaction.atomic():
            _asked(
                "select app.enter_group(%s, %s, %s, %s, %s, %s, %s, %s)",
                group.pk,
                membership_id,
                vault.name_mark(group.pk, name),
                keyring.seal_name(membership_id, name),
                vault.seal_address(membership_id, member.email, member.language, member.time_zone),
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


def leave(inside: Inside, *, keep_stories: bool) -> None:
    """At once. Replies, resonances, terms and reminders go with the row; stories go or stay as the person chose."""
    answer("select app.tick(%s)", inside.group.pk)  # whoever takes over from us waits, or has done so
    for story in own_stories(inside):
        leave_behind(inside, story) if keep_stories else withdraw(story)
    inside.membership.delete()


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
