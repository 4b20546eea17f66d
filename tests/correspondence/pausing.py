"""Publishing is paused and resumed, as operators do it."""

from tests.commands import run


def pause(*target: str, reason: str = "Wrong text in the letters") -> str:
    return run("queue", "pause", *target, "--reason", reason)


def resume(*target: str) -> str:
    return run("queue", "resume", *target)
