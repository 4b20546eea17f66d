"""The business rules of initialize, in the order in which they are asked (contract validation.md §4; design §4).

Each rule yields its faults. The order differs from the contract's table in its head only: resource and access come
before the key, so that strangers cannot probe keys. Numbers in comments are rows of that table.
"""

from collections.abc import Iterator

from config.kernel import uuids, wire_time
from config.kernel.errors import DomainError
from correspondence import errors
from correspondence.drafts import Draft, Reference
from correspondence.models import IdempotencyKey
from correspondence.policies import files, recipients
from correspondence.policies.attempt import Attempt, Rule
from correspondence.policies.links import is_https_link
from correspondence.policies.plain_text import markup_in
from correspondence.statuses import NotificationTemplate, ReferenceType
from registry.errors import CallerUnknown, NoAccess, ResourceNotFound, WrongResourceType
from registry.policies import can_send_for
from registry.statuses import ResourceType

LANGUAGES = frozenset({"nb", "nn", "en"})
# Number 2 has no name in the contract, and is taken.
TEMPLATES = frozenset({*NotificationTemplate, 2})


def first_fault(attempt: Attempt) -> DomainError | None:
    """The answer of the first rule that fails, naming everything it concerns; None if all hold."""
    for rule in RULES:
        if faults := tuple(rule(attempt)):
            return DomainError.of(faults)
    return None


def template_is_known(attempt: Attempt) -> Iterator[DomainError]:
    """Contract validation.md §1: judged while the request is read, before every other rule."""
    number = (attempt.draft.notification or {}).get("notificationTemplate")
    if isinstance(number, int) and number not in TEMPLATES:
        yield errors.TemplateUnknown("correspondence.notification.notificationTemplate", number=number)


def key_has_one_recipient(attempt: Attempt) -> Iterator[DomainError]:
    """Row 1."""
    count = len(attempt.draft.recipients)
    if attempt.draft.idempotency_key is not None and count > 1:
        yield errors.KeyWorksWithOneRecipient("idempotentKey", count=count)


def resource_is_known(attempt: Attempt) -> Iterator[DomainError]:
    """Row 3."""
    if attempt.found is None:
        yield ResourceNotFound("correspondence.resourceId", resource=attempt.draft.resource_id)


def caller_may_send(attempt: Attempt) -> Iterator[DomainError]:
    """Rows 4 and 6: a caller that the token does not name cannot be asked for its rights."""
    if not attempt.caller.is_known:
        yield CallerUnknown()
    elif not can_send_for(attempt.caller, attempt.resource.owner, attempt.resource.pk):
        yield NoAccess("correspondence.resourceId")


def key_is_unused(attempt: Attempt) -> Iterator[DomainError]:
    """Row 2; row 50 is the same question asked by the unique key, inside the transaction."""
    key = attempt.draft.idempotency_key
    if key is not None and IdempotencyKey.objects.filter(owner=attempt.resource.owner, key=key).exists():
        yield errors.IdempotencyKeyUsed("idempotentKey")


def resource_carries_correspondence(attempt: Attempt) -> Iterator[DomainError]:
    """Row 5."""
    kind = attempt.resource.type
    app_with_dialog = kind == ResourceType.ALTINN_APP and _dialogs(attempt.draft)
    if kind != ResourceType.CORRESPONDENCE_SERVICE and not app_with_dialog:
        yield WrongResourceType("correspondence.resourceId", resource=attempt.resource.pk, type=kind)


def confidentiality_fits(attempt: Attempt) -> Iterator[DomainError]:
    """Rows 8 and 9, skipped for apps."""
    resource, wanted = attempt.resource, attempt.draft.is_confidential
    if resource.type == ResourceType.ALTINN_APP:
        return
    if resource.is_confidential and not wanted:
        yield errors.ConfidentialityMissing("correspondence.isConfidential", resource=resource.pk)
    if wanted and not resource.is_confidential:
        yield errors.ResourceNotConfidential("correspondence.isConfidential", resource=resource.pk)


def forwarding_is_possible(attempt: Attempt) -> Iterator[DomainError]:
    """Row 10."""
    level = attempt.resource.minimum_authentication_level
    if attempt.draft.allow_forwarding and level > 0:
        yield errors.ForwardingNotPossible("correspondence.allowForwarding", resource=attempt.resource.pk, level=level)


def recipients_are_listed_once(attempt: Attempt) -> Iterator[DomainError]:
    """Row 11, judged after normalisation."""
    first_places: dict[str, int] = {}
    for index, recipient in enumerate(attempt.draft.recipients):
        first = first_places.setdefault(recipient, index)
        if first != index:
            yield errors.RecipientRepeated(f"recipients[{index}]", first=first, second=index)


def confirmation_has_a_due_date(attempt: Attempt) -> Iterator[DomainError]:
    """Row 14."""
    if attempt.draft.is_confirmation_needed and attempt.draft.due_date_time is None:
        yield errors.DueDateMissing("correspondence.dueDateTime")


def due_date_is_ahead(attempt: Attempt) -> Iterator[DomainError]:
    """Row 16."""
    due = attempt.draft.due_date_time
    if due is not None and due < attempt.now:
        yield errors.DueDatePassed("correspondence.dueDateTime", due=wire_time.write(due))


def due_date_follows_publishing(attempt: Attempt) -> Iterator[DomainError]:
    """Row 17."""
    due, publish = attempt.draft.due_date_time, attempt.draft.requested_publish_time
    if due is not None and publish is not None and due < publish:
        yield errors.DueBeforePublishing(
            "correspondence.dueDateTime", due=wire_time.write(due), publish=wire_time.write(publish)
        )


def title_is_plain_text(attempt: Attempt) -> Iterator[DomainError]:
    """Row 19."""
    if markup := markup_in(attempt.draft.title):
        yield errors.TitleNotPlainText("correspondence.content.messageTitle", markup=markup)


def language_is_supported(attempt: Attempt) -> Iterator[DomainError]:
    """Row 23."""
    language = attempt.draft.language
    if language.lower() not in LANGUAGES:
        yield errors.LanguageNotSupported("correspondence.content.language", language=language)


def sender_name_is_plain_text(attempt: Attempt) -> Iterator[DomainError]:
    """Row 24."""
    if markup := markup_in(attempt.draft.message_sender or ""):
        yield errors.SenderNotPlainText("correspondence.messageSender", markup=markup)


def transmission_type_is_one(attempt: Attempt) -> Iterator[DomainError]:
    """Row 25."""
    count = len(_references(attempt.draft, ReferenceType.DialogportenTransmissionType))
    if count > 1:
        yield errors.SeveralTransmissionTypes("correspondence.externalReferences", count=count)


def transmission_type_has_a_dialog(attempt: Attempt) -> Iterator[DomainError]:
    """Row 26."""
    if _references(attempt.draft, ReferenceType.DialogportenTransmissionType) and not _dialogs(attempt.draft):
        yield errors.TransmissionTypeWithoutDialog("correspondence.externalReferences")


def dialog_ids_are_uuids(attempt: Attempt) -> Iterator[DomainError]:
    """Row 27."""
    for index, reference in _dialogs(attempt.draft):
        if uuids.parse_any(reference.value) is None:
            path = f"correspondence.externalReferences[{index}].referenceValue"
            yield errors.DialogIdNotUuid(path, index=index)


def transmission_has_one_recipient(attempt: Attempt) -> Iterator[DomainError]:
    """Row 28."""
    count = len(attempt.draft.recipients)
    if count > 1 and _dialogs(attempt.draft):
        yield errors.TransmissionHasOneRecipient("recipients", count=count)


def transmission_cannot_act(attempt: Attempt) -> Iterator[DomainError]:
    """Row 29."""
    draft = attempt.draft
    if not _dialogs(draft):
        return
    if draft.reply_options:
        yield errors.TransmissionCannotAct("correspondence.replyOptions", what="reply options")
    if draft.is_confirmation_needed:
        yield errors.TransmissionCannotAct("correspondence.isConfirmationNeeded", what="a confirmation")


def reply_links_are_https(attempt: Attempt) -> Iterator[DomainError]:
    """Row 41."""
    for index, option in enumerate(attempt.draft.reply_options):
        if not is_https_link(option.url):
            yield errors.BadReplyLink(f"correspondence.replyOptions[{index}].linkURL", index=index)


RULES: tuple[Rule, ...] = (
    template_is_known,
    key_has_one_recipient,
    resource_is_known,
    caller_may_send,
    key_is_unused,
    resource_carries_correspondence,
    confidentiality_fits,
    forwarding_is_possible,
    recipients_are_listed_once,
    recipients.recipients_are_known,
    recipients.recipients_have_the_role,
    confirmation_has_a_due_date,
    recipients.only_recipient_has_not_reserved,
    due_date_is_ahead,
    due_date_follows_publishing,
    title_is_plain_text,
    language_is_supported,
    sender_name_is_plain_text,
    transmission_type_is_one,
    transmission_type_has_a_dialog,
    dialog_ids_are_uuids,
    transmission_has_one_recipient,
    transmission_cannot_act,
    *files.RULES,
    reply_links_are_https,
    recipients.names_are_known,
    files.checksums_agree,
)


def _references(draft: Draft, kind: ReferenceType) -> list[tuple[int, Reference]]:
    return [(index, reference) for index, reference in enumerate(draft.references) if reference.is_a(kind)]


def _dialogs(draft: Draft) -> list[tuple[int, Reference]]:
    return _references(draft, ReferenceType.DialogportenDialogId)
