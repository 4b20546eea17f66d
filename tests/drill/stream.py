"""A steady stream of mailings: senders that work side by side, each as a sender's system would."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import requests

from tests.acceptance.receiver import Receiver
from tests.acceptance.sender import new_reference, people
from tests.acceptance.uploader import RECIPIENT, bytes_of, describe
from tests.drill.sending import NONE, Answer, Sending, answer_of

SENDERS = 6
PATIENCE_SECONDS = 60.0  # for which a client with a key sends again
PEOPLE = people(500)


@dataclass(frozen=True)
class Load:
    """How much is sent."""

    letters_per_second: float
    seed: int
    latest: int = 45  # seconds from now for which letters are scheduled


class Stream:
    """Senders, a reader, and all that they were told."""

    def __init__(self, api_url: str, token: str, load: Load) -> None:
        self._client = Receiver(api_url, token)
        self._load = load
        self._enough = threading.Event()
        self._lock = threading.Lock()
        self.phase = "quiet"
        self.in_flight = 0
        self.sendings: list[Sending] = []
        self.reads: list[tuple[str, Answer]] = []

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Mailings are sent while the block lasts; afterwards every client has had its last answer."""
        with ThreadPoolExecutor(SENDERS + 1) as pool:
            at_work = [pool.submit(self._send_on, random.Random(self._load.seed + number)) for number in range(SENDERS)]
            at_work.append(pool.submit(self._read_on, random.Random(self._load.seed)))
            try:
                yield
            finally:
                self._enough.set()
            for each in at_work:
                each.result()

    @contextmanager
    def crowded(self, senders: int) -> Iterator[None]:
        """So many more send one letter after the other while the block lasts."""
        enough = threading.Event()

        def send_on() -> None:
            while not enough.is_set():
                self.send_one()

        with ThreadPoolExecutor(senders) as pool:
            at_work = [pool.submit(send_on) for _ in range(senders)]
            try:
                yield
            finally:
                enough.set()
            for each in at_work:
                each.result()

    @property
    def letters(self) -> int:
        """How many letters were accepted by now."""
        with self._lock:
            return sum(sending.recipients for sending in self.sendings if sending.is_accepted)

    def send_one(self) -> Sending:
        """A letter to one recipient."""
        return self._send(self._begin(1))

    def _send_on(self, chance: random.Random) -> None:
        ways: list[tuple[Callable[[random.Random], Sending], int]] = [
            (self._one, 30),
            (self._several, 16),
            (self._most, 2),
            (self._scheduled, 10),
            (self._with_file, 12),
            (self._form, 8),
            (self._keyed, 14),
            (self._keyed_twice_at_once, 8),
        ]
        while not self._enough.is_set():
            started = time.monotonic()
            (way,) = chance.choices([way for way, _ in ways], [weight for _, weight in ways])
            sending = way(chance)
            pause = sending.recipients * SENDERS / self._load.letters_per_second - (time.monotonic() - started)
            self._enough.wait(max(pause, 0.02))

    def _one(self, chance: random.Random) -> Sending:
        return self.send_one()

    def _several(self, chance: random.Random) -> Sending:
        return self._send(self._begin(chance.randint(2, 40)))

    def _most(self, chance: random.Random) -> Sending:
        return self._send(self._begin(500))

    def _scheduled(self, chance: random.Random) -> Sending:
        due_at = datetime.now(UTC) + timedelta(seconds=chance.randint(1, self._load.latest))  # noqa: TID251 - the client's own
        sending = self._begin(chance.randint(1, 30), due_at=due_at)
        return self._send(sending, requestedPublishTime=due_at.isoformat())

    def _with_file(self, chance: random.Random) -> Sending:
        """The file first, as it must be; where it cannot be stored nothing is sent."""
        sending = self._begin(chance.randint(1, 20), files=1)
        attachment = self._uploaded(sending, bytes_of(chance.randint(16, 200_000)))
        return self._send(sending, existing=[attachment]) if attachment else sending

    def _form(self, chance: random.Random) -> Sending:
        """Letter and files in one request."""
        files = [(f"plan-{number}.txt", bytes_of(chance.randint(16, 100_000))) for number in range(2)]
        sending = self._begin(1, files=len(files))
        letter = describe(self._client.letter_to(RECIPIENT), files)
        letter["correspondence"]["sendersReference"] = sending.reference
        response = self._call(sending, lambda: self._client.post_form(letter, files))
        self._note(sending, response)
        if response is not None and response.status_code == 200:
            sizes = [len(content) for _, content in files]
            sending.attachments = dict(zip(response.json()["attachmentIds"], sizes, strict=True))
        return sending

    def _keyed(self, chance: random.Random) -> Sending:
        """A client that sends again until it knows: with its key that is safe."""
        sending = self._begin(1, key=str(uuid.uuid4()))
        self._send_again_and_again(sending, chance)
        return sending

    def _keyed_twice_at_once(self, chance: random.Random) -> Sending:
        """A client whose two processes do the same."""
        sending = self._begin(1, key=str(uuid.uuid4()))
        with ThreadPoolExecutor(2) as pool:
            for each in [pool.submit(self._send_again_and_again, sending, random.Random(0)) for _ in range(2)]:
                each.result()
        return sending

    def _begin(self, recipients: int, **more: Any) -> Sending:
        sending = Sending(new_reference(), self.phase, recipients, **more)
        with self._lock:
            self.sendings.append(sending)
        return sending

    def _send(self, sending: Sending, existing: list[str] | None = None, **members: Any) -> Sending:
        letter = self._client.letter(sending.reference, recipients=0, **members)
        letter["recipients"] = PEOPLE[: sending.recipients]
        if existing:
            letter["existingAttachments"] = existing
        if sending.key:
            letter["idempotentKey"] = sending.key
        self._note(sending, self._call(sending, lambda: self._client.post(letter)))
        return sending

    def _send_again_and_again(self, sending: Sending, chance: random.Random) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self._send(sending)
            if sending.is_accepted:
                return
            time.sleep(chance.uniform(0.1, 0.6))

    def _uploaded(self, sending: Sending, content: bytes) -> str:
        """The id of an attachment that has these bytes; empty where it was refused."""
        metadata = {"resourceId": self._client.resource, "fileName": "plan.txt", "sendersReference": sending.reference}
        made = self._call(sending, lambda: self._client._call("POST", self._client.attachments, json=metadata))
        if made is None or made.status_code != 200:
            return ""
        attachment = str(made.json())
        stored = self._call(sending, lambda: self._client.upload(attachment, content))
        if stored is None or stored.status_code != 200:
            return ""
        sending.attachments[attachment] = len(content)
        return attachment

    def _call(self, sending: Sending, call: Callable[[], requests.Response]) -> requests.Response | None:
        with self._lock:
            self.in_flight += 1
        answer, response = timed(call)
        with self._lock:
            self.in_flight -= 1
            sending.answers.append(answer)
        return response

    def _note(self, sending: Sending, response: requests.Response | None) -> None:
        if response is None:
            return
        if response.status_code == 200:
            sending.ids += [each["correspondenceId"] for each in response.json()["correspondences"]]
        elif response.status_code == 409:
            sending.is_key_used = True

    def _read_on(self, chance: random.Random) -> None:
        """Somebody looks at letters that were accepted: they are there, always."""
        while not self._enough.wait(0.1):
            with self._lock:
                accepted = [sending for sending in self.sendings[-200:] if sending.ids]
            if not accepted:
                continue
            letter = chance.choice(chance.choice(accepted).ids)
            phase = self.phase
            answer, response = timed(partial(self._client.look, letter))
            if response is not None and response.status_code not in (200, 503):
                answer = Answer(answer.status, answer.seconds, f"an accepted letter was answered {answer.status}")
            self.reads.append((phase, answer))


def timed(call: Callable[[], requests.Response]) -> tuple[Answer, requests.Response | None]:
    """What came of a request, and the response if there was one."""
    started = time.monotonic()
    try:
        response = call()
    except requests.Timeout:
        return Answer(NONE, time.monotonic() - started, "no answer at all"), None
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        seconds = time.monotonic() - started
        slow = f"cut off after {seconds:.1f} s" if seconds > 10 else ""
        return Answer(NONE, seconds, slow), None
    return answer_of(response, time.monotonic() - started), response
