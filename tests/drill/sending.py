"""What a client asked for, and what it was told: the drill compares this with the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests

LONGEST_ANSWER_SECONDS = 10.0
_OF_STORAGE = (2002, 2003)  # the contract answers 502 where the storage fails (validation.md §5)
_KEY_USED = 1034
NONE = 0  # in place of a status: the connection broke, or there was none


@dataclass(frozen=True)
class Answer:
    """One request's end."""

    status: int
    seconds: float
    fault: str = ""  # what no client should ever be told
    is_outcome_unknown: bool = False  # the service says itself that it does not know

    @property
    def leaves_it_open(self) -> bool:
        """Whether the client cannot know what has become of its request."""
        return self.status == NONE or self.is_outcome_unknown or self.status == 500


def answer_of(response: requests.Response, seconds: float) -> Answer:
    """The answer, judged as its client would judge it."""
    unknown = response.status_code == 503 and _member(response, "outcome") == "unknown"
    return Answer(response.status_code, seconds, _fault_of(response, seconds), unknown)


def _fault_of(response: requests.Response, seconds: float) -> str:
    if seconds > LONGEST_ANSWER_SECONDS:
        return f"answered after {seconds:.1f} s"
    if response.status_code < 400:
        return ""
    if response.status_code == 409 and _member(response, "errorCode") == _KEY_USED:
        return ""
    if response.status_code == 502 and _member(response, "errorCode") in _OF_STORAGE:
        return ""
    if response.status_code != 503:  # a refusal, too: whatever the drill asks for is in order
        return f"{response.status_code}: {response.text[:300]}"
    if response.headers.get("Content-Type") != "application/problem+json" or _member(response, "status") != 503:
        return f"503 without problem details: {response.text[:300]}"
    if not response.headers.get("Retry-After", "").isdigit():
        return "503 without Retry-After"
    return "503 with a traceback" if "Traceback" in response.text else ""


def _member(response: requests.Response, name: str) -> Any:
    try:
        body = response.json()
    except ValueError:
        return None
    return body.get(name) if isinstance(body, dict) else None


@dataclass
class Sending:
    """One mailing that a client wants to be sent once."""

    reference: str
    phase: str
    recipients: int
    key: str | None = None
    due_at: datetime | None = None
    files: int = 0
    ids: list[str] = field(default_factory=list)  # as the service answered; of several answers all of them
    attachments: dict[str, int] = field(default_factory=dict)  # those that it has taken in, and their bytes
    answers: list[Answer] = field(default_factory=list)
    is_key_used: bool = False  # the service said so: an earlier request was accepted

    @property
    def is_accepted(self) -> bool:
        """Whether its client was promised that it goes out."""
        return bool(self.ids) or self.is_key_used

    @property
    def is_open(self) -> bool:
        """Whether its client cannot know."""
        return not self.is_accepted and any(answer.leaves_it_open for answer in self.answers)
