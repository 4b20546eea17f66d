"""The languages that a page offers."""

from collections.abc import Sequence

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def offered_languages() -> Sequence[tuple[str, str]]:
    """Codes and names, each named in itself; Django's own tag would translate the names."""
    return settings.LANGUAGES
