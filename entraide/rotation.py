"""Changing keys while people come and go. Each step can be stopped at any moment and run again.

The wrapping key: `begin` puts a new one into the key file, `rewrap` wraps what older ones wrap, `finish` takes those
out of the file. The keys of groups: `renew_group_keys`, a group at a time, each in one transaction.
Run as PostgreSQL's superuser (ENTRAIDE_ROLE=admin): the row policies show group keys to nobody else.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial

from allauth.mfa.models import Authenticator
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction

from entraide.lib.crypto import DoesNotOpen
from groups import own_keys, vault
from groups.models import (
    Decision,
    EntryRequest,
    Group,
    GroupClock,
    GroupKey,
    Membership,
    Notebook,
    Position,
    ShelfKey,
    StoryDraft,
    StoryKey,
)
from meetings.models import Meeting, Series

BATCH = 500
# Sealed under a group's key itself: model, column, and the name that is bound in (Keyring.seal).
SEALED = (
    (Membership, "sealed_name", "membership"),
    (Decision, "sealed", "decision"),
    (Position, "sealed", "position"),
    (Series, "sealed", "series"),
    (Meeting, "sealed", "meeting"),  # of one date alone; most have none
)
WRAPPED = ((ShelfKey, "wrapped", own_keys.SHELF_KEY),)  # keys that are sealed in the same way
SEALED_BY_THE_WEB = "groups_groupkey, groups_notebook, groups_entryrequest, groups_storydraft, mfa_authenticator"
SEALED_OF_A_FACTOR = ("secret", "seed")  # of an authenticator application, of recovery codes


class StillInUse(Exception):
    """An older wrapping key wraps something; `rewrap` has to run first."""


def begin() -> int:
    """The version of the new wrapping key. It exists in this machine's file only: copy the file to the others next."""
    vault.refuse_wrong_keys()
    return vault.add_wrapping_key()


def rewrap() -> Counter:
    """How many keys of groups and notebooks, second factors, requests and drafts were wrapped anew, or do not open."""
    vault.refuse_wrong_keys()
    vault.remember_keys()  # from here on, a file without the new key is refused
    done = Counter(_rewrap_one(row, vault.rewrap_group_key, "keys of groups") for row in _outdated_keys())
    done += Counter(_rewrap_one(row, own_keys.rewrap_notebook, "keys of notebooks") for row in _outdated_notebooks())
    done += Counter(_rewrap_one(row, _reseal_factor, "second factors") for row in _outdated_factors())
    done += Counter(_rewrap_one(row, _reseal_request, "requests to enter") for row in _outdated(EntryRequest))
    return done + Counter(_rewrap_one(row, _reseal_draft, "drafts") for row in _outdated(StoryDraft))


def finish() -> list[int]:
    """The versions that left the key file. Raises StillInUse."""
    vault.refuse_wrong_keys()
    with transaction.atomic(), connection.cursor() as cursor:
        # whoever is writing under an older key ends first, and is seen
        cursor.execute(f"lock table {SEALED_BY_THE_WEB} in share row exclusive mode")
        if _outdated_keys().exists() or _outdated_notebooks() or _outdated_factors():
            raise StillInUse
        if _outdated(EntryRequest) or _outdated(StoryDraft):
            raise StillInUse
    dropped = vault.drop_former_wrapping_keys()
    vault.remember_keys()
    return dropped


def renew_group_keys(before: date, told: Callable[[int, int], None]) -> int:
    """Give a new key to every group whose newest one was made before this day; `told(done, all)` after each.

    Returns how many rows did not open. They were left as they are, and the former keys of their groups with them.
    """
    vault.refuse_wrong_keys()
    fresh = GroupKey.objects.filter(made_on__gte=before).values("group")
    keyed = Group.objects.filter(pk__in=GroupKey.objects.values("group"))  # a group that awaits its people has no key
    groups = list(keyed.exclude(pk__in=fresh).order_by("pk").values_list("pk", flat=True))
    closed = 0
    for done, pk in enumerate(groups, 1):
        while (rows := _renew_key_of(pk)) is None:
            pass  # somebody entered between our two locks
        closed += rows
        told(done, len(groups))
    return closed


def _outdated_keys():
    return GroupKey.objects.filter(wrapping_key_version__lt=vault.wrapping_versions()[-1])


def _outdated_notebooks():
    return [row for row in Notebook.objects.all() if own_keys.is_outdated(row)]


def _outdated_factors():
    return [row for row in Authenticator.objects.all() if any(map(vault.is_outdated, _sealed_of(row).values()))]


def _outdated(model):
    return [row for row in model.objects.all() if vault.is_outdated(row.sealed)]


def _sealed_of(factor):
    return {name: value for name, value in factor.data.items() if name in SEALED_OF_A_FACTOR}


@transaction.atomic
def _rewrap_one(row, wrap_anew, kind):
    try:
        row.refresh_from_db(from_queryset=type(row).objects.select_for_update())
        wrap_anew(row)
        row.save(force_update=True)
    except ObjectDoesNotExist:
        return "gone meanwhile"
    except DoesNotOpen:
        return f"{kind} that do not open"
    return kind


def _reseal_factor(factor):
    for name, sealed in _sealed_of(factor).items():
        factor.data[name] = vault.seal_second_factor(vault.open_second_factor(sealed))


def _reseal_request(request):
    request.sealed = vault.seal_request(request.pk, request.group_id, vault.open_request(request))


def _reseal_draft(draft):
    draft.sealed = vault.seal_draft(draft.pk, draft.group_id, vault.open_draft(draft))


@transaction.atomic
def _renew_key_of(group_id):
    """Whoever acts in the group holds their membership, then its clock; whoever enters holds the clock. We take both in
    that order, and wait for them as they for us. Readers go on: they read the keys again when they meet a version that
    is new to them (vault.Keyring). Returns how many rows did not open, None when it has to be tried again."""
    people = Membership.objects.filter(group_id=group_id).order_by("pk").values_list("pk", flat=True)
    held = list(people.select_for_update())
    list(GroupClock.objects.select_for_update().filter(pk=group_id))
    if set(people) - set(held):
        return None
    keys = GroupKey.objects.filter(group_id=group_id).order_by("version")
    former = list(keys)
    new = vault.new_group_key(group_id, former[-1].version + 1)
    new.save(force_insert=True)
    keyring = vault.Keyring(group_id, keys.values_list("version", "wrapping_key_version", "wrapped"))
    closed = _reseal(keyring, group_id)
    if not closed:
        keys.filter(pk__in=[key.pk for key in former]).delete()
    return closed


def _reseal(keyring, group_id):
    closed = _anew(StoryKey, group_id, keyring.rewrap, ["wrapped", "group_key_version"])
    for model, column, table in (*SEALED, *WRAPPED):
        closed += _anew(model, group_id, partial(_sealed_anew, keyring, column, table), [column])
    return closed


def _sealed_anew(keyring, column, table, row):
    setattr(row, column, keyring.seal(keyring.open(getattr(row, column), table, row.pk), table, row.pk))


def _anew(model, group_id, seal_anew, columns):
    """How many rows of this group did not open."""
    opened, closed = [], 0
    for row in model.objects.filter(group_id=group_id).exclude(**{columns[0]: None}):
        try:
            seal_anew(row)
        except DoesNotOpen:
            closed += 1
        else:
            opened.append(row)
    model.objects.bulk_update(opened, columns, batch_size=BATCH)
    return closed
