"""The pages to compare with: the same texts, from a table of plain words.

`wsgi`: one query and one string. `django`: its session, its CSRF token, a check of membership and a template, and no
policy, sealing or look. It leaves out the filters `linebreaks` and `date`, which would cost it a fifth more.
"""

import os
from html import escape

import dj_database_url
import psycopg2
from django.conf import settings

SHOWN = 20
NEWEST = f"select id, title, words, shared_on from bench_story where grp = %s order by shared desc limit {SHOWN}"
TEMPLATE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Récits</title></head><body><h1>Récits</h1>
<form method="post">{% csrf_token %}<button>Fermer</button></form>
{% for id, title, words, shared_on in stories %}<article>
  <h2><a href="{% url "story" id %}">{{ title }}</a></h2><p>{{ shared_on }}</p><p>{{ words }}</p>
</article>{% endfor %}
</body></html>
"""


class Wsgi:
    def __init__(self):
        self.line = psycopg2.connect(os.environ["DATABASE_URL"])
        self.line.autocommit = True

    def __call__(self, environ, start_response):
        with self.line.cursor() as cursor:
            cursor.execute(NEWEST, ["bench"])
            rows = cursor.fetchall()
        page = "".join(f"<article><h2>{escape(row[1])}</h2><p>{escape(row[2])}</p></article>" for row in rows)
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [f"<!doctype html><title>Récits</title>{page}".encode()]


def django_application():
    settings.configure(
        SECRET_KEY=os.environ["SECRET_KEY"],
        ALLOWED_HOSTS=["testserver"],
        ROOT_URLCONF=__name__,
        LANGUAGE_CODE="fr",
        USE_TZ=True,
        DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600)},
        INSTALLED_APPS=["django.contrib.sessions"],
        SESSION_COOKIE_NAME="bare",
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"stories.html": TEMPLATE})]},
            }
        ],
    )
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


def stories(request, key=None):
    from django.db import connection
    from django.http import Http404
    from django.shortcuts import render

    with connection.cursor() as cursor:
        cursor.execute(
            "select 1 from bench_member where grp = %s and member = %s", ["bench", request.session["member"]]
        )
        if cursor.fetchone() is None:
            raise Http404
        cursor.execute(NEWEST, ["bench"])
        return render(request, "stories.html", {"stories": cursor.fetchall()})


def __getattr__(name):
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import path

    return [path("", stories), path("<int:key>/", stories, name="story")]
