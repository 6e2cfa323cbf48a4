"""The page to compare with: what `startproject` gives, one view, one template, the same groups; no filter, no look."""

import os

import dj_database_url
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.template import Context, Engine
from django.urls import path
from django.utils import timezone

SHOWN = 20
TEMPLATE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Groupes</title></head>
<body><h1>Groupes</h1>
{% for group in groups %}<article>
  <h2><a href="{% url "sheet" group.slug %}">{{ group.name }}</a></h2>
  <p>{{ group.for_whom }}</p>
  <p>{{ group.next_starts_at|date:"l j F, H:i" }} – {{ group.next_ends_at|date:"H:i" }}</p>
  <ul><li>{{ group.get_format_display }}</li>{% if group.city %}<li>{{ group.city }}</li>{% endif %}
    {% for label in group.access_labels %}<li>{{ label }}</li>{% endfor %}</ul>
</article>{% endfor %}
</body></html>
"""

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["testserver"],
    ROOT_URLCONF=__name__,
    LANGUAGE_CODE="fr",
    USE_TZ=True,
    TIME_ZONE="America/Toronto",
    DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600)},
    AUTH_USER_MODEL="members.Member",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "members",
        "groups",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)


def groups(request):
    from groups.models import Group

    soon = Group.objects.filter(opened_on__isnull=False, next_starts_at__gt=timezone.now())
    if found := request.GET.getlist("slug"):  # by a search of the site, so that this page need not search
        soon = soon.filter(slug__in=found)
    shown = soon.order_by("next_starts_at", "name", "id")[:SHOWN]
    return HttpResponse(page.render(Context({"groups": shown})))


urlpatterns = [path("", groups), path("<slug:slug>/", groups, name="sheet")]
page = Engine(builtins=["django.templatetags.i18n"]).from_string(TEMPLATE)
application = get_wsgi_application()
