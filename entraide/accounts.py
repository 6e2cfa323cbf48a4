"""What a new address of a person changes: it is sealed anew in each of their memberships,
proposals and requests to enter."""

from groups import asking, belonging, founding
from members import adapter


class AccountAdapter(adapter.AccountAdapter):
    def confirm_email(self, request, email_address):
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            belonging.keep_address(email_address.user)
            founding.keep_address(email_address.user)
            asking.keep_address(email_address.user)
        return confirmed
