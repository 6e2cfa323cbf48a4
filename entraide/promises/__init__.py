"""What entraide promises of a running installation, said so that the machine can look (`manage.py check_promises`).

A promise is a small function: it looks, and yields one finding in plain words for each thing that breaks it. It yields
nothing only when it has seen that all is well; what it cannot see is a finding too. The rules about PostgreSQL are the
ones that the tests hold against a freshly made database (tests/promises/), so each of them stands here once.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Rule = Callable[..., Iterator[str]]


class CannotLook(Exception):
    """What a promise is about cannot be seen; the text says why, in words that we chose."""


def promise(words: str) -> Callable[[Rule], Rule]:
    """Give a rule the words that people read."""

    def mark(rule):
        rule.words = words
        return rule

    return mark


@dataclass(frozen=True)
class Verdict:
    words: str
    findings: list[str]

    @property
    def is_kept(self) -> bool:
        return not self.findings


def judged(rules: Iterable[Rule], *looked_at) -> list[Verdict]:
    return [Verdict(rule.words, _findings(rule, looked_at)) for rule in rules]


def unseen(rules: Iterable[Rule], why: str) -> list[Verdict]:
    return [Verdict(rule.words, [why]) for rule in rules]


def _findings(rule, looked_at):
    try:
        return list(rule(*looked_at))
    except CannotLook as reason:
        return [str(reason)]
    except Exception as failure:  # its text may quote anything; its class says enough
        return [f"it could not be checked ({type(failure).__name__})"]
