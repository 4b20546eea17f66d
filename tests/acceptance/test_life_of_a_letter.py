"""A letter from its POST to the end of its bytes, through real processes, as both of its sides see it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.acceptance.receiver import Receiver
from tests.acceptance.sender import new_reference
from tests.acceptance.service import Service
from tests.acceptance.uploader import RECIPIENT, Uploader, bytes_of
from tests.acceptance.waiting import until

pytestmark = pytest.mark.e2e

READ = "altinn:correspondence.read"
PERSON = "01818517641"


@pytest.fixture(scope="module")
def receiver(service: Service) -> Receiver:
    return Receiver(service.api_url, service.manage("token", "--org", RECIPIENT, "--scope", READ))


@pytest.fixture(scope="module")
def owner(service: Service) -> Receiver:
    return Receiver(service.api_url, service.token)


def test_a_letter_is_found_fetched_read_confirmed_downloaded_and_deleted(
    service: Service, uploader: Uploader, owner: Receiver, receiver: Receiver
) -> None:
    content, reference = bytes_of(200_000), new_reference()
    attachment = uploader.uploaded(content)
    request = uploader.letter_to(RECIPIENT, existingAttachments=[attachment])
    request["correspondence"] |= {
        "sendersReference": reference,
        "isConfirmationNeeded": True,
        "dueDateTime": "2099-01-01T00:00:00Z",
    }
    (letter,) = uploader.send(request)
    until(lambda: receiver.find(role="Recipient", sendersReference=reference) == [letter])
    lying = service.files()

    assert receiver.look(letter).json()["content"]["messageTitle"] == "Vedtak"
    assert receiver.look(letter, "content").text.strip() == "Vi har **innvilget** søknaden."
    assert receiver.purge(letter).json()["code"] == "CORR-01026"
    assert receiver.say(letter, "confirm").json() == letter
    assert receiver.download(letter, attachment).content == content
    assert owner.history(letter)[-4:] == ["Fetched", "Read", "Confirmed", "AttachmentsDownloaded"]
    assert receiver.purge(letter).json() == letter

    assert receiver.look(letter).status_code == receiver.download(letter, attachment).status_code == 404
    assert owner.find(role="Sender", sendersReference=reference, status="PurgedByRecipient") == [letter]
    until(lambda: uploader.attachment(attachment)["status"] == "Purged")
    until(lambda: len(service.files()) < len(lying))
    assert owner.look(letter, "details").json()["status"] == "AttachmentsDownloaded"


def test_a_letter_that_its_sender_takes_back_never_goes_out(owner: Receiver, receiver: Receiver) -> None:
    request = owner.letter_to(RECIPIENT)
    request["correspondence"]["requestedPublishTime"] = "2099-01-01T00:00:00Z"
    (letter,) = owner.send(request)
    until(lambda: owner.look(letter).json()["status"] == "ReadyForPublish")

    assert receiver.look(letter).status_code == 404
    assert owner.purge(letter).status_code == 200
    assert owner.look(letter).json()["code"] == "CORR-01001"
    assert owner.history(letter) == ["Initialized", "ReadyForPublish"]


def test_of_many_who_confirm_at_once_one_is_heard(owner: Receiver, receiver: Receiver) -> None:
    """Through several web processes."""
    (letter,) = owner.send(owner.letter_to(RECIPIENT))
    until(lambda: receiver.look(letter).status_code == 200)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: receiver.say(letter, "confirm").status_code, range(8)))

    assert sorted(answers) == [200] + [400] * 7
    assert owner.history(letter).count("Confirmed") == 1


def test_a_right_that_is_given_opens_a_letter_and_one_that_is_withdrawn_closes_it(
    service: Service, owner: Receiver
) -> None:
    person = Receiver(service.api_url, service.manage("token", "--person", PERSON))
    (letter,) = owner.send(owner.letter_to(RECIPIENT))
    until(lambda: owner.look(letter).json()["status"] == "Published")
    right = ["--from", f"0192:{RECIPIENT}", "--to", PERSON, "--right", "read"]

    assert person.look(letter).json()["code"] == "CORR-04001"
    service.manage("delegate", *right)
    assert person.look(letter).status_code == 200
    assert letter in person.find(role="Recipient", onBehalfOf=f"0192:{RECIPIENT}")
    service.manage("delegate", "--withdraw", *right)
    assert person.look(letter).json()["code"] == "CORR-04001"
