"""Texts that are too long for a B-tree: they are indexed, and looked up, by a hash."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact


class TextHash(Func):
    """PostgreSQL's 64-bit hash of a text."""

    function = "hashtextextended"
    template = "%(function)s(%(expressions)s, 0)"
    arity = 1
    output_field = models.BigIntegerField()


def text_is(field: str, text: str) -> Q:
    """The field holds exactly this text; stands on an index of its hash."""
    hashed = TextHash(Value(text, output_field=models.TextField()))
    return Q(Exact(TextHash(F(field)), hashed), **{field: text})
