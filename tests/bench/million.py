"""A million correspondences, or fewer, made by SQL: what a search has to find its way through."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from config.kernel import clock
from correspondence.models import Correspondence, Mailing
from correspondence.statuses import QueueState, Status, seen
from recipients.identifiers import ORGANIZATION_PREFIX
from registry.models import Resource, ServiceOwner

# Parties by number. The big one sends 6 of 10 letters, half of them to itself. A hundred small ones send 4 in 1,000
# each, with a resource of their own. They are among the thousand that receive all other letters.
BIG, SMALL, NOBODY = 0, range(1, 101), 9999
# Senders' references of the big party: of 4 letters in 10, of 5 in 1,000 long ago, of one to itself.
COMMON, OLD, RARE = "common", "old", "rare"

# Every letter was made ready; those whose time is ahead are no further.
READY = seen([Status.INITIALIZED, Status.READY_FOR_PUBLISH])
PUBLISHED = READY | seen([Status.PUBLISHED])
READ = PUBLISHED | seen([Status.FETCHED, Status.READ])
# What few of the big party's letters to itself have been: how many, and all that they have been.
FEW = {
    Status.CONFIRMED: (3, READ | seen([Status.CONFIRMED])),
    Status.FAILED: (5, READY | seen([Status.FAILED])),
    Status.PURGED_BY_ALTINN: (2, READY | seen([Status.PURGED_BY_ALTINN])),
    Status.PURGED_BY_RECIPIENT: (4, READ | seen([Status.PURGED_BY_RECIPIENT])),
    Status.RESERVED: (3, PUBLISHED | seen([Status.RESERVED])),
    Status.ATTACHMENTS_DOWNLOADED: (7, READ | seen([Status.ATTACHMENTS_DOWNLOADED])),
}
# The first of these by number, the others are tens apart; it has the rare reference.
_FIRST_OF_FEW = 1000
# Each row has the id of its number.
_MAILING_ID, _LETTER_ID = "ffffffff-ffff-7fff-8fff-", "ffffffff-ffff-7fff-9fff-"
KEY = UUID(f"{_MAILING_ID}{_FIRST_OF_FEW:012x}")

# A row for each letter, oldest first: its number n, of which r is the last digit and q the rest. A fifth has its time
# ahead; of the others 6 of 10 were read. The big party's letters have mailings of their own; others are four to one.
_PLAN = """
    CREATE TEMPORARY TABLE planned ON COMMIT DROP AS
    SELECT n, r, is_ahead,
        CASE WHEN r < 6 THEN n ELSE q * 10 + 6 END AS mailing,
        CASE WHEN r < 6 THEN 0 ELSE 1 + q %% 100 END AS source,
        CASE WHEN r IN (0, 2, 4) THEN 0 ELSE 1 + (q + q / 500 + r * 100) %% 1000 END AS target,
        CASE WHEN is_ahead THEN %(ready)s WHEN q %% 10 < 6 THEN %(read)s ELSE %(published)s END AS been,
        %(now)s + CASE WHEN is_ahead THEN n * step + interval '1 day' ELSE (n - %(rows)s) * step END AS time
    FROM generate_series(0, %(rows)s - 1) AS n,
        LATERAL (SELECT n / 10 AS q, n %% 10 AS r, n / 10 %% 500 < 100 AS is_ahead) AS parts,
        (SELECT interval '2 years' / %(rows)s AS step) AS times"""
_MAKE_FEW = "UPDATE planned SET been = %s WHERE r = 0 AND n >= %s AND n < %s"

# Rows are like the one that is there, but for what is named.
_FILL_MAILINGS = """
    INSERT INTO correspondence_mailing
    SELECT made.* FROM planned
    JOIN registry_serviceowner AS owner ON owner.code = 'party-' || source,
    correspondence_mailing AS pattern,
    LATERAL jsonb_populate_record(pattern, jsonb_build_object(
        'id', %(mailing_id)s || lpad(to_hex(n), 12, '0'),
        'owner_id', owner.id,
        'resource_id', 'resource-' || source,
        'created_at', least(time, %(now)s),
        'requested_publish_time', time,
        'senders_reference', CASE
            WHEN n = %(first)s THEN %(rare)s
            WHEN r < 4 THEN %(common)s
            WHEN r = 4 AND n < %(rows)s / 20 THEN %(old)s
            ELSE 'reference-' || n END
    )) AS made
    WHERE mailing = n"""
_FILL_LETTERS = """
    INSERT INTO correspondence_correspondence
    SELECT made.* FROM planned
    JOIN registry_serviceowner AS owner ON owner.code = 'party-' || source,
    correspondence_correspondence AS pattern,
    LATERAL jsonb_populate_record(pattern, jsonb_build_object(
        'id', %(letter_id)s || lpad(to_hex(n), 12, '0'),
        'mailing_id', %(mailing_id)s || lpad(to_hex(mailing), 12, '0'),
        'recipient', %(prefix)s || 100000000 + target,
        'owner_id', owner.id,
        'resource_id', 'resource-' || source,
        'requested_publish_time', time,
        'status', length(ltrim((been & ~%(fetched)s)::bit(16)::text, '0')) - 1,
        'statuses_seen', been,
        'queue_state', CASE WHEN is_ahead THEN 'ready' ELSE 'done' END,
        'due_at', time,
        'next_try_at', time
    )) AS made"""
_FILL_KEYS = """
    INSERT INTO correspondence_idempotencykey (owner_id, key, mailing_id, created_at)
    SELECT mailing.owner_id, mailing.id, mailing.id, created_at FROM correspondence_mailing AS mailing
    WHERE resource_id = 'resource-0' AND senders_reference <> %s"""
_TABLES = "correspondence_mailing, correspondence_correspondence, correspondence_idempotencykey"


def number_of(party: int) -> str:
    """The organisation number of a party."""
    return str(100_000_000 + party)


def resource_of(party: int) -> str:
    """The id of a sender's resource."""
    return f"resource-{party}"


@contextmanager
def filled(rows: int) -> Iterator[datetime]:
    """So many letters, committed, and PostgreSQL knows what they are like; what is due at the moment given is out.

    Whatever was sent before is gone, and so are these afterwards.
    """
    now = clock.now()
    _clear()
    try:
        _fill(rows, now)
        yield now
    finally:
        _clear()


def _clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE registry_serviceowner CASCADE")  # unlike DELETE, leaves indexes that are as new


def _fill(rows: int, now: datetime) -> None:
    owners = [_register(party) for party in (BIG, *SMALL)]
    pattern = _pattern(owners[BIG], now)
    numbers = {"rows": rows, "first": _FIRST_OF_FEW, "fetched": seen([Status.FETCHED])}
    been = {"ready": READY, "published": PUBLISHED, "read": READ}
    texts = {"common": COMMON, "old": OLD, "rare": RARE, "prefix": ORGANIZATION_PREFIX}
    names: dict[str, Any] = {
        **numbers,
        **been,
        **texts,
        "now": now,
        "mailing_id": _MAILING_ID,
        "letter_id": _LETTER_ID,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # foreign keys are known to be right
        cursor.execute(_PLAN, names)
        first = _FIRST_OF_FEW
        for count, whole in FEW.values():
            cursor.execute(_MAKE_FEW, [whole, first, first + 10 * count])
            first += 10 * count
        cursor.execute(_FILL_MAILINGS, names)
        cursor.execute(_FILL_LETTERS, names)
        cursor.execute(_FILL_KEYS, [COMMON])
    pattern.delete()
    Mailing.objects.filter(pk=pattern.mailing_id).delete()
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {_TABLES}")


def _register(party: int) -> ServiceOwner:
    owner = ServiceOwner.objects.create(organization_number=number_of(party), code=f"party-{party}", name="")
    Resource.objects.create(id=resource_of(party), owner=owner)
    return owner


def _pattern(owner: ServiceOwner, now: datetime) -> Correspondence:
    """What letters and their mailings have in common."""
    searched = {"owner": owner, "resource_id": resource_of(BIG), "requested_publish_time": now}
    mailing = Mailing.objects.create(
        **searched, created_at=now, created_by="", language="nb", title="Vedtak", body="Hei. " * 60, recipient_count=4
    )
    return Correspondence.objects.create(
        **searched,
        mailing=mailing,
        status=Status.PUBLISHED,
        statuses_seen=PUBLISHED,
        queue_state=QueueState.DONE,
        due_at=now,
        next_try_at=now,
    )
