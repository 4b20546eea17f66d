"""Numbers as people write them."""

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def figure(number: int) -> str:
    """With the language's separator of thousands."""
    return number_format(number, force_grouping=True)
