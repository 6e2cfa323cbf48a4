from django.urls import path

from meetings.views import availability, calendars, hosting, meetings, mine, reminders, rounds, scheduling, standing

app_name = "meetings"

urlpatterns = [
    path("me/meetings/", mine.mine, name="mine"),
    path("me/meetings/calendar/", calendars.address, name="calendar"),
    path("me/meetings/calendar/stop/", calendars.give_up, name="give_up_calendar"),
    path("me/reminders/", reminders.reminders, name="reminders"),
    path("me/reminders/stop/", reminders.stop_everything, name="stop_everything"),
    path("me/reminders/still-good/", reminders.still_good, name="still_good"),
    path("staff/mail/", standing.numbers, name="standing"),
    path("calendar/<str:secret>.ics", calendars.feed, name="feed"),
    path("g/<uuid:gid>/meetings/", meetings.agenda, name="agenda"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/", meetings.meeting, name="meeting"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/join/", meetings.enter, name="enter"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/calendar.ics", calendars.one, name="calendar_file"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/reply/", meetings.reply, name="reply"),
    # looking for a date
    path("g/<uuid:gid>/availability/", availability.answer, name="availability"),
    path("g/<uuid:gid>/availability/dates/", availability.propose, name="propose_date"),
    path("g/<uuid:gid>/availability/dates/<uuid:aid>/take-away/", availability.take_away, name="take_date_away"),
    # the speaking round
    path("g/<uuid:gid>/meetings/<uuid:mid>/round/", rounds.speaking_round, name="speaking_round"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/round/open/", rounds.open_round, name="open_round"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/round/seat/", rounds.sit_down, name="sit_down"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/round/turn/", rounds.end_turn, name="end_turn"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/round/again/", rounds.go_round, name="go_round"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/round/leave/", rounds.stand_up, name="stand_up"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/round/last/", rounds.last_words, name="last_words"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/round/close/", rounds.close_round, name="close_round"),
    # facilitating in turn
    path("g/<uuid:gid>/rotation/", hosting.rotation, name="rotation"),
    path("g/<uuid:gid>/rotation/guide/", hosting.guide, name="guide"),
    path("g/<uuid:gid>/rotation/pass/", hosting.pass_hosting, name="pass_hosting"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/host/", hosting.host, name="host"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/host/not/", hosting.unhost, name="unhost"),
    # for those who facilitate
    path("g/<uuid:gid>/meetings/<uuid:mid>/change/", scheduling.change, name="change"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/change/following/", scheduling.change_following, name="change_following"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/cancel/", scheduling.cancel, name="cancel"),
    path("g/<uuid:gid>/meetings/<uuid:mid>/cancel/following/", scheduling.cancel_following, name="cancel_following"),
    path("g/<uuid:gid>/meetings/new/", scheduling.schedule, name="schedule"),
    path("g/<uuid:gid>/meetings/new/rhythm/", scheduling.rhythm, name="rhythm"),
    path("g/<uuid:gid>/meetings/new/check/", scheduling.check, name="check"),
    path("g/<uuid:gid>/meetings/new/place/", scheduling.place, name="place"),
    path("g/<uuid:gid>/meetings/new/confirm/", scheduling.confirm, name="confirm"),
]
