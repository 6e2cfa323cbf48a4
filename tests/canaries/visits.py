"""What people come for: signing up, joining, telling, reading, meeting, leaving."""

import re
import signal
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings

from entraide.lib.days import today
from groups.proposal_forms import Acceptance
from members.models import Member
from tests import lists, makers
from tests.canaries.marks import Mark, address, of_group, of_person, word
from tests.canaries.scene import PEOPLE, STAFF, share, write_a_proposal
from tests.canaries.sinks import superuser
from tests.mailbox import code_for

# --- Coming in ------------------------------------------------------------------------------------------------------


def sign_up(scene):
    for who in PEOPLE:
        visitor, own = scene[who], address(f"address of {who}")
        visitor.get("/account/signup/").post("/account/signup/", email=f"{word('address that is none')}@nowhere")
        assert visitor.status == 422
        visitor.post("/account/signup/", email=own)
        visitor.post("/account/confirm-email/", code="abc")
        visitor.post("/account/confirm-email/", code=code_for(own)).get("/me/").reads("Mon espace")


def be_unknown(scene):
    """Every place is looked into while the mail waits: it is gone as soon as the worker has it."""
    stranger, own = scene["stranger"], address("address without an account")
    worker = scene.site.children["worker"]
    worker.send_signal(signal.SIGSTOP)
    stranger.get("/account/login/").post("/account/login/", login=own)
    scene.sinks.look()
    worker.send_signal(signal.SIGCONT)
    stranger.post("/account/login/code/confirm/", code="123456")


def search(scene):
    lists.list_one("Les rencontres du port")
    stranger = scene["stranger"]
    stranger.get("/groups/", q=word("searched words"), where=["online", word("query")])
    stranger.get("/groups/", q=word("searched words that are too long") * 10)
    stranger.get("/groups/", q=word("name of the group")).reads(word("for whom"))
    stranger.get(stranger.link(r"/groups/[^?\"]+/")).reads(word("description"), word("city"))


def propose_a_group(scene):
    ines = scene["Inès"].get("/propose/1/")
    ines.post("/propose/4/", hopes=word("hopes that were refused"))
    assert ines.status == 422
    write_a_proposal(ines).reads(word("hopes"), word("rhythm"))
    key = ines.hidden("key")
    scene.found["proposal"] = ines.post("/propose/6/", key=key).reads(word("name of the group")).where
    ines.post("/propose/6/", key=key)


def open_the_group(scene):
    """Staff with a second factor read the proposal and open the group. They stay outside."""
    own = address(f"address of {STAFF}")
    staff = makers.make_member(own.partition("@")[0], is_staff=True)
    secret, nadia = makers.give_second_factor(staff), scene[STAFF]
    nadia.get("/account/login/").post("/account/login/", login=own)
    nadia.post("/account/login/code/confirm/", code=code_for(own)).post(nadia.where, code=makers.app_code(secret))
    proposal = nadia.get("/staff/proposals/").link(r"/staff/proposals/[0-9a-f-]{36}/")
    nadia.get(proposal).reads(*map(word, ("name of the group", "hopes", "rhythm", "sentence for the charter")))
    nadia.post(f"{proposal}take/").post(f"{proposal}note/", note=word("note of the team")).reads(
        word("note of the team")
    )
    _write_to_the_proposer(nadia, f"{proposal}ask/", word("message of the team"))
    ines = scene["Inès"].get(scene.found["proposal"]).reads(word("message of the team"))
    ines.post(f"{scene.found['proposal']}answer/", key=ines.hidden("key"), text=word("answer to the team"))
    nadia.get(proposal).reads(word("answer to the team"))
    _write_to_the_proposer(nadia, f"{proposal}decline/", word("no of the team"))
    scene.sinks.look()
    nadia.post(
        f"{proposal}decline/give-back/", version=nadia.get(proposal).reads(word("no of the team")).hidden("version")
    )
    nadia.post(f"{proposal}accept/", lived="on")
    assert nadia.status == 422
    _write_to_the_proposer(
        nadia, f"{proposal}accept/", word("message of the team"), **dict.fromkeys(Acceptance.POINTS, "on")
    )


def _write_to_the_proposer(nadia, letter, text, **points):
    written = {"text": text, "version": nadia.get(letter).hidden("version"), **points}
    nadia.post(letter, written).reads(text)
    nadia.post(letter, written, read="1").get("/staff/log/").reads(word("name of the group"))


def join(scene):
    entrance = scene["Inès"].get(scene.found["proposal"]).link(r"/g/[0-9a-f-]{36}/join/")
    scene.found["group"] = entrance.split("/")[2]
    _join(scene["Inès"], entrance, word("name of Inès"))
    scene.gone |= {"message of the team", "answer to the team", "note of the team", "no of the team"}
    scene["Malik"].get(entrance).post(entrance, name=word("name of Inès"))
    assert scene["Malik"].status == 422
    scene["Malik"].post(entrance, name=word("name looked at"), look="1").reads(word("name looked at"))
    _join(scene["Malik"], entrance, word("name of Malik"), reminders="two_hours")
    _join(scene["Sofia"], entrance, word("name of Sofia"))


def ask_to_enter(scene):
    """Noor waits for a place, and is not inside yet when every place is looked into."""
    with superuser() as cursor:
        cursor.execute("update groups_group set size_max = 3 where id = %s", [scene.found["group"]])
    name = word("name of Noor, who waits before the door")
    _walk(scene["Noor"], f"/g/{scene.found['group']}/join/", name, wait="1")
    scene["Noor"].reads(name).get("/me/").reads(word("name of the group"))


def _join(visitor, entrance, name, reminders="none"):
    _walk(visitor, entrance, name, reminders)
    visitor.reads("Bienvenue")


def _walk(visitor, entrance, name, reminders="none", **last):
    visitor.get(entrance).post(entrance, name=name)
    charter = visitor.post(f"{entrance}charter/").hidden("version")
    visitor.post(f"{entrance}charter/", agree="on", version=charter)
    visitor.post(f"{entrance}reminders/").post(f"{entrance}reminders/", reminders=reminders, **last)


def note_who_they_are(scene):
    """Ids, tags and cookies are looked for as well."""
    scene.marks.append(of_group(UUID(scene.found["group"])))
    for who in (*PEOPLE, STAFF):
        own = address(f"address of {who}")
        scene.marks += of_person(who, Member.objects.get(email=own).pk, own)
        cookies = {cookie.name: cookie.value for cookie in scene[who].cookies}
        scene.marks.append(Mark(f"cookie: {who}", cookies[settings.SESSION_COOKIE_NAME]))


# --- Telling and meeting ----------------------------------------------------------------------------------------------


def write_a_story(scene):
    malik = scene["Malik"].get(f"{scene.group}stories/new/")
    words = {"title": word("title of a story"), "text": word("text of a story"), "readers": "later", "life": ""}
    words |= {"feelings": ["hope", "fear"], "note": "grief", "key": malik.hidden("key")}
    words |= {"own_feeling": word("feeling in one's own word"), "came_through": "on"}
    for refused in ({"title": word("words that were refused") * 9}, {"feelings": word("words that were refused")}):
        malik.post(f"{scene.group}stories/new/preview/", words | refused)
        assert malik.status == 422
    before = words | {"text": word("words before they were changed")}
    malik.post(f"{scene.group}stories/new/preview/", before).reads(before["text"])
    malik.post(f"{scene.group}stories/new/", before).reads(before["text"])
    malik.post(f"{scene.group}stories/new/preview/", words).reads(words["text"])
    scene.found["story"] = malik.post(f"{scene.group}stories/new/share/", words).where.split("/")[-2]
    malik.post(f"{scene.group}stories/new/share/", words).reads(words["title"])
    malik.post(f"{scene.group}stories/new/share/", words, text=word("other words under the same form"))
    assert malik.status == 422
    share(scene, "Malik", word("story that was withdrawn"))
    malik.get("/me/stories/").reads(word("title of a story"))
    share(scene, "Sofia", word("story of somebody who left"), readers="later")


def keep_drafts(scene):
    """By the button, and as the page does by itself (js/writing.js)."""
    malik, writing = scene["Malik"], f"{scene.group}stories/new/"
    words = {"title": word("title of a draft"), "own_feeling": word("feeling of a draft"), "feelings": ["hope"]}
    for kept in ("draft that was erased", "draft before it was changed", "draft that is no story"):
        text = word(kept) + ("\u202e" if kept == "draft that is no story" else "")
        malik.post(f"{writing}keep/", {**words, "text": text, "key": str(uuid4())})
        malik.get(writing).reads(word(kept), word("title of a draft"), word("feeling of a draft"))
        if kept == "draft that was erased":
            malik.post(f"{writing}erase/")
    for kept in ("draft before it was changed", "draft"):
        sent = {**words, "text": word(kept), "key": malik.hidden("key"), "csrfmiddlewaretoken": malik.token}
        malik.send(f"{writing}keep/", urlencode(sent, doseq=True).encode(), Accept="text/plain")
        assert malik.status == 204
        malik.get(writing).reads(word(kept))


def read_it(scene):
    ines = scene["Inès"].get(f"{scene.group}stories/").reads(word("title of a story"), word("name of Malik"))
    assert word("text of a story") not in ines.get(scene.story).page  # it waits behind its content note
    ines.get(scene.story, open="1").reads(word("text of a story"))
    for _ in range(2):
        ines.post(f"{scene.story}resonance/", say="recognise")
    scene["Malik"].get(scene.story).reads(word("name of Inès"))


def look_for_an_echo(scene):
    ines, echo = scene["Inès"].get(f"{scene.group}echo/"), f"{scene.group}echo/"
    ines.post(echo, words=word("title of a story"), feeling="hope").reads(word("title of a story"))
    ines.post(echo, words=word("words of an echo"), feeling="").reads(word("words of an echo"))
    ines.post(echo, words=word("words of an echo") * 20, feeling=word("words of an echo"))
    assert ines.status == 422


def change_it(scene):
    malik = scene["Malik"].get(f"{scene.story}edit/").reads(word("text of a story"))
    words = {"title": word("title of a story"), "text": word("text of a story"), "readers": "later"}
    words |= {"note": "grief", "version": malik.hidden("version")}
    malik.post(f"{scene.story}edit/", words, title=word("words that were refused") * 9)
    assert malik.status == 422
    malik.post(f"{scene.story}edit/", words, text=word("words after a change")).reads(word("words after a change"))
    malik.post(f"{scene.story}edit/", words, text=word("other words under the same form"))
    assert malik.status == 422
    words["version"] = malik.get(f"{scene.story}edit/").hidden("version")
    malik.post(f"{scene.story}edit/", words).reads(word("text of a story"))


def write_in_the_notebook(scene):
    malik = scene["Malik"].get("/me/notebook/new/")
    words = {"on": f"{today():%d/%m/%Y}", "text": word("note"), "feelings": ["hope"], "key": malik.hidden("key")}
    malik.post("/me/notebook/new/", words, text=word("note that was refused"), on=word("note that was refused"))
    assert malik.status == 422
    malik.post("/me/notebook/new/", words).reads(word("note"))
    note = f"/me/notebook/{words['key']}/"
    malik.get(f"{note}edit/").post(f"{note}edit/", words, version="1", feelings=["fear"]).reads(word("note"))
    malik.get(note).post(f"{note}story/", group=scene.found["group"]).reads(word("title of a draft"))
    malik.post(f"{note}story/", group=scene.found["group"], anew="1").reads(word("note"))
    key = malik.get("/me/notebook/new/").hidden("key")
    malik.post("/me/notebook/new/", words, key=key, text=word("note that was erased"))
    malik.post(f"/me/notebook/{key}/erase/")
    _set_small_steps(malik)
    malik.get("/me/notebook/feelings/").reads("peur")


def _set_small_steps(malik):
    steps = "/me/notebook/steps/"
    malik.get(steps).post(steps, text=word("small step that was refused") * 20, key=malik.hidden("key"))
    assert malik.status == 422
    for kind in ("small step that was erased", "small step"):
        step = malik.get(steps).hidden("key")
        malik.post(steps, text=word(kind), key=step).get(steps).reads(word(kind))
        malik.post(f"{steps}{step}/mark/", done="1").reads(word(kind))
        if kind == "small step that was erased":
            malik.post(f"{steps}{step}/erase/")
    malik.post(steps, text=word("small step that was refused"), key=step)
    assert malik.status == 422


def put_on_the_shelf(scene):
    malik, shelf = scene["Malik"], f"{scene.group}shelf/"
    key = malik.get(f"{shelf}new/").hidden("key")
    malik.post(f"{shelf}new/", text=word("words that were refused") * 99, key=key)
    assert malik.status == 422
    malik.post(f"{shelf}new/", text=word("what helps before a change"), key=key)
    malik.post(f"{shelf}{key}/edit/", text=word("what helps"), version="1").reads(word("what helps"))
    other = malik.get(f"{shelf}new/").hidden("key")
    malik.post(f"{shelf}new/", text=word("what helped and was taken away"), key=other)
    malik.post(f"{shelf}{other}/take-away/")
    scene["Inès"].get(shelf).reads(word("what helps"))


def decide(scene):
    """A name that is objected to, a sentence of the charter too, an exclusion that is taken back; a name is adopted."""
    ines, malik, sofia = (scene[who] for who in ("Inès", "Malik", "Sofia"))
    why = word("why something is proposed")
    _propose(scene, "Inès", "name", name=word("name that was objected to"), why=why)
    sofia.get(ines.where).reads(why, word("name that was objected to"))
    sofia.post(f"{ines.where}position/", stance="concern", reason=word("words of a concern"))
    malik.get(ines.where).reads(word("words of a concern"))
    malik.post(f"{ines.where}position/", stance="object", reason=word("reason of an objection"))
    ines.get(ines.where).reads(word("reason of an objection"))
    _propose(scene, "Malik", "charter", addition_2=word("sentence that was objected to"), why=why)
    ines.get(malik.where).reads(word("sentence that was objected to"))
    ines.post(f"{malik.where}position/", stance="object", reason=word("reason of an objection"))
    _exclude_and_take_back(scene)
    adopted = f"{word('name of the group')} {word('name that was adopted')}"
    _propose(scene, "Inès", "name", name=adopted, why=why)
    decision = ines.where
    with superuser() as cursor:
        cursor.execute("update groups_decision set closes_on = closes_on - 9")
    malik.get(decision).reads(adopted)
    malik.post(f"{decision}position/", stance="object", reason=word("words that came too late"))
    assert word("words that came too late") not in malik.get(decision).page


def _propose(scene, who, what, **typed):
    visitor, page = scene[who], f"{scene.group}decisions/new/?what={what}"
    key = visitor.get(page).hidden("key")
    visitor.post(page, {"days": "7", "key": key, **typed}).reads(typed["why"])


def _exclude_and_take_back(scene):
    ines, malik, sofia = (scene[who] for who in ("Inès", "Malik", "Sofia"))
    ines.get(f"{scene.group}decisions/new/?what=exclusion")
    ids = {name: pk for pk, name in re.findall(r'<option value="([0-9a-f-]{36})">([^<]*)</option>', ines.page)}
    about, second = ids[word("name of Sofia")], ids[word("name of Malik")]
    why = word("why somebody is excluded")
    _propose(scene, "Inès", "exclusion", about=about, second=second, why=why)
    assert sofia.get(ines.where).status == 404
    malik.get(ines.where).post(f"{ines.where}second/", why=why)
    sofia.get(ines.where).reads(why)
    sofia.post(f"{ines.where}position/", reason=word("side of the one excluded"))
    malik.get(ines.where).reads(word("side of the one excluded"))
    ines.post(f"{ines.where}withdraw/")
    assert sofia.get(f"{scene.group}decisions/").status == 200


def schedule(scene):
    ines = scene["Inès"].get(f"{scene.group}meetings/new/")
    plan = {"on": f"{today() + timedelta(days=9):%d/%m/%Y}", "starts": "19 h 30", "ends": "21 h", "rhythm": "weekly"}
    plan |= {"format": "both", "place": word("place"), "access_note": word("access note"), "theme": word("theme")}
    plan |= {"kind": "regular", "phone": word("telephone")}
    plan |= {"link": f"https://rooms.example/{word('link')}", "key": ines.hidden("key")}
    refused = {"ends": "18 h", "place": word("place that was refused"), "on": word("place that was refused")}
    ines.post(f"{scene.group}meetings/new/rhythm/", plan | refused)
    assert ines.status == 422
    for step in ("rhythm", "check"):
        ines.post(f"{scene.group}meetings/new/{step}/", plan).reads(word("place"))
    plan |= dict.fromkeys(("keep", "shown"), re.findall(r'name="keep" value="([^"]+)"', ines.page))
    ines.post(f"{scene.group}meetings/new/place/", plan).reads(word("place"))
    for _ in range(2):
        ines.post(f"{scene.group}meetings/new/confirm/", plan).reads("au calendrier")
    ines.post(f"{scene.group}meetings/new/confirm/", plan, place=word("place that was refused"))
    assert ines.status == 422
    meeting = ines.get(f"{scene.group}meetings/").link(rf"{scene.group}meetings/[0-9a-f-]{{36}}/")
    scene.found["meeting"] = meeting.split("/")[-2]
    _change_the_second_meeting(scene, ines)


def _change_the_second_meeting(scene, ines):
    """Alone, and then with those that follow it."""
    second = ines.get(f"{scene.group}meetings/").links(rf"{scene.group}meetings/[0-9a-f-]{{36}}/")[1]
    form = {name: ines.get(f"{second}change/").hidden(name) for name in ("on", "starts", "ends", "version")}
    form |= {"format": "both", "kind": "social", "place": word("place of one meeting"), "theme": word("theme")}
    ines.post(f"{second}change/", form | {"ends": "1 h", "theme": word("place that was refused")})
    assert ines.status == 422
    ines.post(f"{second}change/", form).get(second).reads(word("place of one meeting"))


def ask_somebody_to_take_over(scene):
    """Sofia has not answered yet when every place is looked into."""
    ines = scene["Inès"].get(f"{scene.group}facilitation/")
    sofia = re.search(rf'<option value="([0-9a-f-]{{36}})">{word("name of Sofia")}</option>', ines.page)[1]
    ines.post(f"{scene.group}facilitation/hand-over/", to=sofia)
    scene["Sofia"].get(f"{scene.group}facilitation/").reads(word("name of Inès"))


def come_to_the_meeting(scene):
    malik, meeting = scene["Malik"], f"{scene.group}meetings/{scene.found['meeting']}/"
    malik.get(meeting).reads(*map(word, ("place", "access note", "theme")))
    for answer in ("yes", "yes", word("query")):
        malik.post(f"{meeting}reply/", answer=answer)
    malik.get("/me/meetings/calendar/").post("/me/meetings/calendar/")
    calendar = re.search(r"/calendar/([\w-]+)\.ics", malik.get("/me/meetings/calendar/").page)
    scene.marks.append(Mark("address of a calendar: Malik", calendar[1]))
    for file in (calendar[0], f"{meeting}calendar.ics"):
        malik.get(file).reads("BEGIN:VEVENT")
    malik.post(f"{meeting}host/").get(f"{scene.group}rotation/").reads(word("name of Malik"))
    malik.post(f"{meeting}round/open/", minutes=word("query"))
    malik.post(f"{meeting}round/open/", minutes="5").post(f"{meeting}round/seat/", places="2")
    malik.get(f"{meeting}round/").reads(word("name of Malik"))  # it is open when every place is looked into
    assert malik.get(f"{meeting}join/").where.endswith(word("link"))


# --- Going out ------------------------------------------------------------------------------------------------------


def withdraw(scene):
    malik = scene["Malik"]
    told = malik.get(f"{scene.group}stories/").reads(word("story that was withdrawn"))
    for story in set(told.links(rf"{scene.group}stories/[0-9a-f-]{{36}}/")):
        if word("story that was withdrawn") in malik.get(story).page:
            malik.post(f"{story}withdraw/").post(f"{story}withdraw/")
    assert word("story that was withdrawn") not in malik.get(f"{scene.group}stories/").page


def leave(scene):
    for who, choice in (("Sofia", "keep"), ("Malik", "withdraw")):
        visitor = scene[who].get(f"{scene.group}leave/")
        visitor.post(f"{scene.group}leave/", stories=word("query"))
        for _ in range(2):
            visitor.post(f"{scene.group}leave/", stories=choice)
        scene.gone.add(f"tag: {who}")
    stories = scene["Inès"].get(f"{scene.group}stories/").reads(word("story of somebody who left"))
    assert word("title of a story") not in stories.page
    scene["Malik"].get(scene.story)
    assert scene["Malik"].status == 404


def sign_out(scene):
    scene["Sofia"].get("/account/logout/").post("/account/logout/")
    scene["Malik"].post("/exit/")
    for who in ("Sofia", "Malik"):
        assert "login" in scene[who].get("/me/").where
