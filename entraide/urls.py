"""Every address of the site. French stands at the root, English under /en/; one set of English paths for both."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from entraide import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("exit/", views.leave_quickly, name="exit"),
    *i18n_patterns(
        path("", views.landing, name="landing"),
        path("help-now/", views.help_now, name="help_now"),
        path("charter/", views.charter, name="charter"),
        path("me/", views.my_space, name="my_space"),
        path("g/<uuid:gid>/", views.group_home, name="group_home"),
        path("account/", include("members.urls")),
        path("", include("groups.urls")),
        path("", include("meetings.urls")),
        prefix_default_language=False,
    ),
]

if settings.DEMO:
    urlpatterns += i18n_patterns(path("demo/", include("entraide.demo.urls")), prefix_default_language=False)
