"""What caseworkers do with letters, from list, letter and mailing: asked about, done once, told and noted."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from config.audit.models import AuditEntry
from config.kernel import clock
from correspondence import actions
from correspondence.models import BulkJob, Correspondence, SentAgain, StatusEvent
from correspondence.statuses import JobState, QueueState, Status
from registry.models import Resource
from tests.admin.acting import (
    JOBS,
    LETTERS,
    caseworker,
    chosen,
    done,
    failed,
    queued,
    scheduled,
    set_aside,
    the_job,
    worker,
)
from tests.admin.pages import page
from tests.clients import Client
from tests.letters import PERSON, letter, organizations
from tests.mail import history, mailing_of, published, sent, work

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
ACTS = ("retry", "send_again", "publish_now", "cancel")


@pytest.fixture
def kari(resource: Resource) -> DjangoClient:
    return caseworker(resource.owner)


def words(text: str) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def entries(letter_id: str) -> list[tuple[str, str, str]]:
    found = AuditEntry.objects.filter(target_type="correspondence.correspondence", target_id=letter_id)
    return list(found.order_by("pk").values_list("deed", "by", "reason"))


def test_a_letter_that_was_set_aside_is_retried_and_goes_out(kari: DjangoClient, sender: Client) -> None:
    [id] = set_aside(sender)

    text = done(kari, "retry_set_aside", [id], reason="")
    work()

    assert "Done with 1 of 1 letter." in words(text)
    assert history(id)[-1] == Status.PUBLISHED
    assert entries(id) == [("retried", "kari", "")]


def test_the_question_says_how_many_it_touches_and_which_it_cannot_and_why(kari: DjangoClient, sender: Client) -> None:
    ids = [*set_aside(sender), *failed(sender), *queued(sender), *failed(sender)]
    before = list(Correspondence.objects.order_by("pk").values())

    _, text = chosen(kari, "retry_set_aside", ids)

    told = words(text)
    assert "1 letter is retried." in told
    assert "3 letters cannot be retried" in told
    assert "2 Failed for good" in told
    assert "1 Not set aside" in told
    assert all(id in told for id in ids[1:])
    assert list(Correspondence.objects.order_by("pk").values()) == before


def test_where_there_is_nothing_to_do_no_button_is_offered(kari: DjangoClient, sender: Client) -> None:
    _, text = chosen(kari, "cancel", [published(sender)])

    assert "There is nothing to do." in words(text)
    assert "Published already" in words(text)
    assert 'type="submit" class="button default"' not in text


@pytest.mark.parametrize("act", ["send_again", "publish_now", "cancel"])
def test_without_a_reason_nothing_is_done(kari: DjangoClient, sender: Client, act: str) -> None:
    ids = failed(sender) if act == "send_again" else scheduled(sender)
    address, _ = chosen(kari, act, ids)

    for reason in ("", "   "):
        assert "This field is required." in page(kari.post(address, {"reason": reason}))

    assert the_job().state == JobState.PLANNED
    assert not AuditEntry.objects.filter(target_id__in=ids).exists()


def test_a_letter_for_later_is_published_now(kari: DjangoClient, sender: Client) -> None:
    now_id, later_id = scheduled(sender, *organizations(2))
    wanted = mailing_of(now_id).requested_publish_time

    done(kari, "publish_now", [now_id], reason="It is urgent")
    work()

    assert (history(now_id)[-1], history(later_id)[-1]) == (Status.PUBLISHED, Status.READY_FOR_PUBLISH)
    assert mailing_of(now_id).requested_publish_time == wanted  # what the sender asked for stays as it is
    assert entries(now_id) == [("published_now", "kari", "It is urgent")]
    assert entries(later_id) == []


def test_a_cancelled_letter_has_failed_with_its_reason_on_the_wire_and_never_goes_out(
    kari: DjangoClient, sender: Client
) -> None:
    [id] = scheduled(sender)

    done(kari, "cancel", [id], reason="Sendt til 01818517641 ved en feil")
    actions.publish_due(clock=lambda: clock.now().replace(year=2099))

    overview, details = sender.overview(id).json(), sender.details(id).json()
    assert overview["status"] == "Failed"
    told = [(each["status"], each["statusText"]) for each in details["statusHistory"]]
    assert told[-1] == ("Failed", "Cancelled before it was published: Sendt til *********** ved en feil")
    assert len(told) == 3
    assert StatusEvent.objects.get(status=Status.FAILED).party == "kari"
    assert entries(id) == [("cancelled", "kari", "Sendt til *********** ved en feil")]


def test_a_letter_that_is_not_queued_yet_is_cancelled_and_nobody_queues_its_mailing(
    kari: DjangoClient, sender: Client
) -> None:
    first, second = sent(sender, letter(*organizations(2)))

    done(kari, "cancel", [first])
    assert mailing_of(first).next_look_at is not None  # the other one waits still
    done(kari, "cancel", [second])

    assert mailing_of(first).next_look_at is None
    work()
    assert history(first) == history(second) == [Status.INITIALIZED, Status.FAILED]


def test_a_failed_letter_is_sent_again_as_a_new_one_and_each_leads_to_the_other(
    kari: DjangoClient, sender: Client
) -> None:
    [id] = failed(sender, letter(propertyList={"a": "b"}, content__messageBody="Hei **du**."))

    text = done(kari, "send_again", [id], reason="The register is mended")

    link = SentAgain.objects.get()
    new_id = str(link.new_id)
    old, new = sender.overview(id).json(), sender.overview(new_id).json()
    same = ("content", "recipient", "sender", "sendersReference", "propertyList", "resourceId")
    assert {name: old[name] for name in same} == {name: new[name] for name in same}
    work()
    assert (str(link.old_id), link.by) == (id, "kari")
    assert new_id in text
    assert history(new_id)[-1] == Status.PUBLISHED
    assert history(id)[-1] == Status.FAILED
    assert new_id in page(kari.get(f"{LETTERS}{id}/change/"))
    assert id in page(kari.get(f"{LETTERS}{new_id}/change/"))
    found = AuditEntry.objects.filter(deed="sent_again").order_by("pk").values_list("target_id", "by", "details")
    assert list(found) == [
        (id, "kari", {"sent_again_as": new_id}),
        (new_id, "kari", {"sent_again_from": id}),
    ]
    assert "kari" in page(kari.get(f"{LETTERS}{id}/change/"))
    assert set(StatusEvent.objects.filter(correspondence=link.new, status=Status.INITIALIZED).values_list("party")) == {
        ("kari",)
    }


def test_a_failed_letter_is_sent_again_once(kari: DjangoClient, sender: Client) -> None:
    [id] = failed(sender)
    done(kari, "send_again", [id])

    _, text = chosen(kari, "send_again", [id])

    assert "Sent again before" in words(text)
    assert str(SentAgain.objects.get().new_id) in text
    assert "send_again" not in page(kari.get(f"{LETTERS}{id}/change/"))


def test_pressing_twice_is_once(kari: DjangoClient, sender: Client) -> None:
    [id] = failed(sender)
    address, _ = chosen(kari, "send_again", [id])

    answers = [kari.post(address, {"reason": "Mended"}) for _ in range(2)]

    assert {answer["Location"] for answer in answers} == {f"{JOBS}{the_job().pk}/change/"}
    assert Correspondence.objects.count() == 2
    assert AuditEntry.objects.filter(deed="sent_again").count() == 2


def test_pressing_twice_on_a_letters_own_page_is_once(kari: DjangoClient, sender: Client) -> None:
    [id] = failed(sender)
    address = f"{JOBS}letter/{id}/send_again/"
    form = {"reason": "Mended", "job": hidden_job(page(kari.get(address)))}
    assert not BulkJob.objects.exists()

    answers = [kari.post(address, form) for _ in range(2)]

    assert {answer.status_code for answer in answers} == {302}
    assert Correspondence.objects.count() == 2
    assert BulkJob.objects.count() == 1


def hidden_job(text: str) -> str:
    found = re.search(r'name="job" value="([^"]+)"', text)
    assert found
    return found[1]


def test_a_letter_that_was_published_meanwhile_is_told_as_not_done(kari: DjangoClient, sender: Client) -> None:
    late, still = *queued(sender), *scheduled(sender)
    address, asked = chosen(kari, "cancel", [late, still])
    assert "2 letters are cancelled." in words(asked)
    work()

    text = words(page(kari.post(address, {"reason": "Too late"}, follow=True)))

    assert "Done with 1 of 2 letters." in text
    assert "1 letter stayed as it was 1 Published already" in text
    assert history(late)[-1] == Status.PUBLISHED
    assert (entries(late), len(entries(still))) == ([], 1)


def test_a_letters_page_offers_what_can_be_done_with_it(kari: DjangoClient, sender: Client) -> None:
    for ids, offered in (
        (set_aside(sender), {"retry", "cancel"}),
        (scheduled(sender), {"publish_now", "cancel"}),
        (failed(sender), {"send_again"}),
        ([published(sender)], set()),
    ):
        text = page(kari.get(f"{LETTERS}{ids[0]}/change/"))
        assert {act for act in ACTS if f"{JOBS}letter/{ids[0]}/{act}/" in text} == offered


def test_something_is_done_with_a_whole_mailing(kari: DjangoClient, sender: Client) -> None:
    ids = set_aside(sender, letter(*organizations(3)))
    Correspondence.objects.filter(pk=ids[0]).update(queue_state=QueueState.READY)
    mailing = mailing_of(ids[0])
    shown = page(kari.get(f"/admin/correspondence/mailing/{mailing.pk}/change/"))
    address = f"{JOBS}mailing/{mailing.pk}/retry/"
    assert f'href="{address}">Retry (2)' in shown

    asked = words(page(kari.get(address)))
    text = words(page(kari.post(address, {}, follow=True)))

    assert "2 letters are retried. " in asked
    assert "1 letter cannot be retried" in asked
    assert "Done with 2 of 3 letters." in text
    assert not Correspondence.objects.set_aside().exists()


def test_all_that_match_a_filter_are_those_that_matched_when_they_were_chosen(
    kari: DjangoClient, sender: Client
) -> None:
    ids = set_aside(sender, letter(*organizations(3)))
    form = {"action": "retry_set_aside", "_selected_action": ids[:1], "select_across": "1"}
    asked = kari.post(f"{LETTERS}?queue_state__exact=set_aside", form, follow=True)
    assert "3 letters are retried." in words(page(asked))
    [another] = set_aside(sender)

    kari.post(asked.redirect_chain[-1][0], {"reason": ""})

    assert list(Correspondence.objects.set_aside().values_list("pk", flat=True)) == [
        Correspondence.objects.get(pk=another).pk
    ]


def test_looking_changes_nothing(kari: DjangoClient, sender: Client) -> None:
    [id] = failed(sender)
    address, _ = chosen(kari, "send_again", [id])
    before = (list(Correspondence.objects.values()), list(BulkJob.objects.values()), AuditEntry.objects.count())

    for each in (address, f"{JOBS}letter/{id}/send_again/", f"{JOBS}mailing/{mailing_of(id).pk}/send_again/", JOBS):
        page(kari.get(each))

    after = (list(Correspondence.objects.values()), list(BulkJob.objects.values()), AuditEntry.objects.count())
    assert after == before


def test_a_form_from_elsewhere_is_refused(resource: Resource, sender: Client) -> None:
    [id] = failed(sender)
    strict = DjangoClient(enforce_csrf_checks=True)
    strict.cookies = caseworker(resource.owner).cookies

    assert strict.post(f"{JOBS}letter/{id}/send_again/", {"reason": "x"}).status_code == 403
    assert Correspondence.objects.count() == 1


# --- who may not


def test_another_owners_letters_are_not_touched_not_counted_and_not_revealed(
    kari: DjangoClient, sender: Client, other_sender: Client
) -> None:
    [mine], [theirs] = set_aside(sender), set_aside(other_sender, letter(resourceId="dalen-skatt"))

    address, asked = chosen(kari, "retry_set_aside", [mine, theirs])
    text = page(kari.post(address, {"reason": ""}, follow=True))

    assert "1 letter is retried." in words(asked)
    assert theirs not in asked + text
    assert the_job().total == 1
    assert Correspondence.objects.set_aside().get().pk == Correspondence.objects.get(pk=theirs).pk
    assert entries(theirs) == []
    for kind, key in (("letter", theirs), ("mailing", mailing_of(theirs).pk)):
        for answer in (kari.get(f"{JOBS}{kind}/{key}/retry/"), kari.post(f"{JOBS}{kind}/{key}/retry/", {})):
            assert answer.status_code == 404


def test_who_chose_only_other_owners_letters_is_asked_nothing(kari: DjangoClient, other_sender: Client) -> None:
    ids = set_aside(other_sender, letter(resourceId="dalen-skatt"))

    kari.post(LETTERS, {"action": "retry_set_aside", "_selected_action": ids})
    kari.post(LETTERS, {"action": "retry_set_aside", "_selected_action": ids, "select_across": "1"})

    assert not BulkJob.objects.exists()


def test_who_may_only_look_does_nothing_and_is_offered_nothing(resource: Resource, sender: Client) -> None:
    looker = worker("ola", resource.owner, "view_correspondence", "view_mailing")
    [id] = failed(sender)
    mailing = mailing_of(id)

    assert "send_again" not in page(looker.get(LETTERS))
    assert "send_again" not in page(looker.get(f"{LETTERS}{id}/change/"))
    assert "send_again" not in page(looker.get(f"/admin/correspondence/mailing/{mailing.pk}/change/"))
    for address in (f"{JOBS}letter/{id}/send_again/", f"{JOBS}mailing/{mailing.pk}/send_again/"):
        assert looker.get(address).status_code == looker.post(address, {"reason": "x"}).status_code == 403
    assert Correspondence.objects.count() == 1
    assert not BulkJob.objects.exists()


def test_a_question_is_open_to_who_chose_the_letters_only(
    kari: DjangoClient, resource: Resource, sender: Client
) -> None:
    address, _ = chosen(kari, "cancel", scheduled(sender))
    colleague, stranger = caseworker(resource.owner, "ola"), DjangoClient()

    assert colleague.get(address).status_code == colleague.post(address, {"reason": "x"}).status_code == 404
    assert stranger.post(address, {"reason": "x"})["Location"].startswith("/admin/login/")
    assert the_job().state == JobState.PLANNED


def test_who_left_the_owner_meanwhile_may_not_say_yes(kari: DjangoClient, resource: Resource, sender: Client) -> None:
    address, _ = chosen(kari, "cancel", scheduled(sender))
    resource.owner.memberships.all().delete()

    assert kari.post(address, {"reason": "x"}).status_code == 404
    assert the_job().state == JobState.PLANNED


def test_somebody_elses_job_is_not_begun_by_its_id(kari: DjangoClient, resource: Resource, sender: Client) -> None:
    [id] = scheduled(sender)
    chosen(kari, "cancel", [id])
    ola = caseworker(resource.owner, "ola")

    answer = ola.post(f"{JOBS}letter/{id}/cancel/", {"reason": "x", "job": str(the_job().pk)})

    assert answer.status_code == 404
    assert the_job().state == JobState.PLANNED


def test_jobs_are_seen_by_who_may_see_all_of_their_letters(
    kari: DjangoClient, resource: Resource, sender: Client, other_sender: Client
) -> None:
    both = caseworker(resource.owner, "begge")
    mine, theirs = set_aside(sender), set_aside(other_sender, letter(resourceId="dalen-skatt"))
    user = get_user_model().objects.get(username="begge")
    user.memberships.create(owner=Correspondence.objects.get(pk=theirs[0]).owner)
    done(both, "retry_set_aside", [*mine, *theirs])
    job = the_job()

    assert job.done == 2
    assert f"{JOBS}{job.pk}/change/" in page(both.get(JOBS))
    assert f"{JOBS}{job.pk}/change/" not in page(kari.get(JOBS))
    assert kari.get(f"{JOBS}{job.pk}/change/").status_code == 404


# --- what it costs


def test_the_question_costs_the_same_number_of_statements_for_any_number_of_letters(
    kari: DjangoClient, sender: Client
) -> None:
    def statements(ids: list[str]) -> int:
        address, _ = chosen(kari, "send_again", ids)
        with CaptureQueriesContext(connection) as queries:
            page(kari.get(address))
        return len(queries)

    few = statements(failed(sender))

    assert statements([*failed(sender, letter(*organizations(20))), *failed(sender), *failed(sender)]) == few


def test_the_page_of_a_letter_costs_two_statements_for_what_can_be_done(kari: DjangoClient, sender: Client) -> None:
    [id] = failed(sender)
    with CaptureQueriesContext(connection) as queries:
        page(kari.get(f"{LETTERS}{id}/change/"))

    asked = [query["sql"] for query in queries if "sentagain" in query["sql"] or "auditentry" in query["sql"]]
    assert len(asked) == 2


def test_the_page_of_a_job_costs_the_same_for_any_number_of_refusals(kari: DjangoClient, sender: Client) -> None:
    def statements(ids: list[str]) -> int:
        address, _ = chosen(kari, "cancel", [*scheduled(sender), *ids])
        answer = kari.post(address, {"reason": "x"})
        with CaptureQueriesContext(connection) as queries:
            page(kari.get(answer["Location"]))
        return len(queries)

    few = statements(failed(sender))

    assert statements([*failed(sender, letter(*organizations(20))), published(sender)]) == few


def test_too_many_letters_are_not_chosen_at_once(
    kari: DjangoClient, sender: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("correspondence.admin.acting.MOST_LETTERS", 2)
    ids = set_aside(sender, letter(*organizations(3)))

    answer = kari.post(LETTERS, {"action": "retry_set_aside", "_selected_action": ids}, follow=True)

    assert "These are more than 2 letters." in page(answer)
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize("act", ["nonsense", "RETRY", "cancel2"])
def test_an_odd_address_is_no_fault_of_ours(kari: DjangoClient, sender: Client, act: str) -> None:
    [id] = scheduled(sender)

    assert kari.get(f"{JOBS}letter/{id}/{act}/").status_code == 404
    assert kari.get(f"{JOBS}{id}/confirm/").status_code == 404
    assert kari.get(f"{JOBS}x/change/").status_code in (302, 404)


def test_no_page_shows_a_persons_number(kari: DjangoClient, sender: Client) -> None:
    ids: Any = scheduled(sender, PERSON)
    number = PERSON.rpartition(":")[2]

    address, asked = chosen(kari, "cancel", ids)
    text = page(kari.post(address, {"reason": f"Om {number}"}, follow=True))

    assert number not in asked + text + page(kari.get(JOBS)) + page(kari.get(f"{LETTERS}{ids[0]}/change/"))
