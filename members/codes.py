"""Codes of six digits by mail: what allauth's pages of codes leave open, and the code that a person's own address gets
before their account is erased."""

import hmac
import time
from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.flows.signup import send_unknown_account_mail
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, clear_login
from allauth.account.utils import passthrough_next_redirect_url
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from entraide.lib.crypto import derived_key, keyed_hash
from members import limits
from members.models import Member

TOO_OLD = _("This code is too old: it was good for 20 minutes. Ask for a new one.")
WRONG = _("This is not the code of the last message. Look at it again, or ask for a new one.")
USED_UP = _("Five codes in a row were wrong. Ask for a new one.")


def waiting_to_sign_in(session) -> dict | None:
    stages = session.get(LOGIN_SESSION_KEY, {}).get("state", {}).get("stages", {})
    return stages.get("login_by_code", {}).get("data")


def waiting_for_address(session) -> dict | None:
    return session.get(EMAIL_VERIFICATION_CODE_SESSION_KEY)


def taken_in_measure(waiting_in):
    """Around a page of allauth that takes a code. A code grown too old is said to be so, and so is one for an address
    that the account no longer has. Sending it again counts as sending, and an address that nobody has gets its message
    again too. Five tries are five also when they come all at once, which the count in the session would miss."""

    def decorator(view):
        @wraps(view)
        def wrapped(request):
            _forget_what_was_given_up(request)
            waiting = waiting_in(request.session)
            if not waiting:
                return view(request)
            if _has_another_address(request, waiting):
                clear_login(request)
                messages.error(request, TOO_OLD)
                return redirect("account_login")
            if request.method == "POST" and (refusal := _refusal(request, waiting)):
                return refusal
            if _is_too_old(waiting):
                messages.error(request, TOO_OLD)
            sent = waiting["resend_count"]
            response = view(request)
            again = (waiting_in(request.session) or waiting)["resend_count"] > sent
            return _to_nobody_too(response, waiting, waiting_in) if again else response

        return wrapped

    return decorator


def _forget_what_was_given_up(request):
    """Signing out forgets the stage, and with it a real address; of an address that has an account something would
    remain, and tell."""
    if request.user.is_anonymous and LOGIN_SESSION_KEY not in request.session:
        request.session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None)


def _refusal(request, waiting):
    if request.POST.get("action") != "resend":
        return None if may_try(request, waiting) else respond_429(request)
    if limits.may_send_code(request, waiting["email"]):
        return None
    messages.error(request, limits.MANY_CODES)
    return redirect(passthrough_next_redirect_url(request, request.path, "next"))


def _has_another_address(request, waiting):
    pk = request.session.get(LOGIN_SESSION_KEY, {}).get("user_pk")
    if request.user.is_authenticated or not pk:
        return False
    return not Member.objects.filter(pk=pk, email=waiting["email"].lower()).exists()


def _to_nobody_too(response, waiting, waiting_in):
    """allauth sends nothing again to an address without an account here, or with another one: that would tell."""
    if waiting.get("user_id") and not waiting.get("account_already_exists"):
        return response
    if waiting_in is waiting_to_sign_in:
        send_unknown_account_mail(context.request, waiting["email"])
    else:
        get_adapter().send_account_already_exists_mail(waiting["email"])
    return response


def may_try(request, waiting: dict) -> bool:
    return limits.may(request, "code_try", key=f"{request.session.session_key} {waiting['at']}")


def _is_too_old(waiting):
    return time.time() - waiting["at"] > settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT


class OwnCode(AbstractCodeVerificationProcess):
    """Sent to the address of whoever is signed in, before it changes or the account is erased: a telephone left open in
    other hands is not enough. The session keeps a keyed hash of it, with what the person had chosen before."""

    KEY = "own_code"

    def __init__(self, request, state):
        self.request = request
        tries, seconds = settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS, settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT
        super().__init__(max_attempts=tries, timeout=seconds, state=state, user=request.user)

    @classmethod
    def start(cls, request, purpose: str, **chosen) -> None:
        """The mail is templates/account/email/<purpose>_code_*."""
        process = cls(request, cls.initial_state(request.user) | {"purpose": purpose, "chosen": chosen})
        process.send()
        process.persist()

    @classmethod
    def waiting(cls, request, purpose: str) -> "OwnCode | None":
        state = request.session.get(cls.KEY)
        return cls(request, state) if state and state["purpose"] == purpose else None

    @property
    def chosen(self) -> dict:
        return self.state["chosen"]

    def send(self) -> None:
        code = get_adapter().generate_login_code()
        self.state["mark"] = self._mark(code)
        get_adapter().send_mail(f"account/email/{self.state['purpose']}_code", self.user.email, {"code": code})

    def persist(self) -> None:
        self.request.session[self.KEY] = self.state

    def abort(self) -> None:
        """After the last try no code opens. What was chosen stays for the next one."""
        self.state["mark"] = ""
        self.persist()

    def opens_with(self, form) -> bool:
        """Says beside the field what the trouble is. Opens once."""
        if trouble := self.trouble_with(form.cleaned_data["code"]):
            form.add_error("code", trouble)
        else:
            del self.request.session[self.KEY]
        return not trouble

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
