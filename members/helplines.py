"""Where helplines are obtained. Everybody may read them; the row policies let only staff write."""

from dataclasses import dataclass

from django.http import Http404

from members.models import Helpline, Region


@dataclass
class Place:
    region: Region
    lines: list[Helpline]
    danger: list[Helpline]  # for a life in danger

    @property
    def every(self) -> list[Helpline]:
        return self.danger + self.lines

    @property
    def is_bare(self) -> bool:
        return any(not line.says_something for line in self.lines)


def by_region() -> list[Place]:
    """Every region in the order of the page, also those without a line yet. One query."""
    every = list(Helpline.objects.all())
    return [
        Place(
            region,
            [line for line in every if line.region == region and not line.in_danger],
            [line for line in every if line.region == region and line.in_danger],
        )
        for region in Region
    ]


def find(pk: int) -> Helpline:
    try:
        return Helpline.objects.get(pk=pk)
    except Helpline.DoesNotExist:
        raise Http404 from None


def remove(pk: int) -> None:
    """A number that nobody answers any more. Asked twice, it is gone all the same."""
    Helpline.objects.filter(pk=pk).delete()


def to_check() -> list[Helpline]:
    return [line for line in Helpline.objects.all() if line.needs_a_check]
