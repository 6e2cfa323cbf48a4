from django.urls import path

from groups.views import approving, asking, deciding, inside, joining, proposing, public, serving, writing

app_name = "groups"

urlpatterns = [
    # the public side
    path("groups/", public.directory, name="directory"),
    path("groups/<slug:slug>/", public.sheet, name="sheet"),
    # proposing
    path("propose/", proposing.propose, name="propose"),
    path("propose/6/", proposing.propose_check, name="propose_check"),
    path("propose/<int:step>/", proposing.propose_step, name="propose_step"),
    path("propose/erase/", proposing.erase_draft, name="erase_draft"),
    path("propose/<uuid:pid>/", proposing.proposal, name="proposal"),
    path("propose/<uuid:pid>/answer/", proposing.answer, name="answer"),
    path("propose/<uuid:pid>/change/", proposing.change_proposal, name="change_proposal"),
    path("propose/<uuid:pid>/again/", proposing.propose_again, name="propose_again"),
    # staff
    path("staff/log/", approving.log, name="log"),
    path("staff/proposals/", approving.queue, name="queue"),
    path("staff/proposals/<uuid:pid>/", approving.review, name="review"),
    path("staff/proposals/<uuid:pid>/take/", approving.take, name="take"),
    path("staff/proposals/<uuid:pid>/let-go/", approving.let_go, name="let_go"),
    path("staff/proposals/<uuid:pid>/note/", approving.note, name="note"),
    path("staff/proposals/<uuid:pid>/accept/", approving.accept, name="accept"),
    path("staff/proposals/<uuid:pid>/ask/", approving.ask, name="ask"),
    path("staff/proposals/<uuid:pid>/decline/", approving.decline, name="decline"),
    path("staff/proposals/<uuid:pid>/decline/confirm/", approving.confirm_no, name="confirm_no"),
    path("staff/proposals/<uuid:pid>/decline/give-back/", approving.give_back, name="give_back"),
    # coming and going
    path("g/<uuid:gid>/join/", joining.join, name="join"),
    path("g/<uuid:gid>/join/charter/", joining.join_charter, name="join_charter"),
    path("g/<uuid:gid>/join/reminders/", joining.join_reminders, name="join_reminders"),
    path("g/<uuid:gid>/request/", asking.request, name="request"),
    path("g/<uuid:gid>/welcome/", asking.welcome, name="welcome"),
    path("g/<uuid:gid>/reminders/", joining.reminders, name="reminders"),
    path("g/<uuid:gid>/charter/", joining.accept_charter, name="accept_charter"),
    path("g/<uuid:gid>/leave/", joining.leave, name="leave"),
    path("left/", joining.left, name="left"),
    # facilitating
    path("g/<uuid:gid>/facilitation/", serving.facilitation, name="facilitation"),
    path("g/<uuid:gid>/facilitation/volunteer/", serving.volunteer, name="volunteer"),
    path("g/<uuid:gid>/facilitation/stop/", serving.stop_facilitating, name="stop_facilitating"),
    path("g/<uuid:gid>/facilitation/hand-over/", serving.hand_over, name="hand_over"),
    path("g/<uuid:gid>/facilitation/hand-over/answer/", serving.answer_hand_over, name="answer_hand_over"),
    # consent
    path("g/<uuid:gid>/decisions/", deciding.decisions, name="decisions"),
    path("g/<uuid:gid>/decisions/new/", deciding.propose, name="decide"),
    path("g/<uuid:gid>/decisions/<uuid:dec>/", deciding.decision, name="decision"),
    path("g/<uuid:gid>/decisions/<uuid:dec>/position/", deciding.position, name="position"),
    path("g/<uuid:gid>/decisions/<uuid:dec>/second/", deciding.second, name="second"),
    path("g/<uuid:gid>/decisions/<uuid:dec>/withdraw/", deciding.withdraw, name="withdraw_decision"),
    # stories
    path("me/stories/", inside.own, name="own_stories"),
    path("g/<uuid:gid>/stories/", inside.stories, name="stories"),
    path("g/<uuid:gid>/stories/new/", writing.write, name="write"),
    path("g/<uuid:gid>/stories/new/keep/", writing.keep_draft, name="keep_draft"),
    path("g/<uuid:gid>/stories/new/erase/", writing.erase_draft, name="erase_story_draft"),
    path("g/<uuid:gid>/stories/new/preview/", writing.preview, name="preview"),
    path("g/<uuid:gid>/stories/new/share/", writing.share, name="share"),
    path("g/<uuid:gid>/stories/<uuid:sid>/", inside.story, name="story"),
    path("g/<uuid:gid>/stories/<uuid:sid>/edit/", inside.edit, name="edit"),
    path("g/<uuid:gid>/stories/<uuid:sid>/resonance/", inside.resonance, name="resonance"),
    path("g/<uuid:gid>/stories/<uuid:sid>/withdraw/", inside.withdraw, name="withdraw"),
]
