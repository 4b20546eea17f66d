"""What the pages of a letter and of a mailing have in common: what was sent, with what, to how many, and how."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from attachments.back_office import file_badge
from config.kernel.back_office import Badge, page_address
from config.kernel.masking import mask_person_numbers
from config.kernel.masking import masked as masked_value
from correspondence.admin.words import queue_badge, status_badge
from correspondence.markdown import as_markdown
from correspondence.markdown.showing import as_page
from correspondence.models import Correspondence, IdempotencyKey, Mailing, MailingAttachment
from correspondence.policies.recipients import RECIPIENT_NAME, addressed
from correspondence.progress import Progress
from correspondence.statuses import QueueState, Status
from recipients.back_office import Names, in_words, names_of
from recipients.identifiers import organization_urn

MOST_LETTERS = 20
_LETTERS = "admin:correspondence_correspondence_changelist"


def names_for(mailing: Mailing, urns: Iterable[str]) -> dict[str, str]:
    """The names of these parties, and of who sent the mailing, where any register has them."""
    owner = mailing.owner
    return {organization_urn(owner.organization_number): owner.name, **names_of({*urns, mailing.created_by})}


@dataclass(frozen=True, slots=True)
class Content:
    """What the recipient gets to read."""

    title: str
    summary: str
    body: SafeString
    language: str
    erased_at: datetime | None


def content_of(mailing: Mailing, name: str = RECIPIENT_NAME) -> Content:
    """With this recipient's name in it; on a mailing's page the place for it is left as the sender wrote it."""
    # as_page lets nothing through that runs or that is fetched.
    body = SafeString(as_page(as_markdown(mailing.body, RECIPIENT_NAME, name)))
    return Content(
        title=mask_person_numbers(addressed(mailing.title, name)),
        summary=mask_person_numbers(addressed(mailing.summary, name)),
        body=body,
        language=mailing.language,
        erased_at=mailing.content_erased_at,
    )


@dataclass(frozen=True, slots=True)
class File:
    """An attachment, as the mailing carries it."""

    name: str
    display_name: str
    address: str  # of its page; empty: it would not open
    size: int | None
    badge: Badge
    expires_at: datetime | None
    is_expired: bool


def files_of(request: HttpRequest, mailing: Mailing, now: datetime) -> list[File]:
    """In the sender's order, in one query."""
    return [_file(request, link, now) for link in mailing.attachments.in_order()]


def _file(request: HttpRequest, link: MailingAttachment, now: datetime) -> File:
    attachment, end = link.attachment, link.expiration_time
    return File(
        name=mask_person_numbers(attachment.file_name),
        display_name=mask_person_numbers(attachment.display_name or ""),
        address=page_address(request, attachment),
        size=attachment.size,
        badge=file_badge(attachment),
        expires_at=end,
        is_expired=end is not None and end <= now,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A letter in a list of a mailing's."""

    address: str
    recipient: str
    badge: Badge  # where it stands in the queue; once it is out of it, what it is


def first_letters(mailing: Mailing, *, but: Correspondence | None = None) -> list[Correspondence]:
    """The first of a mailing's in the sender's order, apart from this one."""
    letters = mailing.correspondences.order_by("pk")
    return list((letters if but is None else letters.exclude(pk=but.pk))[:MOST_LETTERS])


def lines(request: HttpRequest, letters: Iterable[Correspondence], names: Names, now: datetime) -> list[Line]:
    """As they stand in the list."""
    return [
        Line(
            address=page_address(request, letter),
            recipient=in_words(letter.recipient, names),
            badge=queue_badge(letter, now) or status_badge(letter),
        )
        for letter in letters
    ]


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the bar, and what it says beside it."""

    label: Any
    count: int
    tone: str
    left: float  # of a bar that is 1000 wide
    width: float
    address: str  # of the list of these letters; empty: no filter gives them


_WHOLE, _LEAST = 1000.0, 12.0
_KINDS: tuple[tuple[str, Any, str, dict[str, Any] | None], ...] = (
    ("published", _("Published"), "good", None),
    ("due", _("Due now, or tried again"), "info", None),
    ("scheduled", _("Scheduled"), "info", None),
    ("waiting", _("Waiting to be queued"), "info", {"queue_state__exact": QueueState.WAITING.value}),
    ("set_aside", _("Set aside after errors"), "bad", {"queue_state__exact": QueueState.SET_ASIDE.value}),
    ("failed", _("Failed"), "bad", {"status__exact": Status.FAILED.value}),
    ("taken_back", _("Deleted by their sender before they were out"), "quiet", None),
)


def segments(mailing: Mailing, progress: Progress) -> list[Segment]:
    """What there is of each kind; a single failed letter among 500 is still seen."""
    kinds = [kind for kind in _KINDS if getattr(progress, kind[0])]
    shares = [max(_LEAST, _WHOLE * getattr(progress, kind[0]) / progress.total) for kind in kinds]
    left, found = 0.0, []
    for (name, label, tone, query), share in zip(kinds, shares, strict=True):
        width = share * _WHOLE / sum(shares)
        address = letters_address(mailing, **query) if query else ""
        found.append(Segment(label, getattr(progress, name), tone, round(left, 1), round(width, 1), address))
        left += width
    return found


def letters_address(mailing: Mailing, **query: Any) -> str:
    """The list of the mailing's letters, or of some of them."""
    return f"{reverse(_LETTERS)}?{urlencode({'mailing__exact': mailing.pk, **query})}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what is said beside it: a text, or names and texts of its own."""

    name: Any
    text: Any = ""
    pairs: Sequence[tuple[str, str]] = ()


def how_it_was_sent(mailing: Mailing, names: Names) -> Iterator[Fact]:
    """The request, less what is shown elsewhere; masked."""
    yield Fact(_("Sent by"), in_words(mailing.created_by, names))
    yield Fact(_("Message sender"), mask_person_numbers(mailing.message_sender or ""))
    yield Fact(_("Language"), mailing.language)
    yield Fact(_("Recipients"), str(mailing.recipient_count))
    yield Fact(_("Confirmation is needed"), _yes_or_no(mailing.is_confirmation_needed))
    yield Fact(_("Confidential"), _yes_or_no(mailing.is_confidential))
    yield Fact(_("Sent although its recipient has reserved"), _yes_or_no(mailing.ignore_reservation))
    yield Fact(_("May be forwarded"), _yes_or_no(mailing.allow_forwarding))
    references = ((entry["type"], entry["value"]) for entry in mailing.external_references)
    yield Fact(_("External references"), pairs=_pairs(references))
    yield Fact(_("Properties"), pairs=_pairs(mailing.property_list.items()))
    yield Fact(
        _("Reply options"), pairs=_pairs((entry["text"] or "–", entry["url"]) for entry in mailing.reply_options)
    )
    yield Fact(_("Notification, as it was asked for"), pairs=_pairs(_flat(mailing.notification or {})))
    yield Fact(_("Idempotency key"), ", ".join(map(str, IdempotencyKey.objects.filter(mailing=mailing))))
    yield Fact(_("Trace"), mailing.traceparent)
    yield Fact(_("Mailing"), str(mailing.pk))
    yield Fact(_("All its letters were deleted"), moment(mailing.purged_at))
    yield Fact(_("Content erased"), moment(mailing.content_erased_at))


def moment(at: datetime | None) -> str:
    """Local, and as people write it."""
    return "" if at is None else date_format(localtime(at), "DATETIME_FORMAT")


def _yes_or_no(value: bool | None) -> Any:
    return _("yes") if value else _("no")


def _pairs(found: Iterable[tuple[Any, Any]]) -> list[tuple[str, str]]:
    return [(mask_person_numbers(str(name)), mask_person_numbers(_written(value))) for name, value in found]


def _written(value: Any) -> str:
    return str(_yes_or_no(value) if isinstance(value, bool) else value)


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """`customRecipient.emailAddress` and what it holds; what was left out is left out."""
    if isinstance(value, dict):
        for key, inner in masked_value(value).items():
            yield from _flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value, start=1):
            yield from _flat(inner, f"{name}.{place}")
    elif value is not None:
        yield name, value
