"""What the register tells of many parties at once, and what it must never hold."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from config.kernel import clock
from recipients import actions
from recipients.models import Party

ORGANIZATION = "urn:altinn:organization:identifier-no:"
URNS = [f"{ORGANIZATION}{number}" for number in range(100_000_000, 100_000_500)]


def statements(read: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        read()
    return [query["sql"] for query in queries]


def explained(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement.replace('%', '%%')}", [])
        return "\n".join(line for (line,) in cursor.fetchall())


def test_many_parties_are_found_in_one_query_and_the_unknown_left_out(db: None) -> None:
    Party.objects.bulk_create([Party(urn=urn, name=urn[-3:]) for urn in URNS[:400]])

    found = Party.objects.by_urn(URNS)

    assert sorted(found) == URNS[:400]
    assert found[URNS[7]].name == "007"
    assert len(statements(lambda: Party.objects.by_urn(URNS))) == 1
    assert len(statements(lambda: Party.objects.by_urn(URNS[:1]))) == 1
    assert Party.objects.by_urn([]) == {}


def test_parties_are_found_by_their_index_among_many(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO recipients_party (urn, party_id)"
            " SELECT %s || n, n - 100000000 FROM generate_series(100000000, 100050000) AS n; ANALYZE recipients_party",
            [ORGANIZATION],
        )
    for read in (
        lambda: Party.objects.by_urn(URNS),
        lambda: Party.objects.by_party_id(["5", "7"]),
        lambda: Party.objects.filter(party_id="7", urn=URNS[7]).exists(),
    ):
        (statement,) = statements(read)
        assert "Seq Scan" not in explained(statement)


def test_registering_twice_brings_up_to_date_what_is_told(db: None) -> None:
    actions.register_party(recipient="0192:314762290", now=clock.now(), name="BERG", has_confidential_role=True)
    later = clock.now()
    party = actions.register_party(
        recipient=f"{ORGANIZATION}314762290", now=later, email="b@berg.example", party_id="7"
    )

    kept = Party.objects.get()
    assert party == kept
    assert (kept.name, kept.email, kept.party_id) == ("BERG", "b@berg.example", "7")
    assert (kept.has_confidential_role, kept.is_reserved, kept.updated_at) == (True, False, later)


@pytest.mark.parametrize(
    "facts",
    [
        {"recipient": "01818517642"},
        {"email": "kari"},
        {"mobile": "12"},
        {"party_id": "x"},
        {"party_id": "1"},
        {"name": "x" * 256},
    ],
    ids=str,
)
def test_what_has_not_its_form_is_refused_and_nothing_kept(db: None, facts: dict[str, Any]) -> None:
    actions.register_party(recipient="0192:310080632", now=clock.now(), party_id="1")

    with pytest.raises(ValidationError):
        actions.register_party(**{"recipient": "0192:314762290", **facts}, now=clock.now())

    assert Party.objects.get().party_id == "1"


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"urn": "0192:314762290"}, "party_is_named_by_urn"),
        ({"urn": URNS[1], "party_id": "12x"}, "party_id_is_a_number"),
        ({"urn": URNS[1], "party_id": ""}, "party_id_is_a_number"),
        ({"urn": URNS[1], "party_id": "1"}, "party_id_is_one_partys"),
        ({"urn": URNS[0]}, "urn"),
    ],
    ids=str,
)
def test_the_database_itself_refuses(db: None, facts: dict[str, str], constraint: str) -> None:
    Party.objects.create(urn=URNS[0], party_id="1")

    with pytest.raises(IntegrityError, match=constraint):
        Party.objects.create(**facts)


def test_code_that_does_not_know_the_newer_columns_can_write(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO recipients_party (urn, name, is_reserved, email, mobile) VALUES (%s, '', false, '', '')",
            [URNS[0]],
        )

    party = Party.objects.get()
    assert (party.has_confidential_role, party.party_id) == (False, None)
    assert party.updated_at is not None
