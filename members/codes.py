"""Codes of six digits by mail: what allauth's pages of codes leave open, and the code that a person's own address gets
before their account is erased."""

import hmac
import time
from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.utils import passthrough_next_redirect_url
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from entraide.lib.crypto import derived_key, keyed_hash
from members import limits

TOO_OLD = _("This code is too old: it was good for 20 minutes. Ask for a new one.")
WRONG = _("This is not the code of the last message. Look at it again, or ask for a new one.")
USED_UP = _("Five codes in a row were wrong. Ask for a new one.")


def waiting_to_sign_in(session) -> dict | None:
    stages = session.get(LOGIN_SESSION_KEY, {}).get("state", {}).get("stages", {})
    return stages.get("login_by_code", {}).get("data")


def waiting_for_address(session) -> dict | None:
    return session.get(EMAIL_VERIFICATION_CODE_SESSION_KEY)


def taken_in_measure(waiting_in):
    """Around a page of allauth that takes a code. A code grown too old is said to be so; sending it again counts as
    sending; and five tries are five also when they come all at once, which the count in the session would miss."""

    def decorator(view):
        @wraps(view)
        def wrapped(request):
            waiting = waiting_in(request.session)
            if waiting and request.method == "POST" and (refusal := _refusal(request, waiting)):
                return refusal
            if waiting and _is_too_old(waiting):
                messages.error(request, TOO_OLD)
            return view(request)

        return wrapped

    return decorator


def _refusal(request, waiting):
    if request.POST.get("action") != "resend":
        return None if may_try(request, waiting) else respond_429(request)
    if limits.may_send_code(request, waiting["email"]):
        return None
    messages.error(request, limits.MANY_CODES)
    return redirect(passthrough_next_redirect_url(request, request.path, "next"))


def may_try(request, waiting: dict) -> bool:
    return limits.may(request, "code_try", key=f"{request.session.session_key} {waiting['at']}")


def _is_too_old(waiting):
    return time.time() - waiting["at"] > settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT


class OwnCode(AbstractCodeVerificationProcess):
    """Sent to the address of whoever is signed in: a telephone left open in other hands is not enough. The session
    keeps a keyed hash of it, with what the person had chosen before."""

    KEY = "own_code"

    def __init__(self, request, state):
        self.request = request
        tries, seconds = settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS, settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
        super().__init__(max_attempts=tries, timeout=seconds, state=state, user=request.user)

    @classmethod
    def start(cls, request, **chosen) -> None:
        process = cls(request, cls.initial_state(request.user) | {"chosen": chosen})
        process.send()
        process.persist()

    @classmethod
    def waiting(cls, request) -> "OwnCode | None":
        state = request.session.get(cls.KEY)
        return cls(request, state) if state else None

    @property
    def chosen(self) -> dict:
        return self.state["chosen"]

    def send(self) -> None:
        code = get_adapter().generate_login_code()
        self.state["mark"] = self._mark(code)
        get_adapter().send_mail("account/email/erase_code", self.user.email, {"code": code})

    def persist(self) -> None:
        self.request.session[self.KEY] = self.state

    def abort(self) -> None:
        """After the last try no code opens. What was chosen stays for the next one."""
        self.state["mark"] = ""
        self.persist()

    def trouble_with(self, typed: str) -> str:
        """Counts a try. Nothing when the code opens, else what to say beside the field."""
        if not self.is_valid():
            return TOO_OLD
        if not self.state["mark"] or not may_try(self.request, self.state):
            return USED_UP
        if hmac.compare_digest(self._mark(typed), self.state["mark"]):
            return ""
        return WRONG if self.record_invalid_attempt() else USED_UP

    def _mark(self, code):
        key = derived_key(settings.SECRET_KEY.encode(), "own code")
        return keyed_hash(key, self.user.pk, self.state["at"], normalize_user_code(code)).hex()
