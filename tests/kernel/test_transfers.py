"""How many bodies stream at once, and whose."""

import pytest

from config.kernel.transfers import Slots, TooManyTransfers


def test_one_caller_gets_half_of_the_slots() -> None:
    slots = Slots(lambda: 6)
    for _ in range(3):
        slots.take("greedy")

    with pytest.raises(TooManyTransfers):
        slots.take("greedy")
    for who in ("a", "b", "c"):
        slots.take(who)
    with pytest.raises(TooManyTransfers):
        slots.take("d")


def test_a_slot_is_free_again_when_its_block_ends_however_it_ends() -> None:
    slots = Slots(lambda: 1)

    with pytest.raises(ZeroDivisionError), slots.taken("a"):
        raise ZeroDivisionError

    with slots.taken("b"), pytest.raises(TooManyTransfers):
        slots.take("a")
    slots.take("a")
