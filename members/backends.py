"""Whose session it is, asked at every request of whoever is signed in."""

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend

from entraide.lib.prepared import Prepared
from members.models import Member


class AuthenticationBackend(AllauthBackend):
    def get_user(self, user_id: UUID) -> Member | None:
        member = _member.first(pk=user_id)
        return member if member and self.user_can_authenticate(member) else None


@Prepared
def _member(*, pk: UUID):
    return Member.objects.filter(pk=pk)
