"""What a back-office of some hundred owners has to find its way through, made by SQL: letters, mailings, attachments.

Rows are spread over two years, and their ids say so. Owner 1 sends most of them, owner 2 hardly any, owner 3 all of
its own a year ago; the others share the rest.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from config.kernel import clock
from correspondence.statuses import Status, seen
from recipients.identifiers import ORGANIZATION_PREFIX, PERSON_PREFIX

OWNERS, RESOURCES = 500, 2_000
MOST, FEW, LONG_AGO, COMMON = 1, 2, 3, 17
# A person with one letter in 5 of the newest, one with a single letter that is not out yet, an organisation with some.
PERSON_OF_MANY, PERSON_OF_ONE = "01818517641", "10108000398"
RARE_REFERENCE, COMMON_REFERENCE = "sak-rare", "sak-common"

_QUEUED = seen([Status.INITIALIZED, Status.READY_FOR_PUBLISH])
_PUBLISHED = _QUEUED | seen([Status.PUBLISHED])
_READ = _PUBLISHED | seen([Status.FETCHED, Status.READ])
_CONFIRMED = _READ | seen([Status.CONFIRMED])
_FAILED = _QUEUED | seen([Status.FAILED])

_FILL = """
    CREATE OR REPLACE FUNCTION pg_temp.id_at(moment timestamptz, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
            || '7' || lpad(to_hex(n %% 4096), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid $$;

    INSERT INTO registry_serviceowner (id, organization_number, code, name)
    SELECT n, (100000000 + n)::text, 'owner-' || n, 'Kommune nummer ' || n FROM generate_series(1, %(owners)s) AS n;
    INSERT INTO registry_resource (id, owner_id, type, title, minimum_authentication_level, is_confidential)
    SELECT 'tjeneste-' || n, 1 + (n - 1) %% %(owners)s, 'CorrespondenceService', 'Tjeneste ' || n, 0, false
    FROM generate_series(1, %(resources)s) AS n;

    CREATE TEMPORARY TABLE planned ON COMMIT DROP AS
    SELECT n, CASE
            WHEN n %% 100 < 55 THEN 1
            WHEN n %% 5000 = 60 THEN 2
            WHEN n BETWEEN %(mailings)s * 0.45 AND %(mailings)s * 0.50 THEN 3
            ELSE 4 + n %% (%(owners)s - 3) END AS owner,
        %(now)s - interval '730 days' * (1 - n::float / %(mailings)s) AS time
    FROM generate_series(1, %(mailings)s) AS n;

    INSERT INTO correspondence_mailing (id, resource_id, owner_id, created_at, created_by, traceparent,
        senders_reference, message_sender, language, title, summary, body, requested_publish_time, due_date_time,
        external_references, property_list, reply_options, notification, ignore_reservation, is_confirmation_needed,
        is_confidential, allow_forwarding, recipient_count, next_look_at, due_check_at, purged_at, content_erased_at,
        clear_at)
    SELECT pg_temp.id_at(time, n), 'tjeneste-' || owner + %(owners)s * (n %% 4), owner, time, 'urn:x', '',
        CASE WHEN n = 1000 THEN 'sak-rare' WHEN n %% 3 = 0 THEN 'sak-common' ELSE 'sak-' || n END, null, 'nb',
        'Vedtak i sak ' || n, '', repeat('Hei. ', 60), time, null, '[]', '{}', '[]', null, null, false, false, false,
        %(per_mailing)s, null, null, null, null, null
    FROM planned;

    INSERT INTO correspondence_correspondence (id, mailing_id, recipient, recipient_name, status, statuses_seen,
        owner_id, resource_id, requested_publish_time, queue_state, due_at, next_try_at, attempts, last_error)
    SELECT pg_temp.id_at(time + k * interval '1 ms', n * 10 + k), pg_temp.id_at(time, n),
        CASE WHEN n = %(mailings)s - 5000 AND k = 0 THEN %(person)s || '10108000398'
            WHEN n > %(mailings)s * 0.8 AND k = 0 THEN %(person)s || '01818517641'
            WHEN k = 1 THEN %(organization)s || 200000000 + n %% 50000
            ELSE %(person)s || lpad((n * 7 + k)::text, 11, '0') END,
        '', length(ltrim((been & ~8)::bit(16)::text, '0')) - 1, been, owner,
        'tjeneste-' || owner + %(owners)s * (n %% 4), time, state, due, due, 0, ''
    FROM planned, generate_series(0, %(per_mailing)s - 1) AS k, LATERAL (SELECT
        CASE WHEN n = %(mailings)s - 5000 AND k = 0 THEN 'waiting'
            WHEN n > %(mailings)s - 600 AND k = 0 THEN 'waiting'
            WHEN n %% 20 = 0 AND n > %(mailings)s * 0.5 THEN 'ready'
            WHEN n %% 25000 = 4 THEN 'set_aside'
            ELSE 'done' END AS state) AS states, LATERAL (SELECT
        CASE WHEN state = 'waiting' THEN 1 WHEN state <> 'done' THEN %(queued)s
            WHEN n BETWEEN %(mailings)s * 0.30 AND %(mailings)s * 0.32 THEN %(failed)s
            WHEN n %% 60000 = 7 THEN %(failed)s
            WHEN n %% 9 = 1 THEN %(confirmed)s
            WHEN n %% 2 = 0 THEN %(read)s ELSE %(published)s END AS been,
        CASE WHEN state = 'ready' THEN time + interval '800 days' ELSE time END AS due) AS facts;

    INSERT INTO attachments_attachment (id, resource_id, owner_id, created_at, created_by, traceparent, file_name,
        display_name, is_encrypted, checksum, senders_reference, expiration_in_days, size, storage_key, status,
        status_text, status_changed_at, next_look_at, scan_leased_until, last_error)
    SELECT pg_temp.id_at(time, n), 'tjeneste-' || owner, owner, time, 'urn:x', '', 'vedlegg-' || n || '.pdf', null,
        false, md5(n::text), 'fil-' || n, null, 1000 + n, 'key-' || n, CASE WHEN n %% 7000 = 0 THEN 4 ELSE 2 END,
        'Published', time, null, null, ''
    FROM planned WHERE n %% %(every)s = 0"""


@contextmanager
def filled(mailings: int, per_mailing: int, attachments: int) -> Iterator[datetime]:
    """So many rows, committed, and PostgreSQL knows what they are like. What was there is gone, as are these after."""
    now = clock.now()
    names: dict[str, Any] = {
        "owners": OWNERS,
        "resources": RESOURCES,
        "mailings": mailings,
        "per_mailing": per_mailing,
        "every": mailings // attachments,
        "now": now,
        "person": PERSON_PREFIX,
        "organization": ORGANIZATION_PREFIX,
        "queued": _QUEUED,
        "published": _PUBLISHED,
        "read": _READ,
        "confirmed": _CONFIRMED,
        "failed": _FAILED,
    }
    _clear()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # foreign keys are known to be right
            for statement in _FILL.split(";\n\n"):
                cursor.execute(statement, names)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        yield now
    finally:
        _clear()


def _clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE registry_serviceowner CASCADE")
