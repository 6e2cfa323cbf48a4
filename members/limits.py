"""How often something may be done. A limit slows whoever tries addresses or pours out words; it must not shut anybody
out of their own account. So codes are counted by network and address together, and by the address alone only up to a
high ceiling, against the flooding of a mailbox: several networks together could make its owner wait, for an hour.
The rates stand in settings (ACCOUNT_RATE_LIMITS; of searches below), the counts in the cache.
"""

from contextlib import suppress
from logging import ERROR

from allauth.core import context
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from entraide.lib.logs import log

KNOWN_FOR = 30 * 24 * 3600  # seconds
SEARCHES = 60  # a minute, of one network
AS_LONG_AS_MAIL_TAKES = MaxLengthValidator(254)  # characters: RFC 5321, and the width of the columns
# What goes on without a count while the cache is away: somebody's words, the way to stop mail, a mail to oneself. All
# else waits until it is back (entraide/middleware.py, counted_first): a code, a try of one, a name at the door of a
# group could otherwise be guessed without end.
UNCOUNTED = {"write", "draft", "propose", "echo", "stop_mail", "own_code"}
MANY_CODES = _("Several messages were asked for with this address. Look at the mailbox, or try again in a few minutes.")
MANY_TIMES = _("You have sent a lot in a short time. Everything is still here. Wait a little, then send it again.")


def may(request, action: str, *, key: str | None = None) -> bool:
    """Counts one more of it. Beyond the limit nothing is counted, so that waiting helps. While the cache is away this
    raises RedisError, or counts nothing: see UNCOUNTED."""
    try:
        return bool(ratelimit.consume(request, app="allauth.account", action=action, key=key, limit_get=True))
    except RedisError as trouble:
        if action not in UNCOUNTED:
            raise
        return _uncounted(trouble)


def may_search(request) -> bool:
    """A counter for each network and minute, without the lock of `may`: that would cost a tenth of the page."""
    key = f"searches from {ratelimit.get_ip(request)}"
    try:
        return cache.incr(key) <= SEARCHES
    except ValueError:  # the first of its minute
        cache.add(key, 1, 60)
        return True
    except RedisError as trouble:
        return _uncounted(trouble)


def _uncounted(trouble):
    log("nothing is counted", ERROR, exception=type(trouble).__name__)
    return True


def in_measure(request, form, action: str) -> bool:
    """The same for a form: beyond the limit it says so, with everything typed still in it."""
    if may(request, action):
        return True
    form.add_error(None, MANY_TIMES)
    return False


def may_send_code(request, address: str) -> bool:
    pair = from_here(request, address)
    if not may(request, "code_from_here", key=pair):
        return False
    return _came_in_from_here(pair) or may(request, "code_to_address", key=address.lower())


def remember_the_way_in(request, address: str) -> None:
    """Whoever has signed in from this network is not kept out by what others ask for with their address."""
    with suppress(RedisError):
        cache.set(f"came in {from_here(request, address)}", True, KNOWN_FOR)


def _came_in_from_here(pair):
    try:
        return bool(cache.get(f"came in {pair}"))
    except RedisError:
        return False


def from_here(request, address: str) -> str:
    """The network is the address of the visitor, of which IPv6 keeps the first 48 bits."""
    return f"{ratelimit.get_ip(request)} {address.lower()}"


class AsksForCode:
    """A form whose address gets a message. Known and unknown addresses are counted alike."""

    address_field = "email"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields[self.address_field].validators.append(AS_LONG_AS_MAIL_TAKES)

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not may_send_code(context.request, self.cleaned_data[self.address_field]):
            self.add_error(self.address_field, MANY_CODES)
        return cleaned
