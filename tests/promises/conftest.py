"""A running site, and a proxy before it that can spoil what it answers."""

import http.client
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from entraide.lib import processes
from tests import makers, services
from tests.running import await_site


@pytest.fixture(scope="package")
def site(django_db_setup, django_db_blocker, static_files, tmp_path_factory):
    """The address of a running site. The sessions that looking at it begins are taken away again."""
    folder, port = tmp_path_factory.mktemp("site"), processes.free_port()
    address = f"http://{processes.LOOPBACK}:{port}"
    command = [sys.executable, "-m", "gunicorn", "entraide.wsgi", "--threads", "4", "--no-control-socket"]
    environment = services.web_environment() | {"SITE_URL": address}
    child = processes.start([*command, "-b", urlsplit(address).netloc], folder / "0.log", env=environment)
    await_site(f"{address}/healthz", folder / "0.log")
    yield address
    processes.stop(child, processes.signal.SIGTERM, 10)
    with django_db_blocker.unblock():
        makers.empty_every_table()


class Proxy(ThreadingHTTPServer):
    """Hands requests on to the site. `spoil(asked, status, headers)` returns another status and other headers;
    `forgets` are headers that do not reach the site."""

    def __init__(self, site):
        super().__init__((processes.LOOPBACK, 0), _HandOn)
        self.site = urlsplit(site).netloc
        self.spoil = lambda asked, status, headers: (status, headers)
        self.forgets = ()

    @property
    def address(self):
        return f"http://{processes.LOOPBACK}:{self.server_port}"


class _HandOn(BaseHTTPRequestHandler):
    def do_GET(self):
        line = http.client.HTTPConnection(self.server.site, timeout=10)
        asked = {name: value for name, value in self.headers.items() if name.lower() not in self.server.forgets}
        line.request("GET", self.path, headers=asked)
        answer = line.getresponse()
        body = answer.read()
        status, headers = self.server.spoil(self.path, answer.status, answer.getheaders())
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        line.close()

    def log_message(self, *_):
        pass


@pytest.fixture
def proxy(site, settings):
    """It stands where SITE_URL points."""
    server = Proxy(site)
    settings.SITE_URL = server.address
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
