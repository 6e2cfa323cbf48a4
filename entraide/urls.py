"""Every address of the site. French stands at the root, English under /en/; one set of English paths for both."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path

from entraide import erasing, helping, views
from meetings.views import reminders, standing
from members import views as person

# Said aloud at meetings, so short and in French; each redirects to its page.
FRENCH = {"aide": "help_now", "quitter": "exit", "charte": "charter", "groupes": "groups:directory"}

handler400 = "entraide.views.unreadable_request"
handler500 = "entraide.views.server_error"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("healthz/mail", standing.health, name="mail_health"),
    path("exit/", views.leave_quickly, name="exit"),
    path("meetings.json", views.meetings_json, name="meetings_json"),
    *(re_path(rf"^{word}/?$", views.in_french, {"page": page}, name=word) for word, page in FRENCH.items()),
    *i18n_patterns(
        path("", views.landing, name="landing"),
        path("how/", views.how, name="how"),
        path("help-now/", helping.help_now, name="help_now"),
        path("staff/helplines/", helping.helplines, name="helplines"),
        path("staff/helplines/new/", helping.helpline_add, name="helpline_add"),
        path("staff/helplines/<int:hid>/", helping.helpline, name="helpline"),
        path("staff/helplines/<int:hid>/remove/", helping.helpline_remove, name="helpline_remove"),
        path("charter/", views.charter, name="charter"),
        path("about/", views.about, name="about"),
        path("safety/", views.safety, name="safety"),
        path("privacy/", views.privacy, name="privacy"),
        path("accessibility/", views.accessibility, name="accessibility"),
        path("me/", views.my_space, name="my_space"),
        path("me/theme/", views.theme, name="theme"),
        path("me/devices/", person.devices, name="devices"),
        path("me/devices/this/", person.this_device, name="this_device"),
        path("me/devices/close-others/", person.close_other_devices, name="close_other_devices"),
        path("me/devices/close-all/", person.close_every_device, name="close_every_device"),
        path("me/devices/<uuid:did>/close/", person.close_device, name="close_device"),
        path("me/erase/", erasing.erase, name="erase"),
        path("me/erase/code/", erasing.erase_code, name="erase_code"),
        path("erased/", erasing.erased, name="erased"),
        path("stop/<str:token>/", reminders.stop, name="stop_reminders"),
        path("g/<uuid:gid>/", views.group_home, name="group_home"),
        path("account/", include("members.urls")),
        path("", include("groups.urls")),
        path("", include("meetings.urls")),
        prefix_default_language=False,
    ),
]

if settings.DEMO:
    urlpatterns += i18n_patterns(path("demo/", include("entraide.demo.urls")), prefix_default_language=False)
