"""A part that does not answer is tried by one caller in a while, and by all once it answers again."""

from config.kernel.breaker import Breaker


def test_nobody_is_held_back_before_anything_has_failed() -> None:
    breaker = Breaker(3600)

    assert all(breaker.lets_through() for _ in range(3))
    assert not breaker.is_open()


def test_after_a_failure_nobody_tries_for_a_while() -> None:
    breaker = Breaker(3600)
    breaker.failed()

    assert not any(breaker.lets_through() for _ in range(3))
    assert breaker.is_open()


def test_after_the_pause_one_tries_for_all() -> None:
    breaker = Breaker(3600)
    breaker.failed()
    breaker._next_try = 0.0  # the pause is over

    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]


def test_one_success_lets_everybody_through() -> None:
    breaker = Breaker(3600)
    breaker.failed()
    breaker.succeeded()

    assert all(breaker.lets_through() for _ in range(3))
    assert not breaker.is_open()
