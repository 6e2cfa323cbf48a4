"""What goes wrong while people write and read: wrong addresses, requests that are none, failures of every part."""

import threading
import time
from contextlib import contextmanager, suppress

from entraide.celery import app
from groups.models import Group
from meetings.tasks import send_due_reminders
from members.models import Member
from tests import makers
from tests.canaries.marks import address, word
from tests.canaries.scene import send_the_proposal, share, write_a_proposal
from tests.canaries.sinks import superuser
from tests.canaries.visitor import FORM
from tests.running import wait_until


def get_lost(scene):
    malik, lost, query = scene["Malik"], word("address of a page"), {"q": word("query"), "before": word("query")}
    for path in ("/{}/", "/g/{}/", f"{scene.group}{{}}/", f"{scene.group}stories/{{}}/"):
        assert malik.get(path.format(lost), **query).status == 404
    assert malik.get(f"/groups/{word('address of a sheet')}/").status == 404
    malik.get(f"{scene.group}stories/", **query).get("/account/login/", next=f"/{lost}/").get(f"/me/{lost}", **query)
    malik.get("/aide", **query).get("/help-now/", **query).get(f"/en/{lost}/")
    stranger = scene["lost"]
    stranger.get(f"{scene.group}stories/", **query).send("/exit/", b"", Cookie=f"session={word('made-up cookie')}")


def send_nonsense(scene):
    malik, writing = scene["Malik"], f"{scene.group}stories/new/"
    preview = f"{writing}preview/"
    for kind in ("application/json", "text/plain", f"{FORM}; charset=utf-7", "multipart/form-data"):
        malik.send(preview, f'{{"text": "{word("body of a wrong type")}"}}'.encode(), kind)
    malik.send(preview, f"text={word('words of a request without its token')}".encode())
    assert malik.status == 403
    large = word("body that is too large")
    for body in (
        {"text": f"{large} " * 800_000},
        dict.fromkeys(map(str, range(1100)), large),
    ):
        malik.get(writing).post(preview, body)
        assert malik.status == 400
    for nonsense in _nonsense(preview, malik.cookie_header()):
        with malik.begin(nonsense) as line:
            line.recv(1000)


def _nonsense(path, cookie):
    host = f"Host: 127.0.0.1\r\nCookie: {cookie}\r\n"
    chunked = f"POST {path} HTTP/1.1\r\n{host}Content-Type: {FORM}\r\n"
    yield f"GET /?q={word('query')} HTTP/1.1\r\nHost: {word('foreign host')}.example\r\n\r\n".encode()
    yield f"GET /?q={word('request line that is none')} HTTP/9.9\r\n\r\n".encode()
    yield f"{word('request line that is none')}\r\n\r\n".encode()
    yield f"GET / HTTP/1.1\r\n{host}X {word('header that is none')}: 1\r\n\r\n".encode()
    yield f"GET / HTTP/1.1\r\n{host}Transfer-Encoding: {word('header that is none')}\r\n\r\n".encode()
    yield f"{chunked}Transfer-Encoding: chunked\r\n\r\n{word('body that is none')}\r\n".encode() * 2


def hang_up(scene):
    """Requests that stop halfway, one of them in the middle of a file. Files are not even asked for."""
    malik = scene["Malik"].get(f"{scene.group}stories/new/")
    head = f"POST {scene.group}stories/new/preview/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {malik.cookie_header()}\r\n"
    form = f"{head}Content-Type: {FORM}\r\nContent-Length: 9999\r\n\r\n"
    with malik.begin(f"{form}text={word('words of an interrupted request')}".encode()):
        pass
    parts = f"{head}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9999999\r\n\r\n--b\r\n"
    file = 'Content-Disposition: form-data; name="text"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
    with malik.begin(f"{parts}{file}".encode() + f"{word('file')}\n".encode() * 220_000):
        time.sleep(0.5)  # it has been read as far as it goes
        scene.sinks.look()


def break_while_writing(scene):
    """The database refuses the words; then ends the connection; then the whole web process is killed."""
    malik, refused = scene["Malik"], word("words that the database refused")
    with without("insert", "groups_storykey, groups_proposal", "entraide_web"):
        share(scene, "Malik", refused, title=refused)
        assert malik.status == 500
        send_the_proposal(write_a_proposal(malik, hopes=word("hopes that were refused")))
        assert malik.status == 500
    send_the_proposal(write_a_proposal(malik)).reads(word("name of the group"))
    with _waiting(scene, word("words of an interrupted request")) as process, superuser() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [process])
    assert malik.status == 500
    with _waiting(scene, word("words of a killed process")):
        scene.site.kill("web")
    scene.site.start("web")


@contextmanager
def without(privilege, tables, role):
    with superuser() as cursor:
        cursor.execute(f"revoke {privilege} on {tables} from {role}")
        try:
            yield
        finally:
            cursor.execute(f"grant {privilege} on {tables} to {role}")


@contextmanager
def _waiting(scene, text):
    """While a story is being shared and waits for a lock: the process in the database that waits."""
    with superuser() as holder, superuser() as watcher:
        holder.execute("begin; lock table groups_story in share mode")
        sharing = threading.Thread(target=_share_into_the_void, args=[scene, text])
        sharing.start()
        yield wait_until(lambda: _waits(watcher))
        sharing.join(30)


def _waits(cursor):
    cursor.execute("select pid from pg_locks where not granted and relation = 'groups_story'::regclass")
    row = cursor.fetchone()
    return row and row[0]


def _share_into_the_void(scene, text):
    with suppress(OSError):  # the process at the other end is killed
        share(scene, "Malik", text)


def break_while_reading(scene):
    """A story opens and holds what no form lets pass, so that the exception itself quotes it; another is damaged."""
    author, ines = Member.objects.get(email=address("address of Malik")), scene["Inès"]
    strange = makers.make_story(author, Group(pk=scene.found["group"]), feelings=[word("feeling that is none")])
    assert ines.get(f"{scene.group}stories/").status == 500
    with superuser() as cursor:
        cursor.execute("delete from groups_story where id = %s", [str(strange.pk)])
        damage = "update groups_story set sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) where id = %s"
        cursor.execute(damage, [scene.found["story"]])
        assert word("text of a story") not in ines.get(scene.story, open="1").page
        cursor.execute(damage, [scene.found["story"]])  # done twice, it is undone
    ines.get(scene.story, open="1").reads(word("text of a story"))


def break_while_reminding(scene):
    with without("insert", "meetings_reminder", "entraide_worker"):
        app.send_task(send_due_reminders.name)
        wait_until(lambda: b"ProgrammingError" in scene.site.logs("worker")[-1].read_bytes())
