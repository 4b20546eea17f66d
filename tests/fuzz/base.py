"""What the service holds before it is called: letters, files and rights in every state a client can bring about."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.acceptance.receiver import Receiver
from tests.acceptance.sender import PERSON, new_reference, people
from tests.acceptance.service import Service
from tests.acceptance.uploader import RECIPIENT, bytes_of, describe
from tests.acceptance.waiting import until
from tests.fuzz.callers import CITIZEN, READ, SENDER, token

ORGANIZATION = f"urn:altinn:organization:identifier-no:{RECIPIENT}"
RESERVED = people(1)[0].removeprefix(PERSON)  # the register knows this one as reserved against digital post
LATER = "2099-01-05T08:00:00Z"


def read_by(caller: str) -> str:
    """The name of the letters that this kind of caller may read."""
    return f"letters for {caller}"


@dataclass
class Base:
    """Real values by the name that a request gives them; `copies` carry files as pairs of two ids."""

    values: dict[str, list[str]] = field(default_factory=dict)
    copies: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, *values: str) -> None:
        self.values.setdefault(name, []).extend(values)

    def write(self, file: Path) -> None:
        file.write_text(json.dumps({"values": self.values, "copies": self.copies}))


def register(service: Service, folder: Path) -> None:
    """Parties, one of them reserved, and rights that were given away."""
    parties = folder / "parties.csv"
    parties.write_text(f"identifier,name,reserved\n{CITIZEN},Kari Nordmann,no\n{RESERVED},Ola Nordmann,yes\n")
    service.manage("import_parties", str(parties))
    service.manage("delegate", "--from", RECIPIENT, "--to", CITIZEN, "--right", "read")
    service.manage("delegate", "--from", SENDER, "--to", RECIPIENT, "--right", "write")


class Filling:
    """Brings about what the calls are to find. It holds the tokens of those who do so."""

    def __init__(self, service: Service) -> None:
        self.sender = Receiver(service.api_url, token(service, "--org", SENDER))
        self.organization = Receiver(service.api_url, token(service, "--org", RECIPIENT, "--scope", READ))
        self.person = Receiver(service.api_url, token(service, "--person", CITIZEN))

    def fill(self, cases: int) -> Base:
        """Give letters and files in each state, on top of what is there, enough for that many cases of an operation."""
        self.base = Base()
        resource = self.sender.resource
        self.base.add("resourceId", resource, resource, f"urn:altinn:resource:{resource}")
        self.base.add("resourceId", "fjordby-byggesak")  # another owner's
        self.base.add("recipient", ORGANIZATION, PERSON + CITIZEN, f"0192:{RECIPIENT}", CITIZEN, RESERVED)
        for _ in range(min(6, 1 + cases // 50)):
            self.once()
        self.base.add("waiting", *(self.sender.initialize() for _ in range(cases // 2)))
        return self.base

    def once(self) -> None:
        """One of each."""
        file = self.files()
        out = self.letters(self.organization, [ORGANIZATION], file)
        self.base.add(read_by("organisation"), *out)
        self.base.add(read_by("dialog"), *out)
        self.base.add(read_by("person"), *self.letters(self.person, [PERSON + CITIZEN], file))

    def files(self) -> str:
        """Files that wait, failed, are deleted, and one that letters will carry; answers the last."""
        waiting = [self.sender.initialize() for _ in range(3)]
        failed = self.sender.initialize(checksum="0" * 32)
        assert self.sender.upload(failed, b"other bytes").status_code == 400
        unused, deleted, carried = (self.sender.uploaded(bytes_of(200)) for _ in range(3))
        assert self.sender._call("DELETE", f"{self.sender.attachments}/{deleted}").status_code == 204
        self.base.add("attachmentId", *waiting, failed, unused, deleted, carried)
        self.base.add("existingAttachments", unused, carried)
        return carried

    def letters(self, reader: Receiver, recipients: list[str], file: str) -> list[str]:
        """Letters to one recipient that wait, were withdrawn, or are out and came as far as each state: these last."""
        self.send(recipients, requestedPublishTime=LATER)
        withdrawn = self.send(recipients, requestedPublishTime=LATER)
        assert self.sender.purge(withdrawn).status_code == 200
        out = [self.send(recipients, file=file, key=str(uuid4())) for _ in range(6)]
        out.append(self.send_form(recipients))
        out.append(self.send(recipients, isConfirmationNeeded=True, dueDateTime=LATER))
        for letter in out:
            until(partial(self._is_out, letter))
        self.move_on(reader, out)
        self.base.copies += [(letter, file) for letter in out[:6]]
        return out

    def _is_out(self, letter: str) -> bool:
        return bool(self.sender.overview(letter)["status"] == "Published")

    def move_on(self, reader: Receiver, out: list[str]) -> None:
        """One stays Published; the others are fetched, and some of them read, confirmed or deleted."""
        read, confirmed, deleted = out[2:5]
        for letter in out[1:]:
            assert reader.look(letter).status_code == 200
        for letter in (read, confirmed):
            assert reader.say(letter, "markasread").status_code == 200
        assert reader.say(confirmed, "confirm").status_code == 200
        assert reader.purge(deleted).status_code == 200

    def send(self, recipients: list[str], file: str = "", key: str | None = None, **more: Any) -> str:
        letter = {**self.sender.letter(new_reference(), **more), "recipients": recipients, "idempotentKey": key}
        letter["existingAttachments"] = [file] if file else []
        if key:
            self.base.add("idempotentKey", key)
        return self.note(letter, self.sender.send(letter)[0])

    def send_form(self, recipients: list[str]) -> str:
        files = [("plan.txt", bytes_of(100)), ("kart.png", bytes_of(100))]
        letter = describe({**self.sender.letter(new_reference()), "recipients": recipients}, files)
        answer = self.sender.post_form(letter, files)
        assert answer.status_code == 200, answer.text
        accepted = answer.json()
        sent: str = accepted["correspondences"][0]["correspondenceId"]
        self.base.add("attachmentId", *accepted["attachmentIds"])
        self.base.copies += [(sent, each) for each in accepted["attachmentIds"]]
        return self.note(letter, sent)

    def note(self, letter: dict[str, Any], id: str) -> str:
        self.base.add("correspondenceId", id)
        self.base.add("sendersReference", letter["correspondence"]["sendersReference"])
        return id
