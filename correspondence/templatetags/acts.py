"""What may be done with a letter or a mailing, for the buttons of its page."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse

from config.kernel import clock
from correspondence.models import Correspondence, Mailing, SentAgain
from correspondence.policies.acts import refusal, standings
from correspondence.statuses import Act

register = template.Library()
_MAY_ACT = "correspondence.change_correspondence"


@dataclass(frozen=True, slots=True)
class Button:
    """One thing that may be done."""

    label: Any
    url: str
    count: int = 1


@register.simple_tag(takes_context=True)
def acts_of_letter(context: Any, letter: Correspondence) -> dict[str, Any]:
    """Buttons for who may press them and the letter's old or new self. One query."""
    links = list(SentAgain.objects.concerning([letter.pk]))
    new = next((link.new_id for link in links if link.old_id == letter.pk), None)
    old = next((link.old_id for link in links if link.new_id == letter.pk), None)
    able = [act for act in Act if refusal(letter, act, clock.now()) is None and not (act == Act.SEND_AGAIN and new)]
    may_act = context["request"].user.has_perm(_MAY_ACT)
    return {
        "buttons": [_button("letter", letter, act) for act in able] if may_act else [],
        "new": new,
        "old": old,
    }


@register.simple_tag(takes_context=True)
def acts_of_mailing(context: Any, mailing: Mailing) -> dict[str, Any]:
    """Buttons for who may press them, each with its number of letters. One query."""
    if not context["request"].user.has_perm(_MAY_ACT):
        return {"buttons": []}
    now = clock.now()
    letters = standings(Correspondence.objects.filter(mailing=mailing).order_by())
    counts = Counter(act for letter in letters for act in Act if refusal(letter, act, now) is None)
    return {"buttons": [_button("mailing", mailing, act, counts[act]) for act in Act if counts[act]]}


def _button(kind: str, row: Correspondence | Mailing, act: Act, count: int = 1) -> Button:
    return Button(act.label, reverse(f"admin:correspondence_bulkjob_{kind}", args=[row.pk, act.value]), count)
