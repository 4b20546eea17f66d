"""Who may do what: each cell of the tables in docs/access.md is tried (contract access.md, lifecycle.md §3)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, transaction

from config.kernel import clock
from correspondence import actions
from correspondence.actions.advance import fail_unfinished
from correspondence.models import Mailing
from recipients.models import Party
from registry.models import Resource
from registry.statuses import Right
from tests.api import access
from tests.api.access import Row
from tests.clients import BYTES, JSON, ROOT, Client, problem
from tests.contract import openapi
from tests.files import CONTENT, body, initialized, metadata, uploaded
from tests.forms import CONTENT_TYPE, described, file, form, letter_parts
from tests.letters import ORGANIZATION, PERSON, letter
from tests.mail import sent, work
from tests.registry.delegations import given

ROWS = access.rows()
Callers = Mapping[str, list[Client]]

# --- what the rows are about -----------------------------------------------------------------------------------------

FAR = "2099-01-01T00:00:00Z"
DIALOG = {"referenceType": "DialogportenDialogId", "referenceValue": str(uuid4())}
ADDRESSEES = {"letter to an organisation": "recipient", "letter to a person": "person"}
ALL = (ORGANIZATION, access.OTHER_RECIPIENT, PERSON, access.OTHER_PERSON)


@dataclass(frozen=True, slots=True)
class Thing:
    """What is in the path of a request."""

    letter_id: str = ""
    attachment_id: str = ""


class Stage:
    """Makes things as those make them to whom they belong; a mailing goes to all unless it is said to whom."""

    def __init__(self, thing: str, callers: Callers, colleague: Client) -> None:
        name = ADDRESSEES.get(thing, "recipient")
        self.owner, self.addressee, self.colleague = callers["owner"][0], callers[name][0], colleague
        self.recipient = access.PARTIES[name]

    def sent(self, *recipients: str, file: bool = True, **members: Any) -> Thing:
        """The addressee's copy, queued, and out if nothing is said of its time."""
        attachment_id, to = uploaded(self.owner) if file else "", recipients or ALL
        attached = {"request__existingAttachments": [attachment_id]} if file else {}
        ids = sent(self.owner, letter(*to, **attached, **members))
        work()
        return Thing(ids[to.index(self.recipient)], attachment_id)

    def scheduled(self) -> Thing:
        return self.sent(requestedPublishTime=FAR)

    def reserved(self) -> Thing:
        Party.objects.update(is_reserved=True)
        return self.scheduled()

    def failed(self) -> Thing:
        thing = self.scheduled()
        fail_unfinished([Mailing.objects.get().pk], "It was withdrawn", clock.now())
        return thing

    def fetched(self) -> Thing:
        """By somebody else who may."""
        thing = self.sent()
        assert self.colleague.overview(thing.letter_id).status_code == 200
        return thing

    def with_another_file(self) -> Thing:
        return replace(self.sent(), attachment_id=uploaded(self.owner))

    def purged_by_sender(self) -> Thing:
        return self.purged(self.scheduled(), self.owner)

    def purged_by_recipient(self) -> Thing:
        return self.purged(self.sent(), self.addressee)

    def purged_after_download(self) -> Thing:
        thing = self.sent()
        assert body(self.addressee.fetch(thing.letter_id, thing.attachment_id)) == CONTENT
        return self.purged(thing, self.addressee)

    def purged_by_all(self) -> Thing:
        """And cleared away."""
        thing = self.purged(self.sent(self.recipient), self.addressee)
        actions.clear_mailing(mailing_id=Mailing.objects.get().pk, now=clock.now())
        return thing

    def purged(self, thing: Thing, by: Client) -> Thing:
        assert by.purge(thing.letter_id).status_code == 200
        return thing

    def deleted_attachment(self) -> Thing:
        thing = Thing(attachment_id=uploaded(self.owner))
        assert self.owner.delete_attachment(thing.attachment_id).status_code == 204
        return thing


STATES: dict[str, Callable[[Stage], Thing]] = {
    "": lambda stage: Thing(),
    "unknown": lambda stage: Thing(str(uuid4()), str(uuid4())),
    "not uploaded": lambda stage: Thing(attachment_id=initialized(stage.owner)),
    "uploaded": lambda stage: Thing(attachment_id=uploaded(stage.owner)),
    "on a letter that is out": lambda stage: stage.sent(),
    "deleted": Stage.deleted_attachment,
    "scheduled": Stage.scheduled,
    "reserved": Stage.reserved,
    "failed": Stage.failed,
    "published": Stage.fetched,
    "published, never fetched": lambda stage: stage.sent(),
    "published, to be confirmed": lambda stage: stage.sent(isConfirmationNeeded=True, dueDateTime=FAR),
    "published, another file": Stage.with_another_file,
    "purged by its sender": Stage.purged_by_sender,
    "purged by its recipient": Stage.purged_by_recipient,
    "purged after a download": Stage.purged_after_download,
    "purged by all recipients": Stage.purged_by_all,
    "transmission": lambda stage: stage.sent(stage.recipient, file=False, externalReferences=[DIALOG]),
}


# --- how a cell is tried ---------------------------------------------------------------------------------------------

BODIES: dict[tuple[str, str], tuple[bytes, str]] = {
    ("POST", "/correspondence"): (json.dumps(letter()).encode(), JSON),
    ("POST", "/correspondence/upload"): (form(*letter_parts(), *described("plan.pdf"), file()), CONTENT_TYPE),
    ("POST", "/attachment"): (json.dumps(metadata()).encode(), JSON),
    ("POST", "/attachment/{}/upload"): (CONTENT, BYTES),
}
TRACE = ", and leaves a trace"
TABLES = [
    model._meta.db_table
    for name in ("recipients", "registry", "attachments", "correspondence")
    for model in apps.get_app_config(name).get_models()
]


def answered(client: Client, row: Row, thing: Thing, before: tuple[str, ...]) -> str:
    """The answer as the page writes it, and whether it changed anything; whatever it changed is taken back."""
    with transaction.atomic():
        answer = told(client.call(row.method, target(row, thing), *BODIES.get(row.operation, (b"", ""))), thing)
        trace = TRACE if everything() != before else ""
        transaction.set_rollback(True)
    return answer + trace


def target(row: Row, thing: Thing) -> str:
    """The row's path with ids, and its query with parties."""
    _, path = row.operation
    ids = (thing.attachment_id,) if path.startswith("/attachment") else (thing.letter_id, thing.attachment_id)
    query = row.path.partition("?")[2]
    for name, party in access.PARTIES.items():
        query = query.replace(f"onBehalfOf={name}", f"onBehalfOf={party}")
    return path.format(*ids) + (f"?resourceId=fjordby-byggesak&{query}" if query else "")


def told(response: Any, thing: Thing) -> str:
    """The answer as the page writes it."""
    if response.status_code >= 400:
        status, code = problem(response)
        return f"{status} {code.removeprefix('CORR-')}" if code else f"{status}"
    if response.streaming:
        assert body(response) == CONTENT
    elif b'{"ids":' in response.content and thing.letter_id not in response.json()["ids"]:
        return f"{response.status_code} –"
    return f"{response.status_code}"


def everything() -> tuple[str, ...]:
    """All that the database holds, a digest for each table."""
    digest = "(SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {} t)"
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(digest.format(table) for table in TABLES))
        digests: tuple[str, ...] = cursor.fetchone()
    return digests


def expected(row: Row, caller: str, cell: str) -> str:
    """The cell. What is refused leaves no trace, nor does looking, unless it is a recipient who looks at a letter."""
    looks_as_recipient = row.path.startswith("/correspondence/") and access.legend()[caller] == "recipient"
    changes = cell.startswith("2") and (row.method != "GET" or looks_as_recipient)
    return cell + (TRACE if changes else "")


# --- tests -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> access.Tokens:
    return access.Tokens(tmp_path_factory.mktemp("issuers"))


@pytest.fixture(scope="module")
def callers(tokens: access.Tokens) -> Callers:
    return access.callers(tokens)


@pytest.fixture
def rights(resource: Resource, other_resource: Resource) -> None:
    """Those that the page speaks of."""
    elsewhere = Resource.objects.create(id="fjordby-skatt", owner=resource.owner)
    given(Right.WRITE, to=access.DELEGATE, on=resource)
    given(Right.WRITE, to=access.DELEGATE_ELSEWHERE, on=elsewhere)
    for giver in (ORGANIZATION, PERSON):
        for reader in (access.READER, access.ACCOUNTANT, access.COLLEAGUE):
            given(Right.READ, by=giver, to=reader, on=resource)
        given(Right.READ, by=giver, to=access.READER_ELSEWHERE, on=elsewhere)
    Party.objects.create(urn=PERSON, party_id=access.PARTY_ID)


@pytest.fixture
def trusted(trust: Any, tokens: access.Tokens) -> None:
    trust(*tokens.issuers)


SCENES = sorted({(row.thing, row.state) for row in ROWS})


@pytest.mark.usefixtures("rights", "trusted")
@pytest.mark.parametrize(("kind", "state"), SCENES, ids=[" ".join(scene) for scene in SCENES])
def test_each_caller_is_answered_as_the_page_says(
    kind: str, state: str, callers: Callers, tokens: access.Tokens
) -> None:
    thing, before = STATES[state](Stage(kind, callers, access.colleague(tokens))), everything()
    cells = [
        (row, name, cell, answered(client, row, thing, before))
        for row in ROWS
        if (row.thing, row.state) == (kind, state)
        for name, cell in row.cells.items()
        for client in callers[name]
    ]

    wrong = [
        f"{row}, {name}: {answer}. The page says {expected(row, name, cell)}"
        for row, name, cell, answer in cells
        if answer != expected(row, name, cell)
    ]
    assert wrong == [], "\n".join(wrong)


def test_every_endpoint_is_tried_by_callers_of_every_kind() -> None:
    declared = {
        (method.upper(), access.nameless(path.removeprefix(ROOT)))
        for path, operations in openapi.document()["paths"].items()
        for method in operations
    }
    met: dict[tuple[str, str], set[str]] = {}
    for row in ROWS:
        met.setdefault(row.operation, set()).update(row.cells)

    assert set(met) == declared
    kinds = {"none", "other scope", "owner", "other owner", "recipient", "other recipient"}
    assert {operation: kinds - names for operation, names in met.items() if kinds - names} == {}


def test_the_page_explains_every_caller(callers: Callers) -> None:
    used = {name for row in ROWS for name in row.cells}

    assert used == set(callers) == set(access.legend())


def test_no_state_is_made_for_nothing() -> None:
    assert {row.state for row in ROWS} == set(STATES)
