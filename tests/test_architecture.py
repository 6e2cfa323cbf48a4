"""The rules that keep the house in its shape. Each of them is also shown a file that breaks it."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parent.parent
LAYERS = ["entraide.lib", "members", "groups", "meetings", "entraide"]  # each may use those before it
FORBIDDEN = {"utils", "helpers", "services", "managers", "signals", "selectors", "common"}
MODELS = [model for app in ("groups", "meetings") for model in apps.get_app_config(app).get_models()]
CONTENT = {model.__name__ for model in MODELS} - {"Group", "KeyMark", "Listing"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}
ROOMS = (
    "entraide/rotation.py",
    "groups/confidentiality.py",
    "groups/journal.py",
    "groups/notebook.py",
    "groups/proposals.py",
    "groups/requests.py",
    "meetings/calendar_address.py",
    "meetings/reminders.py",
    "meetings/upkeep.py",
    "groups/models/",
    "meetings/models.py",
)
KEY_ROOMS = ("groups/vault.py", "groups/own_keys.py", "entraide/lib/crypto.py", "entraide/lib/keys.py")
SEALING = {"seal", "unseal", "seal_payload", "open_payload", "seal_for", "open_with"}
KEYS = {"_keys", "web_keys", "worker_private"}
STAFF_KNOWN = ("members/", "entraide/middleware.py", "entraide/demo/")  # the demonstration makes its people


def layer_of(name):
    return max((layer for layer in LAYERS if f"{name}.".startswith(f"{layer}.")), key=len, default=None)


def wrong_imports(path, tree):
    """Imports run one way, those inside functions and models named in strings included."""
    own = LAYERS.index(layer_of(path.removesuffix(".py").replace("/", ".")))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["relative"] if node.level else [f"{node.module}.{alias.name}" for alias in node.names]
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.count(".")
            and " " not in node.value
        ):
            names = [node.value]
        elif isinstance(node, ast.Call) and called(node) in ("get_model", "get_app_config", "import_module"):
            names = [node.args[0].value] if isinstance(node.args[0], ast.Constant) else []
        else:
            continue
        for name in names:
            if name == "relative" or (layer_of(name) and LAYERS.index(layer_of(name)) > own):
                yield f"{node.lineno} {name}"


def wrong_file_names(path, tree):
    yield from FORBIDDEN & set(path.removesuffix(".py").split("/"))


def content_obtained_elsewhere(path, tree):
    """`Story.objects.get` and the like. Making a row, or reading a held one again, is not obtaining it."""
    if path.startswith(ROOMS):
        return
    again = {id(inner) for node in ast.walk(tree) if called(node) == "refresh_from_db" for inner in ast.walk(node)}
    making = {id(node.value) for node in ast.walk(tree) if getattr(node, "attr", "") in ("create", "bulk_create")}
    for node in ast.walk(tree):
        manager = isinstance(node, ast.Attribute) and node.attr in MANAGERS and last_name(node.value) in CONTENT
        if manager and id(node) not in again | making:
            yield f"{node.lineno} {last_name(node.value)}.{node.attr}"


def querying_views(path, tree):
    if not {"views", "views.py", "forms", "forms.py", "templatetags"} & set(path.split("/")) or "demo" in path:
        return
    for node in ast.walk(tree):
        if last_name(node) in MANAGERS | {"get_object_or_404", "get_list_or_404"} or imported(node) & {
            "get_object_or_404"
        }:
            yield f"{node.lineno} a view asks the database itself"


def keys_outside_the_vault(path, tree):
    if path in KEY_ROOMS:
        return
    known = {"seal_payload", "open_payload"} if path == "members/sessions.py" else set()
    for node in ast.walk(tree):
        of_crypto = isinstance(node, ast.Attribute) and last_name(node.value) == "crypto" and node.attr in SEALING
        of_keys = isinstance(node, ast.Attribute) and node.attr in ("KEYS_FILE", "WORKER_KEY_FILE", "wrapped")
        asked = isinstance(node, ast.Attribute) and last_name(node.value) == "keys" and node.attr in KEYS
        private = isinstance(node, ast.Attribute) and last_name(node.value) == "vault" and node.attr.startswith("_")
        if of_crypto or of_keys or asked or private or imported(node) & (SEALING | KEYS) - known:
            yield f"{node.lineno} a key"


def staff_known_elsewhere(path, tree):
    if path.startswith(STAFF_KNOWN):
        return
    for node in ast.walk(tree):
        named = node.arg if isinstance(node, ast.keyword) else last_name(node)
        if named in ("is_staff", "is_superuser"):
            yield f"{node.lineno} {named}"


def too_long(path, tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 40:
            yield f"{node.lineno} {node.name}"
    if "migrations" not in path and tree.body and tree.body[-1].end_lineno > 400:
        yield "the file"


def called(node):
    return last_name(node.func) if isinstance(node, ast.Call) else None


def last_name(node):
    return getattr(node, "attr", None) if isinstance(node, ast.Attribute) else getattr(node, "id", None)


def imported(node):
    return {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()


RULES = [
    wrong_imports,
    wrong_file_names,
    content_obtained_elsewhere,
    querying_views,
    keys_outside_the_vault,
    staff_known_elsewhere,
    too_long,
]


@pytest.fixture(scope="module")
def house():
    files = [
        file for package in ("entraide", "members", "groups", "meetings") for file in (ROOT / package).rglob("*.py")
    ]
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text()) for file in files}


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_its_rule(house, rule):
    assert len(house) > 60
    assert [f"{path}: {found}" for path, tree in house.items() for found in rule(path, tree)] == []


BROKEN = [
    (wrong_imports, "groups/reading.py", "from meetings.models import Meeting"),
    (wrong_imports, "groups/reading.py", "def late():\n    import meetings"),
    (wrong_imports, "groups/models/story.py", "models.ForeignKey('meetings.Meeting', models.CASCADE)"),
    (wrong_imports, "groups/models/story.py", "apps.get_model('meetings', 'Meeting')"),
    (wrong_imports, "groups/reading.py", "from entraide import views"),
    (wrong_imports, "groups/reading.py", "from . import vault"),
    (wrong_imports, "members/views.py", "from groups import vault"),
    (wrong_imports, "entraide/lib/mail.py", "from members.models import Member"),
    (wrong_imports, "entraide/lib/mail.py", "from entraide.celery import app"),
    (wrong_file_names, "groups/utils.py", ""),
    (wrong_file_names, "meetings/common/rules.py", ""),
    (content_obtained_elsewhere, "groups/reading.py", "Story.objects.get(pk=pk)"),
    (content_obtained_elsewhere, "groups/views/inside.py", "models.Membership.objects.filter(pk=pk).first()"),
    (content_obtained_elsewhere, "meetings/coming.py", "every = Rsvp.objects"),
    (content_obtained_elsewhere, "entraide/views.py", "Meeting._default_manager.all()"),
    (querying_views, "groups/views/public.py", "Group.objects.listed()"),
    (querying_views, "meetings/forms.py", "self.model.objects.count()"),
    (querying_views, "entraide/views.py", "from django.shortcuts import get_object_or_404"),
    (querying_views, "entraide/templatetags/house.py", "shortcuts.get_object_or_404(Group, pk=pk)"),
    (keys_outside_the_vault, "groups/telling.py", "story.key.wrapped"),
    (keys_outside_the_vault, "groups/telling.py", "vault._keys().edge"),
    (keys_outside_the_vault, "groups/telling.py", "from groups.vault import _keys"),
    (keys_outside_the_vault, "members/outbox.py", "keys.web_keys().worker_public"),
    (keys_outside_the_vault, "members/delivering.py", "from entraide.lib.keys import worker_private"),
    (keys_outside_the_vault, "entraide/views.py", "settings.KEYS_FILE"),
    (keys_outside_the_vault, "meetings/reminders.py", "Path(settings.WORKER_KEY_FILE).read_text()"),
    (keys_outside_the_vault, "meetings/views.py", "crypto.unseal(key, series.sealed)"),
    (keys_outside_the_vault, "meetings/views.py", "from entraide.lib.crypto import open_payload as read"),
    (keys_outside_the_vault, "members/sessions.py", "from entraide.lib.crypto import unseal"),
    (staff_known_elsewhere, "groups/confidentiality.py", "return member.is_staff"),
    (staff_known_elsewhere, "groups/founding.py", "Member(is_superuser=True)"),
    (too_long, "groups/reading.py", "def card():\n" + "    pass\n" * 40),
    (too_long, "groups/reading.py", "\n" * 400 + "pass"),
]


@pytest.mark.parametrize(("rule", "path", "source"), BROKEN)
def test_each_rule_notices_a_file_that_breaks_it(rule, path, source):
    assert list(rule(path, ast.parse(source)))


def test_no_template_is_long_and_only_the_menu_knows_staff():
    texts = {
        str(file.relative_to(ROOT)): file.read_text() for file in (ROOT / "templates").rglob("*") if file.is_file()
    }

    assert len(texts) > 60
    assert [path for path, text in texts.items() if text.count("\n") > 200] == []
    known = [path for path, text in texts.items() if "is_staff" in text or "is_superuser" in text]
    assert known == ["templates/components/_main_nav.html"]
