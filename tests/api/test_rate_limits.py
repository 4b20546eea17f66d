"""How much one caller may ask for in a minute, and what happens when nobody can count (docs/security.md)."""

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings

from config.kernel import clock, development_issuer, rate_limits
from config.kernel.breaker import Breaker
from correspondence.models import Mailing
from tests.clients import Client, problem
from tests.concurrency import at_once
from tests.conftest import HOUR, token
from tests.contract import openapi
from tests.letters import letter
from tests.starting import start

ORGANIZATION, OTHER, PERSON = "314762290", "310080632", "01818517641"
# What a request that passes is answered: the path is looked at after the limit, and without a database.
PASSED, REFUSED = 400, 429


@pytest.fixture
def counters() -> Iterator[Any]:
    """Redis, with nobody's requests counted."""
    with closing(redis.Redis.from_url(django_settings.REDIS_URL)) as client:
        forget(client)
        yield client
        forget(client)


def forget(client: Any) -> None:
    for key in client.scan_iter("correspondence:rate:*"):
        client.delete(key)


@pytest.fixture
def limit(settings: Any, monkeypatch: pytest.MonkeyPatch, counters: Any) -> Iterator[Any]:
    """Sets the limits of one test. Nobody has failed to count before, nor does because the machine is busy."""
    monkeypatch.setattr(rate_limits, "breaker", Breaker(3600))
    monkeypatch.setattr(rate_limits, "TIMEOUT_SECONDS", 10)
    rate_limits.script.cache_clear()

    def to(reads: int = 0, writes: int = 0) -> None:
        settings.RATE_LIMIT_READS_PER_MINUTE, settings.RATE_LIMIT_WRITES_PER_MINUTE = reads, writes

    yield to
    rate_limits.script.cache_clear()


def reads(organization: str = ORGANIZATION, lifetime: timedelta = HOUR) -> Client:
    return Client(token(organization, scope="altinn:correspondence.read", lifetime=lifetime))


def look(client: Client) -> int:
    status: int = client.overview("x").status_code
    return status


def test_without_a_setting_nothing_is_counted(counters: Any) -> None:
    assert {look(reads()) for _ in range(5)} == {PASSED}
    assert list(counters.scan_iter("correspondence:rate:*")) == []


def test_what_goes_over_the_limit_is_429_and_says_when_there_is_room_again(limit: Any) -> None:
    limit(reads=3)

    assert [look(reads()) for _ in range(4)] == [PASSED, PASSED, PASSED, REFUSED]

    response = reads().overview("x")
    assert problem(response) == (429, None)
    assert response.json()["title"] == "Too Many Requests"
    assert response.json()["detail"].startswith("More than 3 reads in a minute. Nothing was done;")
    assert 1 <= int(response["Retry-After"]) <= 20
    assert response["Cache-Control"] == "no-store"


def test_waiting_as_long_as_told_suffices(limit: Any) -> None:
    limit(reads=60)
    client = reads()
    while (response := client.overview("x")).status_code == PASSED:
        pass

    time.sleep(int(response["Retry-After"]))

    assert look(client) == PASSED


def test_240_requests_at_once_do_not_slip_past_a_limit_of_50(limit: Any, counters: Any) -> None:
    limit(reads=50)
    client_token = token(ORGANIZATION, scope="altinn:correspondence.read")

    begun = microseconds(counters)
    answers = Counter(at_once(240, lambda: look(Client(client_token))))
    grown_back = (microseconds(counters) - begun) // 1_200_000

    assert set(answers) == {PASSED, REFUSED}
    assert 50 <= answers[PASSED] <= 50 + grown_back
    assert answers.total() == 240


def microseconds(counters: Any) -> int:
    seconds, rest = counters.time()
    return int(seconds * 1_000_000 + rest)


def test_the_clock_that_counts_is_that_of_redis(limit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Web processes on machines whose clocks disagree count as one."""
    limit(reads=2)
    assert [look(reads()), look(reads())] == [PASSED, PASSED]

    real = time.time
    for seconds in (86_400, -86_400):
        monkeypatch.setattr(time, "time", lambda away=seconds: real() + away)
        assert look(reads()) == REFUSED


def test_a_clock_of_redis_that_was_set_back_locks_nobody_out(limit: Any, counters: Any) -> None:
    limit(reads=60)
    client = reads()
    look(client)
    (key,) = counters.scan_iter("correspondence:rate:*")
    seconds, _ = counters.time()
    counters.set(key, (seconds + 86_400) * 1_000_000)

    response = client.overview("x")

    assert problem(response) == (429, None)
    assert int(response["Retry-After"]) == 1


def test_reading_and_sending_have_budgets_of_their_own(limit: Any, sender: Client) -> None:
    limit(reads=1, writes=1)

    assert (look(sender), look(sender)) == (PASSED, REFUSED)
    assert sender.post(letter()).status_code == 200
    assert problem(sender.post(letter())) == (429, None)
    assert problem(sender.purge("x")) == (429, None)
    assert Mailing.objects.count() == 1  # refused means nothing happened


def test_a_letter_is_one_request_however_many_it_goes_to(limit: Any, sender: Client) -> None:
    limit(writes=1)

    assert sender.post(letter(*(f"0192:{number}" for number in (ORGANIZATION, OTHER)))).status_code == 200
    assert problem(sender.post(letter())) == (429, None)


def test_callers_do_not_use_up_each_others_budgets(limit: Any) -> None:
    limit(reads=1)
    person = Client(development_issuer.person_token(PERSON, scope=None, now=clock.now(), lifetime=HOUR))

    assert [look(client) for client in (reads(), reads(OTHER), person)] == [PASSED] * 3
    assert [look(client) for client in (reads(), reads(OTHER), person)] == [REFUSED] * 3


def test_another_token_brings_no_other_budget(limit: Any) -> None:
    limit(reads=1)

    assert look(reads(lifetime=HOUR)) == PASSED
    assert look(reads(lifetime=2 * HOUR)) == REFUSED


def test_a_platform_token_has_the_budget_of_its_owner(limit: Any, platform: Client) -> None:
    limit(reads=1)

    assert (look(platform), look(platform)) == (PASSED, REFUSED)


def test_who_brings_no_token_or_the_wrong_one_is_told_so_and_not_counted(
    limit: Any, counters: Any, stranger: Client
) -> None:
    limit(reads=1, writes=1)

    for _ in range(3):
        assert problem(stranger.overview("x")) == (401, None)
        assert problem(reads().post(letter())) == (403, None)
    assert list(counters.scan_iter("correspondence:rate:*")) == []


def test_no_persons_number_is_kept_and_what_is_kept_is_gone_after_a_minute(limit: Any, counters: Any) -> None:
    limit(reads=10)
    look(Client(development_issuer.person_token(PERSON, scope=None, now=clock.now(), lifetime=HOUR)))

    (key,) = counters.scan_iter("correspondence:rate:*")

    assert PERSON.encode() not in key + counters.get(key)
    assert 0 < counters.pttl(key) <= 60_000


def test_counting_goes_on_after_redis_has_forgotten_the_script(limit: Any, counters: Any) -> None:
    limit(reads=2)
    assert look(reads()) == PASSED

    counters.script_flush()

    assert (look(reads()), look(reads())) == (PASSED, REFUSED)


def test_a_redis_that_refuses_lets_everybody_pass(limit: Any, settings: Any) -> None:
    limit(reads=1)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert {look(reads()) for _ in range(3)} == {PASSED}
    assert rate_limits.breaker.is_open()


def test_a_silent_redis_costs_the_first_request_its_time_out_and_the_others_nothing(
    limit: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(reads=1)
    monkeypatch.setattr(rate_limits, "TIMEOUT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        silent.settimeout(1)
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"

        assert {look(reads()) for _ in range(10)} == {PASSED}

        silent.accept()[0].close()
        with pytest.raises(TimeoutError):  # nobody else has come
            silent.accept()


def test_an_answer_of_redis_that_is_an_error_lets_everybody_pass(limit: Any, counters: Any) -> None:
    limit(reads=1)
    look(reads())
    (key,) = counters.scan_iter("correspondence:rate:*")
    counters.delete(key)
    counters.lpush(key, "not a moment")

    assert {look(reads()) for _ in range(3)} == {PASSED}


def test_every_operation_declares_it() -> None:
    operations = [operation for methods in openapi.document()["paths"].values() for operation in methods.values()]

    assert operations
    assert all("Retry-After" in operation["responses"]["429"]["headers"] for operation in operations)


@pytest.mark.parametrize("name", ["RATE_LIMIT_READS_PER_MINUTE", "RATE_LIMIT_WRITES_PER_MINUTE"])
def test_a_limit_below_nothing_is_told_at_start(name: str) -> None:
    assert "are 0 or more" in start({name: "-1"})
