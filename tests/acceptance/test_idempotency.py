"""A sender whose two attempts meet."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.acceptance.ledger import Ledger
from tests.acceptance.sender import Sender, new_reference

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("attempt", range(8))
def test_of_two_letters_with_one_key_at_the_same_time_one_wins(attempt: int, sender: Sender, ledger: Ledger) -> None:
    reference, together = new_reference(), Barrier(2)
    letter = {**sender.letter(reference), "idempotentKey": str(uuid.uuid4())}

    def post(_: int) -> int:
        together.wait(timeout=10)
        return sender.post(letter).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(post, range(2))) == [200, 409]

    assert ledger.mailings(reference) == 1
