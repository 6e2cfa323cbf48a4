"""A proposal as a browser makes it, page by page; and how staff answer it."""

from groups import approving
from groups.models import Proposal
from tests.makers import as_person

STEPS = {
    1: {"lived_experience": "pain", "name": "Vivre avec la douleur"},
    2: {
        "for_whom": "Pour les personnes qui vivent avec une douleur qui dure.",
        "description": "",
        "language": "fr",
        "access": ["captions"],
        "joining": "welcome",
    },
    3: {"format": "online", "city": "", "zone": "America/Toronto", "rhythm_wished": "Le mardi, 19 h"},
    4: {"second_person": "yes", "hopes": "À six ou sept, autour d’un thé."},
    5: {"addition_1": "On peut rester sans parler.", "addition_2": "", "addition_3": ""},
}
LETTER = "Bonjour Yasmine, c’est d’accord."
POINTS = dict.fromkeys(("lived", "members", "free", "confidential", "open_minded", "no_sale", "no_professional"), "on")


def write(browser, *steps, **changes):
    """Type these steps, all of them unless said otherwise, and send each. Returns the last answer."""
    for step in steps or STEPS:
        typed = {name: changes.get(name, value) for name, value in STEPS[step].items()}
        answer = browser.post(f"/propose/{step}/", typed)
    return answer


def send(browser, **options):
    page = browser.get("/propose/6/")
    return browser.post("/propose/6/", {"key": page.context["draft"].key}, **options)


def only_proposal(proposer):
    with as_person(proposer):
        return Proposal.objects.get()


def answered(verb, proposal, staff, text="Bonjour, et merci."):
    """accept, ask or suggest_no, as staff."""
    with as_person(staff, staff=True):
        proposal.refresh_from_db()
        getattr(approving, verb)(proposal, staff, text, proposal.version)


def decline(proposal, staff, second, text="Bonjour. Ce groupe vend quelque chose."):
    answered("suggest_no", proposal, staff, text)
    with as_person(second, staff=True):
        proposal.refresh_from_db()
        approving.confirm_no(proposal, second, proposal.version)


def at(proposal, end=""):
    return f"/staff/proposals/{proposal.pk}/{end}"


def letter(version=0, **others):
    return {"text": LETTER, "version": version, "read": "1", **others}
