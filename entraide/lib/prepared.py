"""Queries that are put together once. Django writes the SQL of a queryset anew each time it is asked; on the pages that
everybody opens, that takes longer than the database takes to answer."""

from collections.abc import Callable
from copy import copy
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, update_wrapper
from inspect import signature
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

# Values that no query of ours has: where one of them stands in the SQL, a value of each asking will stand.
SAMPLES = {
    str: lambda number: f"sample {number}",
    int: lambda number: 2**31 - number,
    date: lambda number: date.min + timedelta(days=number),
    datetime: lambda number: datetime.min.replace(tzinfo=UTC) + timedelta(seconds=number),
    UUID: lambda number: UUID(int=number),
}


class Prepared:
    """`build` makes a queryset of whole rows. Its keywords are values, of the types of SAMPLES by their annotations:
    they change from one asking to the next. What comes by position (how many rows at most) is part of the query."""

    def __init__(self, build: Callable[..., QuerySet]):
        update_wrapper(self, build)
        values = [one for one in signature(build).parameters.values() if one.kind is one.KEYWORD_ONLY]
        self._samples = {SAMPLES[one.annotation](number): one.name for number, one in enumerate(values, 1)}
        self._build = build
        self._compiled = lru_cache(self._compile)

    def __call__(self, *shape, **values) -> list[Model]:
        return list(ModelIterable(_Asked(*self._compiled(*shape), values)))

    def first(self, *shape, **values) -> Model | None:
        """Of a query that asks for one row at most."""
        return next(iter(self(*shape, **values)), None)

    def _compile(self, *shape):
        queryset = self._build(*shape, **{name: sample for sample, name in self._samples.items()})
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        query, params = compiler.as_sql()
        names = [self._samples.get(param) for param in params]
        missing = set(self._samples.values()) - set(names)
        if missing:
            raise TypeError(f"{self._build.__name__}: nothing in the query asks for {', '.join(sorted(missing))}")
        return compiler, query, [*zip(names, params, strict=True)]


class _Asked:
    """What Django's own reader of rows needs of a queryset; the SQL is there already."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects = {}

    def __init__(self, compiler, query, params, values):
        self.query = self
        self._compiler, self._query = compiler, query
        self._params = tuple(values[name] if name else param for name, param in params)

    def get_compiler(self, using):
        compiler = copy(self._compiler)
        compiler.connection = connections[using]
        compiler.as_sql = lambda: (self._query, self._params)
        return compiler
