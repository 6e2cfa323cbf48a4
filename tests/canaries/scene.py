"""The people of the long visit, the site that they visit, and what several steps of it do."""

from dataclasses import dataclass, field
from uuid import uuid4

from tests.canaries.marks import Mark, every_word, of_keys, word
from tests.canaries.sinks import Sinks
from tests.canaries.visitor import Visitor
from tests.running import Site

PEOPLE = ("Inès", "Malik", "Sofia", "Noor")
STAFF = "Nadia, staff"


@dataclass
class Scene:
    """`scene["Inès"]` is her browser: it stays as the step before left it."""

    site: Site
    sinks: Sinks
    people: dict[str, Visitor] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)  # ids that pages gave
    marks: list[Mark] = field(default_factory=lambda: [*every_word(), *of_keys()])
    gone: set[str] = field(default_factory=set)  # kinds of marks that no table holds any more, at the end
    remains: dict[str, bytes] = field(default_factory=dict)  # what every place holds at the end

    def __getitem__(self, who) -> Visitor:
        if who not in self.people:
            self.people[who] = Visitor(self.site.address)
        return self.people[who]

    @property
    def group(self):
        return f"/g/{self.found['group']}/"

    @property
    def story(self):
        return f"{self.group}stories/{self.found['story']}/"


def share(scene, who, text, **words) -> Visitor:
    """The short way: without reading it over."""
    visitor = scene[who].get(f"{scene.group}stories/new/")
    key = visitor.hidden("key") or str(uuid4())
    return visitor.post(
        f"{scene.group}stories/new/share/", {"readers": "present", "life": "", "key": key, "text": text, **words}
    )


def write_a_proposal(visitor, **words) -> Visitor:
    """The five pages; what is read over at the end waits in the session."""
    pages = (
        {"name": word("name of the group"), "lived_experience": "grief"},
        {"for_whom": word("for whom"), "description": word("description"), "language": "fr", "joining": "open"},
        {"format": "both", "city": word("city"), "zone": "America/Toronto", "rhythm_wished": word("rhythm")},
        {"second_person": "no", "hopes": word("hopes")},
        {"addition_1": word("sentence for the charter")},
    )
    visitor.get("/propose/1/")
    for step, typed in enumerate(pages, 1):
        visitor.post(f"/propose/{step}/", {name: words.get(name, said) for name, said in typed.items()})
    return visitor


def send_the_proposal(visitor) -> Visitor:
    return visitor.post("/propose/6/", key=visitor.get("/propose/6/").hidden("key"))
