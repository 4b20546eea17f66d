"""From a POST to Published, with nothing in the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.kernel import clock
from tests.acceptance.ledger import ONCE, Ledger
from tests.acceptance.sender import PERSON, Sender, new_reference
from tests.acceptance.waiting import Stopwatch, show, until

pytestmark = pytest.mark.e2e


def in_status(status: str, letter: str, sender: Sender) -> dict[str, Any] | None:
    """The overview, once the letter has got that far."""
    overview = sender.overview(letter)
    return overview if overview["status"] == status else None


def test_one_letter_goes_from_post_to_published(sender: Sender) -> None:
    watch = Stopwatch()
    (letter,) = sender.send(sender.letter(new_reference()))

    overview = until(lambda: in_status("Published", letter, sender))

    show(f"one letter, from before its POST until a GET says Published: {watch.seconds:.3f} s")
    assert overview["correspondenceId"] == letter
    assert overview["recipient"].startswith(PERSON)
    assert datetime.fromisoformat(overview["published"]) >= datetime.fromisoformat(overview["created"])


def test_a_letter_goes_out_by_its_wake_up_and_not_only_by_a_sweep(sender: Sender) -> None:
    seconds: list[float] = []
    while len(seconds) < 3 and min(seconds, default=10) >= 10:  # on a busy machine a wake-up may be lost
        watch = Stopwatch()
        (letter,) = sender.send(sender.letter(new_reference()))
        until(lambda letter=letter: in_status("Published", letter, sender), seconds=60)  # type: ignore[misc]
        seconds.append(watch.seconds)

    assert min(seconds) < 10  # a sweep finds it later than that (FORGOTTEN_AFTER_SECONDS)


def test_500_letters_are_each_published_once(sender: Sender, ledger: Ledger) -> None:
    reference, watch = new_reference(), Stopwatch()
    ids = sender.send(sender.letter(reference, recipients=500))
    answered = watch.seconds

    until(lambda: ledger.published(reference) >= 500)

    show(f"500 letters: POST answered after {answered:.3f} s, all Published after {watch.seconds:.3f} s")
    assert len(set(ids)) == 500
    assert ledger.histories(reference) == {ONCE: 500}
    assert ledger.in_queue(reference) == 0


def test_of_many_senders_at_the_same_moment_each_is_answered(sender: Sender, ledger: Ledger) -> None:
    reference, watch = new_reference(), Stopwatch()
    with ThreadPoolExecutor(64) as pool:  # as many as the web server has threads
        answers = list(pool.map(lambda _: sender.post(sender.letter(reference)).status_code, range(256)))
    answered = watch.seconds

    assert set(answers) == {200}
    until(lambda: ledger.published(reference) >= 256, seconds=60)  # a lost wake-up costs 15 s, and a sweep wakes 200
    show(f"256 letters by 64 senders: answered after {answered:.2f} s, all Published after {watch.seconds:.2f} s")
    assert ledger.histories(reference) == {ONCE: 256}


def test_a_letter_for_later_waits_for_its_time(sender: Sender, ledger: Ledger) -> None:
    reference, due_at = new_reference(), clock.now() + timedelta(seconds=16)
    (letter,) = sender.send(sender.letter(reference, requestedPublishTime=due_at.isoformat()))

    waiting = until(lambda: in_status("ReadyForPublish", letter, sender), seconds=15)
    assert waiting["published"] is None
    assert waiting["content"]["messageTitle"] == "Vedtak"

    until(lambda: clock.now() >= due_at)
    until(lambda: in_status("Published", letter, sender))
    show(f"a letter for later: seen as Published {(clock.now() - due_at).total_seconds():.3f} s after its time")
    assert ledger.histories(reference) == {ONCE: 1}
    assert ledger.published_early(reference) == []
