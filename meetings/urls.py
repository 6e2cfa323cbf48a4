from django.urls import path

from meetings import views

app_name = "meetings"

urlpatterns = [
    path("g/<uuid:gid>/meetings/", views.agenda, name="agenda"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/", views.meeting, name="meeting"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/join/", views.enter, name="enter"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/reply/", views.reply, name="reply"),
    # for those who facilitate
    path("g/<uuid:gid>/meetings/<uuid:mid>/cancel/", views.cancel, name="cancel"),
    path("g/<uuid:gid>/meetings/new/", views.schedule, name="schedule"),
    path("g/<uuid:gid>/meetings/new/check/", views.check, name="check"),
    path("g/<uuid:gid>/meetings/new/confirm/", views.confirm, name="confirm"),
]
