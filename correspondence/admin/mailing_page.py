"""Everything that a mailing's page shows."""

from typing import Any

from django.http import HttpRequest

from config.kernel import clock
from config.kernel.masking import mask_person_numbers
from correspondence.admin import page_parts, timeline
from correspondence.models import Mailing
from correspondence.progress import progress_of


def context(request: HttpRequest, mailing: Mailing) -> dict[str, Any]:
    """For the template."""
    now = clock.now()
    letters = page_parts.first_letters(mailing)
    names = page_parts.names_for(mailing, [letter.recipient for letter in letters])
    deeds = timeline.deeds_on([mailing]) if timeline.sees_deeds(request) else []
    progress = progress_of(mailing.pk, now)
    content = page_parts.content_of(mailing)
    return {
        "title": content.title or str(mailing),
        "subtitle": "",
        "mailing": mailing,
        "content": content,
        "files": page_parts.files_of(request, mailing, now),
        "happenings": timeline.timeline([], deeds, names),
        "senders_reference": mask_person_numbers(mailing.senders_reference),
        "progress": progress,
        "segments": page_parts.segments(mailing, progress),
        "letters": page_parts.lines(request, letters, names, now),
        "letters_address": page_parts.letters_address(mailing),
        "metadata": list(page_parts.how_it_was_sent(mailing, names)),
    }
