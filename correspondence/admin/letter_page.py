"""Everything that a letter's page shows, in a number of queries that does not depend on how much there is."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.kernel import clock
from config.kernel.back_office import page_address
from config.kernel.masking import mask_person_numbers
from correspondence.admin import page_parts, timeline
from correspondence.admin.reveal import SECONDS
from correspondence.admin.words import queue_badge, status_badge
from correspondence.models import Correspondence
from correspondence.policies.queue import explanation
from correspondence.progress import progress_of
from correspondence.statuses import Status
from recipients.back_office import identifier, in_words
from recipients.identifiers import is_person

# Where the buttons of actions stand, and nothing where there are none.


def may_reveal(request: HttpRequest) -> bool:
    """Who may see a recipient's number: a permission of its own, beside that to see letters."""
    return bool(request.user.has_perm("correspondence.reveal_recipient"))


def context(request: HttpRequest, letter: Correspondence) -> dict[str, Any]:
    """For the template."""
    now, mailing = clock.now(), letter.mailing
    events = timeline.events_of(letter)
    deeds = timeline.deeds_on([letter, mailing]) if timeline.sees_deeds(request) else []
    siblings = page_parts.first_letters(mailing, but=letter) if mailing.recipient_count > 1 else []
    urns = {event.party for event in events} | {other.recipient for other in siblings}
    names = page_parts.names_for(mailing, {*urns, letter.recipient})
    progress = progress_of(mailing.pk, now)
    content = page_parts.content_of(mailing, letter.recipient_name)
    return {
        "title": content.title or str(letter),
        "subtitle": "",
        "letter": letter,
        "status": status_badge(letter),
        "queue": queue_badge(letter, now),
        "why": mask_person_numbers(explanation(letter, now)),
        "content": content,
        "recipient": _recipient(request, letter, names),
        "files": page_parts.files_of(request, mailing, now),
        "happenings": timeline.timeline(events[-timeline.MOST_EVENTS :], deeds, names),
        "earlier_are_left_out": len(events) > timeline.MOST_EVENTS,
        "senders_reference": mask_person_numbers(mailing.senders_reference),
        "mailing_address": page_address(request, mailing),
        "progress": progress,
        "segments": page_parts.segments(mailing, progress),
        "siblings": page_parts.lines(request, siblings, names, now),
        "letters_address": page_parts.letters_address(mailing),
        "metadata": [*_queue_facts(letter), *page_parts.how_it_was_sent(mailing, names)],
    }


def _recipient(request: HttpRequest, letter: Correspondence, names: dict[str, str]) -> dict[str, Any]:
    is_masked = mask_person_numbers(letter.recipient) != letter.recipient
    return {
        "is_person": is_person(letter.recipient),
        "name": names.get(letter.recipient) or mask_person_numbers(letter.recipient_name),
        "identifier": identifier(letter.recipient),
        "in_words": in_words(letter.recipient, names),
        "is_masked": is_masked,
        "seconds": SECONDS,
        "reveal": reverse("admin:correspondence_correspondence_reveal", args=[letter.pk])
        if is_masked and may_reveal(request)
        else "",
    }


def _queue_facts(letter: Correspondence) -> Iterator[page_parts.Fact]:
    yield page_parts.Fact(_("Letter"), str(letter.pk))
    yield page_parts.Fact(_("Status in the API"), Status(letter.status).label)
    yield page_parts.Fact(_("Attempts that failed"), str(letter.attempts))
    yield page_parts.Fact(_("Next attempt"), page_parts.moment(letter.next_try_at))
    yield page_parts.Fact(_("Last error"), mask_person_numbers(letter.last_error))
