"""What the register of parties says against a recipient: asked by initialize, and again when a letter goes out."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from correspondence import errors
from correspondence.drafts import Draft
from correspondence.models import Correspondence, Mailing
from correspondence.policies.attempt import Attempt
from correspondence.statuses import Refusal
from recipients.identifiers import is_person
from recipients.models import Party
from registry.models import Resource

RECIPIENT_NAME = "{{recipientName}}"
Parties = Mapping[str, Party]
# In a letter's history, which senders read.
_TOLD = {
    Refusal.UNKNOWN: "The recipient is not in the register",
    Refusal.RESERVED: "The recipient has reserved against digital post",
    Refusal.LACKS_ROLE: "The recipient lacks the role that confidential correspondence demands",
}


def addressed(text: str, name: str) -> str:
    """The text with its recipient's name in it (contract http-api.md §3.3)."""
    return text.replace(RECIPIENT_NAME, name)


@dataclass(frozen=True, slots=True)
class Demands:
    """What a mailing asks of each of its recipients."""

    ignores_reservation: bool
    needs_role: bool  # confidential, and its resource wants organisations to have the role for that

    def concern(self, urn: str) -> bool:
        """Whether anything depends on what the register says of this recipient."""
        return settings.RECIPIENTS_MUST_BE_KNOWN or (
            not self.ignores_reservation if is_person(urn) else self.needs_role
        )

    @classmethod
    def of(cls, *, ignore_reservation: bool | None, is_confidential: bool, recipients_need_role: bool) -> "Demands":
        """Those of a mailing with these facts."""
        return cls(ignore_reservation is True, is_confidential and recipients_need_role)


def _demands(draft: Draft, resource: Resource) -> Demands:
    return Demands.of(
        ignore_reservation=draft.ignore_reservation,
        is_confidential=draft.is_confidential,
        recipients_need_role=resource.recipients_need_role,
    )


def is_unknown(urn: str, parties: Parties) -> bool:
    """Whether the register must know the recipient, and does not."""
    return settings.RECIPIENTS_MUST_BE_KNOWN and urn not in parties


def has_reserved(urn: str, parties: Parties, demands: Demands) -> bool:
    """Whether the recipient is a person who wants no digital post, and that counts."""
    return not demands.ignores_reservation and is_person(urn) and urn in parties and parties[urn].is_reserved


def lacks_role(urn: str, parties: Parties, demands: Demands) -> bool:
    """Whether the recipient is an organisation without the role that it would need."""
    if not demands.needs_role or is_person(urn):
        return False
    return urn not in parties or not parties[urn].has_confidential_role


def is_nameless(urn: str, parties: Parties) -> bool:
    """Whether the register does not know what the recipient is called."""
    return urn not in parties or not parties[urn].name.strip()


def refusal_of(urn: str, parties: Parties, demands: Demands, *, named: bool) -> Refusal | None:
    """Why the recipient gets no letter that asks this of it; None where it may. `named`: the text names it."""
    if is_unknown(urn, parties):
        return Refusal.UNKNOWN
    if has_reserved(urn, parties, demands):
        return Refusal.RESERVED
    if lacks_role(urn, parties, demands):
        return Refusal.LACKS_ROLE
    return Refusal.NAMELESS if named and is_nameless(urn, parties) else None


def parties_for(draft: Draft, resource: Resource | None) -> Parties:
    """What the register knows of the recipients; it is not asked where nothing depends on it."""
    if resource is None:
        return {}
    demands, named = _demands(draft, resource), names_recipient(draft)
    return _parties_of({urn for urn in draft.recipients if named or demands.concern(urn)})


def _parties_of(urns: Collection[str]) -> Parties:
    return Party.objects.by_urn(urns) if urns else {}


def names_recipient(draft: Draft | Mailing) -> bool:
    """Whether the text speaks of its recipient by name (contract http-api.md §3.3)."""
    return any(RECIPIENT_NAME in text for text in (draft.title, draft.summary, draft.body))


def recipients_are_known(attempt: Attempt) -> Iterator[errors.RecipientsNotFound]:
    """Row 12."""
    for index, urn in enumerate(attempt.draft.recipients):
        if is_unknown(urn, attempt.parties):
            yield errors.RecipientsNotFound(f"recipients[{index}]", index=index, why="")


def recipients_have_the_role(attempt: Attempt) -> Iterator[errors.RecipientLacksRole]:
    """Row 13."""
    demands = _demands(attempt.draft, attempt.resource)
    for index, urn in enumerate(attempt.draft.recipients):
        if lacks_role(urn, attempt.parties, demands):
            yield errors.RecipientLacksRole(f"recipients[{index}]", index=index)


def only_recipient_has_not_reserved(attempt: Attempt) -> Iterator[errors.RecipientReserved]:
    """Row 15. Among several nobody is refused: those who have reserved get the status Reserved."""
    if len(attempt.draft.recipients) == 1 and attempt.draft.recipients[0] in reserved(attempt):
        yield errors.RecipientReserved("recipients[0]")


def names_are_known(attempt: Attempt) -> Iterator[errors.RecipientsNotFound]:
    """Row 42."""
    if not names_recipient(attempt.draft):
        return
    for index, urn in enumerate(attempt.draft.recipients):
        if is_nameless(urn, attempt.parties):
            why = f" by name, and the text says {RECIPIENT_NAME}"
            yield errors.RecipientsNotFound(f"recipients[{index}]", index=index, why=why)


def reserved(attempt: Attempt) -> set[str]:
    """Those of the recipients who have reserved against digital post."""
    demands = _demands(attempt.draft, attempt.resource)
    return {urn for urn in attempt.draft.recipients if has_reserved(urn, attempt.parties, demands)}


def refused(ids: Collection[UUID]) -> Mapping[str, list[UUID]]:
    """Those of some letters that cannot go out as the register is by now, by the reason (contract lifecycle.md §6)."""
    rows = Correspondence.objects.filter(pk__in=ids).values_list(
        "pk",
        "recipient",
        "mailing__ignore_reservation",
        "mailing__is_confidential",
        "resource__recipients_need_role",
    )
    letters = [
        (
            row_id,
            urn,
            Demands.of(ignore_reservation=ignores, is_confidential=confidential, recipients_need_role=need_role),
        )
        for row_id, urn, ignores, confidential, need_role in rows
    ]
    parties = _parties_of({urn for _, urn, demands in letters if demands.concern(urn)})
    found: dict[str, list[UUID]] = {}
    for row_id, urn, demands in letters:
        if reason := _reason(urn, parties, demands):
            found.setdefault(reason, []).append(row_id)
    return found


def _reason(urn: str, parties: Parties, demands: Demands) -> str | None:
    why = refusal_of(urn, parties, demands, named=False)
    return _TOLD[why] if why else None
