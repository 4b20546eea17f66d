"""Ids that are guessed, and things that belong to others: through every endpoint and every filter."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import URLResolver, get_resolver
from django.views import View
from uuid_utils.compat import uuid7

from config.kernel.views import WireView
from correspondence.models import Correspondence, Mailing, StatusEvent
from tests.api.test_access_table import everything
from tests.clients import BYTES, JSON, ROOT, Client, problem
from tests.conftest import OTHER_OWNER, OWNER, token
from tests.contract import openapi
from tests.files import CONTENT, metadata, uploaded
from tests.forms import CONTENT_TYPE, described, file, form, letter_parts
from tests.letters import ORGANIZATION, letter
from tests.mail import sent, work

NO_ACCESS = (401, "CORR-04001")
# Every operation on something that is another owner's: how it is asked. One that is new fails the test below until it
# is here.
LETTER, FILE = "correspondence/{letter}", "attachment/{file}"
OPERATIONS: dict[tuple[str, str], tuple[str, bytes, str]] = {
    ("POST", "attachment"): ("attachment", json.dumps(metadata()).encode(), JSON),
    ("GET", "attachment/{}"): (FILE, b"", ""),
    ("DELETE", "attachment/{}"): (FILE, b"", ""),
    ("GET", "attachment/{}/details"): (f"{FILE}/details", b"", ""),
    ("GET", "attachment/{}/download"): (f"{FILE}/download", b"", ""),
    ("POST", "attachment/{}/upload"): (f"{FILE}/upload", CONTENT, BYTES),
    ("POST", "correspondence"): ("correspondence", json.dumps(letter()).encode(), JSON),
    ("GET", "correspondence"): ("correspondence", b"", ""),  # the filters below
    ("POST", "correspondence/upload"): (
        "correspondence/upload", form(*letter_parts(), *described("plan.pdf"), file()), CONTENT_TYPE,
    ),
    ("GET", "correspondence/{}"): (LETTER, b"", ""),
    ("GET", "correspondence/{}/details"): (f"{LETTER}/details", b"", ""),
    ("GET", "correspondence/{}/content"): (f"{LETTER}/content", b"", ""),
    ("POST", "correspondence/{}/markasread"): (f"{LETTER}/markasread", b"", ""),
    ("POST", "correspondence/{}/confirm"): (f"{LETTER}/confirm", b"", ""),
    ("DELETE", "correspondence/{}/purge"): (f"{LETTER}/purge", b"", ""),
    ("GET", "correspondence/{}/attachment/{}/download"): (f"{LETTER}/attachment/{{file}}/download", b"", ""),
}  # fmt: skip


def served(patterns: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every operation of the API that the service routes, whether documented or not."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from served(pattern.url_patterns, path)
        elif issubclass(view := getattr(pattern.callback, "cls", View), WireView):
            for method in view.gates:  # type: ignore[union-attr]  # narrowed by issubclass only
                yield method.upper(), nameless(path.removeprefix(f"{ROOT[1:]}/"))


def nameless(path: str) -> str:
    return "/".join("{}" if part.startswith("<") else part for part in path.split("/"))


def test_every_operation_that_is_served_is_tried() -> None:
    assert set(served(get_resolver().url_patterns)) == set(OPERATIONS)


@pytest.fixture
def others(other_resource: Any) -> list[Client]:
    """Another owner, with every right that a token can give."""
    both = "altinn:correspondence.write altinn:correspondence.read"
    return [Client(token(OTHER_OWNER, scope=both)), Client(token(OTHER_OWNER))]


@pytest.fixture
def theirs(sender: Client) -> dict[str, str]:
    """The owner's letter that is out, with its file."""
    file_id = uploaded(sender)
    (letter_id,) = sent(sender, letter(ORGANIZATION, request__existingAttachments=[file_id]))
    work()
    return {"letter": letter_id, "file": file_id}


@pytest.mark.parametrize(
    ("method", "path"), [operation for operation in OPERATIONS if operation != ("GET", "correspondence")]
)
def test_another_owners_things_are_refused_and_stay_as_they_are(
    others: list[Client], theirs: dict[str, str], method: str, path: str
) -> None:
    where, body, content_type = OPERATIONS[method, path]
    before = everything()

    for client in others:
        response = client.call(method, "/" + where.format(**theirs), body, content_type)
        assert response.status_code in (401, 403), response.content
        assert b"Vedtak" not in response.content
    assert everything() == before


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_is_what_the_request_line_says(sender: Client, theirs: dict[str, str], header: str) -> None:
    before = StatusEvent.objects.count()

    assert sender.overview(theirs["letter"], **{header: "DELETE"}).status_code == 200
    assert sender.call("POST", f"/correspondence/{theirs['letter']}?_method=DELETE", content_type="").status_code == 405
    assert StatusEvent.objects.count() == before


ROLES = ["Sender", "Recipient", "RecipientAndSender"]
FILTERS: list[dict[str, Any]] = [
    {},
    {"status": "Published"},
    {"status": "Initialized"},
    {"sendersReference": "sak-1"},
    {"start": "2000-01-01", "end": "2999-01-01"},
    {"idempotentKey": "0199c0de-0000-7000-8000-000000000001"},
    {"resourceId": "' OR '1'='1"},
    {"resourceId": "%"},
    {"sendersReference": "%"},
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_no_filter_finds_another_owners_letters(
    sender: Client, others: list[Client], role: str, filters: dict[str, Any]
) -> None:
    key = "0199c0de-0000-7000-8000-000000000001"
    sent(sender, letter(ORGANIZATION, request__idempotentKey=key))
    work()
    asked = {"resourceId": "fjordby-byggesak", **filters, "role": role}

    for client in others:
        response = client.find(**asked)
        assert response.status_code in (401, 403) or response.json() == {"ids": []}, response.content


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("party", [f"0192:{OWNER}", ORGANIZATION, "01818517641"])
def test_nobody_searches_on_behalf_of_others(
    others: list[Client], theirs: dict[str, str], role: str, party: str
) -> None:
    for client in others:
        assert problem(client.find(resourceId="fjordby-byggesak", role=role, onBehalfOf=party)) == NO_ACCESS


@pytest.mark.parametrize("party", [OWNER, "0192:*", "%"])
def test_a_party_that_is_none_is_searched_for_by_nobody(others: list[Client], party: str) -> None:
    for client in others:
        assert problem(client.find(resourceId="fjordby-byggesak", role="Sender", onBehalfOf=party))[0] == 400


def guesses(near: UUID, count: int) -> list[UUID]:
    """Neighbours of an id that was seen, ids of the same moment, ids of now, and ids of any kind."""
    quarter = count // 4
    by_one = [UUID(int=near.int + step) for step in range(1, quarter + 1)]
    moment = [UUID(bytes=near.bytes[:6] + uuid4().bytes[6:]) for _ in range(quarter)]
    return [*by_one, *moment, *(uuid7() for _ in range(quarter)), *(uuid4() for _ in range(quarter))]


def test_ids_that_are_guessed_are_404_alike_and_tell_nothing(reader: Client, theirs: dict[str, str]) -> None:
    answers = set()
    for guess in guesses(UUID(theirs["letter"]), 2_000):
        response = reader.overview(guess)
        body = {name: value for name, value in response.json().items() if name != "traceId"}
        answers.add((response.status_code, json.dumps(body, sort_keys=True)))

    assert {status for status, _ in answers} == {404}
    assert len(answers) == 1


def test_what_exists_and_is_not_ones_own_is_refused_in_words_that_tell_nothing_of_it(
    others: list[Client], theirs: dict[str, str]
) -> None:
    """The contract tells 404 before 401: an id that exists is told apart, and no more (docs/security.md)."""
    for client in others:
        response = client.overview(theirs["letter"])

        assert problem(response) == NO_ACCESS
        for private in ("fjordby", "312295202", "314762290", "sak-1", "Vedtak"):
            assert private not in response.content.decode()


COLUMNS = {field.name for model in (Mailing, Correspondence) for field in model._meta.get_fields()}


def test_members_named_as_columns_are_not_taken(sender: Client) -> None:
    """In the table's spelling and in the wire's, where the wire has no such member."""
    wire = {
        name.lower() for name in openapi.document()["components"]["schemas"]["CorrespondencePartRequest"]["properties"]
    }
    written = COLUMNS | {name.replace("_", "") for name in COLUMNS}
    evil = {name: "Published" for name in written if name.lower() not in wire}
    assert {"status", "queue_state", "queuestate", "due_at", "attempts", "owner"} <= set(evil)
    assert sender.post(letter()).status_code == 200

    request = letter()
    request["correspondence"] = {**evil, **request["correspondence"]}

    assert sender.post({**evil, **request}).status_code == 200
    assert len(set(Mailing.objects.values_list("resource_id", "owner_id", "content_erased_at"))) == 1
    columns = ("status", "queue_state", "attempts", "statuses_seen", "recipient")
    assert len(set(Correspondence.objects.values_list(*columns))) == 1
    assert Correspondence.objects.count() == 2
