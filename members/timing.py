"""Sign-in, sign-up and change of address take the same time whether an address is known here or not."""

import time

from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from django.conf import settings

PAGES = ("account_", "mfa_")  # the names of allauth's own
WAITING = (LOGIN_SESSION_KEY, EMAIL_VERIFICATION_CODE_SESSION_KEY)


class answers_alike:  # noqa: N801  (reads as the middleware beside it)
    """Holds an answer back until a constant time has passed; or, while a slow mail server takes longer than that, until
    the next whole multiple of it. It stands outside of the transaction and of the session:
    what they still write does not show either, and nothing is locked meanwhile.

    While a code is waited for, the pages that are only looked at are held back too: they look for its person. A refusal
    by a limit (429) depends on no address: it leaves at once, and keeps no thread for whoever asks without end.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = time.monotonic()
        response = self.get_response(request)
        step = getattr(request, "answer_after", None)
        if step and response.status_code != 429:
            time.sleep(step - (time.monotonic() - started) % step)
        return response

    def process_view(self, request, view, args, kwargs):
        if not request.resolver_match.view_name.startswith(PAGES):
            return
        if request.method == "POST":
            request.answer_after = settings.ANSWER_AFTER
        elif any(key in request.session for key in WAITING):
            request.answer_after = settings.PAGE_AFTER
