"""The person and their sign-in. Nothing here says in which groups somebody is: that is the groups' secret."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _


class MemberManager(BaseUserManager):
    def create_user(self, email, **fields):
        member = self.model(email=self.normalize_email(email).lower(), **fields)
        member.set_unusable_password()
        member.save(using=self._db)
        return member

    def create_superuser(self, email, **fields):
        return self.create_user(email, is_staff=True, is_superuser=True, **fields)


class Member(AbstractBaseUser, PermissionsMixin):
    """A sign-in. Never shown to anybody else; inside a group a person is a Membership."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    language = models.CharField(max_length=2, choices=[("fr", _("French")), ("en", _("English"))], default="fr")
    time_zone = models.CharField(max_length=64, default="America/Toronto")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    last_login = None  # when somebody was last here is nobody's business

    objects = MemberManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"

    def __str__(self):
        return f"member {self.pk}"
