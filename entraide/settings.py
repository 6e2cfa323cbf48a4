"""One settings file for web, worker and migrations. Every value of a place comes from the environment
(docs/operations.md lists them); what is missing has a safe default or stops the start.
"""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from entraide.lib import environment

environment.read_file("ENTRAIDE_ENV_FILE")

BASE_DIR = Path(__file__).resolve().parent.parent

# --- The place -------------------------------------------------------------------------------------------------
DEBUG = False
DEMO = environment.flag("ENTRAIDE_DEMO")
SECRET_KEY = environment.text("SECRET_KEY")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1")
SITE_URL = environment.text("SITE_URL", "http://localhost:8000").rstrip("/")
CONTACT_EMAIL = environment.text("CONTACT_EMAIL", "")  # shown on the pages about the service; none is invented
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}
if DEMO and not LOCAL_HOSTS.issuperset({*ALLOWED_HOSTS, urlsplit(SITE_URL).hostname}):
    raise ImproperlyConfigured(
        "ENTRAIDE_DEMO shows every mail to everybody: it only runs on this computer."
        " Keep ALLOWED_HOSTS and SITE_URL local."
    )
HTTPS = urlsplit(SITE_URL).scheme == "https"
if not HTTPS and not LOCAL_HOSTS.issuperset(ALLOWED_HOSTS):
    raise ImproperlyConfigured("SITE_URL must begin with https:// as soon as ALLOWED_HOSTS names a public host.")

# --- Databases: each process signs in as itself (entraide/lib/roles.py) ------------------------------------------
ROLE = environment.choice("ENTRAIDE_ROLE", "web", "worker", "owner", "backup", "admin")
URL_OF_ROLE = {
    "web": "DATABASE_URL",
    "worker": "DATABASE_WORKER_URL",
    "owner": "DATABASE_OWNER_URL",
    "backup": "DATABASE_BACKUP_DATA_URL",
    "admin": "DATABASE_ADMIN_URL",  # PostgreSQL's superuser: rotations, restores, imports of lists
}
DATABASES = {
    "default": {
        **dj_database_url.parse(environment.text(URL_OF_ROLE[ROLE])),
        "CONN_MAX_AGE": 600,
        "OPTIONS": {"connect_timeout": 5},
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
# a database behind a dead line must not keep the quick exit waiting
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
if ROLE == "admin":  # its address names the server; which database, the owner's address says
    DATABASES["default"]["NAME"] = dj_database_url.parse(environment.text("DATABASE_OWNER_URL"))["NAME"]
if ROLE == "worker":
    # marks in the ledger of reminders are committed while another connection holds a lock (meetings/reminders.py)
    DATABASES["ledger"] = DATABASES["default"].copy()
elif ROLE == "backup":
    # a text and its key never pass through one login (entraide/backups.py)
    DATABASES["keys"] = DATABASES["default"] | dj_database_url.parse(environment.text("DATABASE_BACKUP_KEYS_URL"))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Keys: files that the database never sees (groups/vault.py) ---------------------------------------------------
KEYS_FILE = environment.text("ENTRAIDE_KEYS_FILE", "")
WORKER_KEY_FILE = environment.text("ENTRAIDE_WORKER_KEY_FILE", "")

# --- Backups: two encrypted archives and the journal that a restore replays (entraide/backups.py) ------------------
BACKUP_DIR = environment.text("BACKUP_DIR", "")
BACKUP_RECIPIENT = environment.text("BACKUP_RECIPIENT", "")  # public half; the other half is on no machine of the site
ERRORS_FILE = environment.text("ERRORS_FILE", "")  # where unhandled exceptions are noted down

# --- Applications ---------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "entraide",
    "members",
    "groups",
    "meetings",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]
MIDDLEWARE = [
    "entraide.middleware.access_log",
    "entraide.middleware.apart_from_other_sites",
    "members.timing.answers_alike",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "entraide.middleware.private_pages",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "entraide.middleware.pages_without_session",
    "entraide.middleware.no_other_site",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "entraide.middleware.pages_that_ask_again",
    "entraide.middleware.request_transaction",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "entraide.middleware.who_asks",
    "entraide.middleware.nothing_from_memory",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "entraide.middleware.form_errors",
    "entraide.middleware.sealed_rooms",
    "entraide.middleware.counted_first",
    "entraide.middleware.charter_first",
    "entraide.middleware.gone_stories",
]
ROOT_URLCONF = "entraide.urls"
WSGI_APPLICATION = "entraide.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "entraide.context.other_language",
                "entraide.context.chosen_theme",
            ]
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "entraide"
CRISPY_TEMPLATE_PACK = "entraide"

# --- Sign-in: a code by e-mail, no password ----------------------------------------------------------------------
AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["members.backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my_space"
ACCOUNT_ADAPTER = "entraide.accounts.AccountAdapter"
ACCOUNT_FORMS = {"login": "members.forms.LoginForm", "signup": "members.forms.SignupForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 20 * 60
ACCOUNT_LOGIN_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT  # allauth's own 15 minutes would end it before the code
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "signed_out"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CHANGE_EMAIL = True  # one address at a time: the new one takes the place of the former
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Entraide"
MFA_ADAPTER = "entraide.mfa.MfaAdapter"
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 48  # bits: what one subscriber may have
ALLAUTH_TRUSTED_PROXY_COUNT = environment.count("TRUSTED_PROXIES")  # else all visitors share one address
# Limits of allauth and of members/limits.py. A key is an address, a pair of network and address, or a code.
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "20/m/ip",
    "confirm_email": "",  # by address alone it would let anybody shut somebody out: "code_…" stand in its place
    "code_from_here": "3/m/key,10/h/key",
    "code_to_address": "30/h/key",
    "code_try": "5/20m/key",
    "sign_up_once": "1/10s/key",
    "new_address": "10/h/user",
    "own_code": "3/m/user,10/h/user",
    "join_name": "20/h/user",  # a name that is taken is somebody's: nobody may try them all
    "write": "30/h/user",
    "propose": "10/d/user",
    "draft": "60/m/ip",
    "stop_mail": "600/m/ip",  # the mail providers of many people ask from few networks
    "echo": "20/m/user",  # each opens up to two thousand stories
}
# Seconds before which sign-in, sign-up and change of address do not answer (members/timing.py): well beyond the time in
# which they do (bench/sign_in_timing.py), so that this time does not show.
ANSWER_AFTER, PAGE_AFTER = 0.4, 0.1

# --- Sessions and cookies: nothing about groups in the browser, nothing readable in the table ---------------------
SESSION_ENGINE = "members.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # on a device of one's own; members/sessions.py has the shared one's
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "entraide.views.closed_meanwhile"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"  # "no-referrer" would also hide the origin from our own forms
X_FRAME_OPTIONS = "DENY"
EXIT_URL = environment.text("EXIT_URL", "https://meteo.gc.ca/")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],  # the data: images are Bootstrap's own
        "connect-src": [SELF],
        # a form that ends in a redirect is checked at both ends: the quick exit leaves for EXIT_URL
        "form-action": [SELF, "{0.scheme}://{0.netloc}".format(urlsplit(EXIT_URL))],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Languages and time ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files, served by the site itself -----------------------------------------------------------------------
STATIC_URL = "/static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site has any use for them
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Files: there are no uploads. Django would write a large one to the disk, in the clear, to throw it away ---------
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
# A million accented letters, as a browser sends them: pasted by mistake, they come back with a word beside them.
DATA_UPLOAD_MAX_MEMORY_SIZE = 7_000_000  # bytes

# --- Mail, cache, Celery --------------------------------------------------------------------------------------------
for _name, _value in environment.mail_settings("EMAIL_URL", "smtp://localhost:25").items():
    globals()[_name] = _value
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("MAIL_FROM", "Rendez-vous <nepasrepondre@localhost>")
MAILBOX_DIR = environment.text("MAILBOX_DIR", "")
REDIS_URL = environment.text("REDIS_URL", "redis://localhost:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "e",
        "KEY_FUNCTION": "entraide.lib.cache_keys.hidden",
        # seconds: it answers at once, a busy disk may hold it up for two, or it is away
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 3},
    }
}
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "unacked_restore_throttle": 1}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# All periodic work. A message that waits longer than its period has been overtaken by the next one.
CELERY_BEAT_SCHEDULE = {
    "send-due-reminders": {"task": "meetings.tasks.send_due_reminders", "schedule": 30, "options": {"expires": 25}},
    "send-mail-out": {"task": "send_mail_out", "schedule": 30, "options": {"expires": 25}},
    "keep-journal": {"task": "groups.tasks.keep_journal", "schedule": 60, "options": {"expires": 55}},
    "look-ahead": {"task": "meetings.tasks.look_ahead", "schedule": 600, "options": {"expires": 500}},
}

# --- Logs: one JSON object a line, without names, addresses, titles, query strings or bodies ------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "entraide.lib.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "entraide.lib.logs.StderrHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},  # Django's own would send mail
        "django.request": {"level": "ERROR"},  # our access log has the status; Django's would have the path
        "django.server": {"handlers": [], "propagate": False},
        # in the processes that serve: gunicorn's own handler would quote addresses and exceptions
        "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
if ERRORS_FILE:
    LOGGING["handlers"]["errors"] = {
        "class": "entraide.lib.logs.ErrorsHandler",
        "formatter": "json",
        "filename": ERRORS_FILE,
    }
    LOGGING["root"]["handlers"].append("errors")
