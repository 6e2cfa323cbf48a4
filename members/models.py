"""The person, their sign-in, and whom they can call. Nothing here says in which groups somebody is: that is the
groups' secret."""

import re
import uuid
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from entraide.lib.days import today


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
    quiet = models.BooleanField(default=False)  # no reminder between 21 h and 8 h
    notices = models.BooleanField(default=True)  # a mail when staff have written about a proposal
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    last_login = None  # when somebody was last here is nobody's business

    objects = MemberManager()

    USERNAME_FIELD = EMAIL_FIELD = "email"

    def __str__(self):
        return f"member {self.pk}"

    def hold(self) -> None:
        """As the row is now, and as it stays until the transaction ends: what points to a person without a foreign key
        would else outlive their account or keep their former address. Raises Http404 when the account was erased."""
        try:
            self.refresh_from_db(from_queryset=type(self).objects.select_for_update())
        except type(self).DoesNotExist:
            raise Http404 from None


class Session(AbstractBaseSession):
    """A browser, signed in or not. Nothing here can be read without its cookie or SECRET_KEY (sessions.py): the key is
    a hash of the cookie, the data are sealed, the date of expiry is an hour."""

    owner = models.CharField(max_length=64, blank=True, db_index=True)  # a keyed hash; empty for a visitor
    device = models.BinaryField()  # sealed

    def __str__(self):
        return "session"


class Region(models.TextChoices):
    """In the order of the page. Nobody's region is ever guessed."""

    QUEBEC = "quebec", _("Quebec")
    CANADA = "canada", _("Everywhere in Canada")
    FRANCE = "france", _("France")
    BELGIUM = "belgium", _("Belgium")
    SWITZERLAND = "switzerland", _("Switzerland")


class Way(models.TextChoices):
    CALL = "call", _("By telephone")
    TEXT = "text", _("By text message")
    CHAT = "chat", _("By chat")


class SpokenLanguage(models.TextChoices):
    FRENCH = "fr", _("French")
    ENGLISH = "en", _("English")
    DUTCH = "nl", _("Dutch")
    GERMAN = "de", _("German")
    ITALIAN = "it", _("Italian")


class Helpline(models.Model):
    """One way to reach somebody now. Everybody may read it; what is empty shows as "to be confirmed"."""

    GOOD_FOR = timedelta(days=180)  # after that somebody calls the number again and looks

    region = models.CharField(_("Region"), max_length=12, choices=Region)
    way = models.CharField(_("How to reach it"), max_length=4, choices=Way)
    name = models.CharField(max_length=60)
    number_or_address = models.CharField(max_length=120)
    in_danger = models.BooleanField(default=False)
    hours_fr = models.CharField(max_length=80, blank=True)
    hours_en = models.CharField(max_length=80, blank=True)
    cost_fr = models.CharField(max_length=80, blank=True)
    cost_en = models.CharField(max_length=80, blank=True)
    languages = ArrayField(models.CharField(max_length=2, choices=SpokenLanguage), default=list, blank=True)
    source = models.CharField(max_length=200)
    checked_on = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self):
        return f"helpline {self.pk}"

    @property
    def href(self) -> str:
        if self.way == Way.CHAT:
            return self.number_or_address
        dialled = re.sub(r"[^\d+]", "", self.number_or_address)
        if re.fullmatch(r"1\d{10}", dialled):
            dialled = f"+{dialled}"  # so that a telephone from elsewhere finds it too
        return f"{'sms' if self.way == Way.TEXT else 'tel'}:{dialled}"

    @property
    def is_a_number(self) -> bool:
        """Whether its name is what one dials: "9-8-8", "1 866 APPELLE"."""
        return self.name[:1].isdigit()

    @property
    def number_in_full(self) -> str:
        """What the name leaves out: digits behind letters, or the number of a line that has a name of its own."""
        digits = [re.sub(r"\D", "", text) for text in (self.number_or_address, self.name)]
        return "" if self.way == Way.CHAT or digits[0] in digits[1] else self.number_or_address

    @property
    def hours(self) -> str:
        return self._in_this_language("hours")

    @property
    def cost(self) -> str:
        return self._in_this_language("cost")

    @property
    def language_names(self) -> list:
        return [SpokenLanguage(code).label for code in self.languages]

    @property
    def says_something(self) -> bool:
        return bool(self.hours or self.cost or self.languages or self.checked_on)

    @property
    def needs_a_check(self) -> bool:
        return self.checked_on is None or today() - self.checked_on > self.GOOD_FOR

    def _in_this_language(self, field):
        return getattr(self, f"{field}_{(get_language() or 'fr')[:2]}", "")


class OutgoingMail(models.Model):
    """One mail that waits for the worker (outbox.py, delivering.py). The row goes with it: what stays for a month, and
    is empty, is one of which nobody knows whether it arrived."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=30)
    about = models.UUIDField(null=True, help_text="The row that holds the address, where this one does not.")
    sealed = models.BinaryField(default=b"", help_text="Address, language and what the words need; for the worker.")
    written_at = models.DateTimeField()
    next_try = models.DateTimeField()
    expires_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    hands = models.PositiveSmallIntegerField(default=0, help_text="How often it may have been handed over.")
    put_off = models.PositiveSmallIntegerField(default=0)
    in_doubt = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="mail_by_end")]

    def __str__(self):
        return f"mail {self.pk}"
