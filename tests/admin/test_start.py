"""The start page: what its figures count, that each leads to what it counts, and what it says of workers."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from config.kernel import clock, life_signs
from config.kernel.life_signs import Sign, Task
from correspondence import actions, standing
from correspondence.actions.advance import mark_failed
from correspondence.gauges import READINGS
from correspondence.models import Correspondence, Mailing, PublishedTally, StatusEvent
from correspondence.standing import Standing, letters_that_are
from correspondence.statuses import QueueState, Status
from registry.models import Membership, Resource
from tests.admin.pages import card, page, tile, words
from tests.clients import Client
from tests.letters import PERSON, letter, organizations
from tests.mail import sent, work
from tests.messages import NOBODY

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files", "no_signs")
START, FIGURES = "/admin/", "/admin/figures/"
FAR = "2099-01-01T00:00:00Z"
ALL_QUEUES = ("maintenance", "publish", "queue", "scan", "sweep")
HOUR = timedelta(hours=1)


@pytest.fixture
def no_signs(settings: Any) -> Iterator[None]:
    """Nobody is alive, before and after."""
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("correspondence:life-signs")
        yield
        broker.delete("correspondence:life-signs")


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


def member(*owners: Any, permissions: tuple[str, ...] = ("view_correspondence",)) -> DjangoClient:
    """Works for these owners, and may look at letters."""
    user = get_user_model().objects.create_user("kari", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    for owner in owners:
        Membership.objects.create(user=user, owner=owner)
    client = DjangoClient()
    client.force_login(user)
    return client


def listed(people: DjangoClient, address: str) -> int:
    """How many letters the list at this address has."""
    return page(people.get(address)).count('class="action-select"')


def failed(letter_ids: list[str], reason: str = "Vedlegget finnes ikke.") -> None:
    mark_failed([Correspondence.objects.get(pk=pk).pk for pk in letter_ids], reason, clock.now())


@pytest.fixture
def one_of_each(sender: Client, other_sender: Client) -> None:
    """Of some more than one, so that no figure is right by chance. Two are out, and one has failed."""
    actions.sweep(now=clock.now())
    sent(sender, letter(*organizations(2)))
    work()
    gone = sent(sender)
    held = sent(sender, letter(*organizations(2)))
    due = sent(sender, letter(*organizations(4)))
    sent(sender, letter(*organizations(3), requestedPublishTime=FAR))
    sent(other_sender, letter(*organizations(5), resourceId="dalen-skatt"))
    for mailing in Mailing.objects.unqueued():
        actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())
    failed(gone)
    Correspondence.objects.filter(pk=held[0]).update(attempts=2, next_try_at=clock.now() + HOUR, last_error="Sprengt")
    Correspondence.objects.filter(pk=held[1]).update(queue_state=QueueState.SET_ASIDE, last_error=f"Sprengt {PERSON}")
    late = clock.now() - 2 * HOUR
    Correspondence.objects.filter(pk=due[0]).update(due_at=late, next_try_at=late)
    actions.pause(resource_id="dalen-skatt", reason="Feil vedlegg", by="ola", now=clock.now())
    sent(sender, letter(*organizations(6)))
    sent(sender, letter(requestedPublishTime=FAR))  # for later, and not even queued


IN_EACH = {"waiting": 6, "due": 4, "paused": 5, "held_up": 1, "scheduled": 4, "set_aside": 1}


def test_each_figure_is_what_its_list_shows(people: DjangoClient, one_of_each: None) -> None:
    text = page(people.get(START))

    figures = {**IN_EACH, "published": 2, "failed": 1}
    tiles = {key: tile(text, key) for key in figures}
    assert {key: value for key, (value, _) in tiles.items()} == {key: str(number) for key, number in figures.items()}
    assert {key: listed(people, address) for key, (_, address) in tiles.items()} == figures


def test_command_gauges_and_pages_mean_the_same_by_a_word(one_of_each: None) -> None:
    now = clock.now()
    counts = standing.total(standing.lanes(now)).counts

    assert {word: getattr(counts, word) for word in IN_EACH} == IN_EACH
    assert {word: letters_that_are(Standing(word), now).count() for word in IN_EACH} == IN_EACH
    assert READINGS[0].read(now) == IN_EACH


def test_the_oldest_leads_to_the_letter_itself(people: DjangoClient, one_of_each: None) -> None:
    value, address = tile(page(people.get(START)), "oldest")

    oldest = Correspondence.objects.order_by("due_at")[0]
    assert (value, address) == ("2 hours", f"/admin/correspondence/correspondence/{oldest.pk}/change/")


def test_the_page_says_what_is_wrong_the_worst_first(people: DjangoClient, one_of_each: None) -> None:
    told = card(page(people.get(START)), "alarms")

    assert told.startswith("Act No worker seen for 3 minutes: nothing goes out.")
    assert "Letters are late: the oldest has waited for 2 hours." in told
    assert "1 letter is set aside after repeated errors, and needs somebody." in told
    assert "1 pause is in force." in told


def alive(name: str = "celery@one", ago: float = 2, queues: tuple[str, ...] = ALL_QUEUES, *tasks: Task) -> None:
    life_signs.give(Sign(name, "worker", clock.now() - timedelta(seconds=ago), 2, queues, tasks))


def test_where_all_is_well_it_says_so(people: DjangoClient) -> None:
    actions.sweep(now=clock.now())
    alive()

    text = page(people.get(START))

    assert card(text, "alarms") == "Well Mail is going out. Nothing is stuck."
    assert [tile(text, key)[0] for key in ("due", "paused", "held_up")] == ["", "", ""]
    assert "No letter is set aside." in card(text, "set-aside")
    assert "Nothing is paused." in card(text, "pauses")


def test_workers_are_shown_with_when_they_were_seen_and_what_they_are_at(people: DjangoClient) -> None:
    alive("celery@one", 2, ("publish",), Task("correspondence.publish_due", clock.now() - timedelta(seconds=7)))
    life_signs.give(Sign("beat@one", "beat", clock.now()))

    told = card(page(people.get(START)), "processes")

    assert "1 task is running." in told
    assert "runs celery@one worker · last seen 2 seconds ago · 2 processes · queues: publish" in told
    assert "publishing letters, for 7 seconds" in told
    assert "runs beat@one beat" in told


@pytest.mark.parametrize(
    ("ago", "said"),
    [(2, "Well"), (179, "Well"), (181, "Act No worker seen for 3 minutes: nothing goes out."), (3700, "Act No worker")],
)
def test_a_worker_that_is_silent_for_three_minutes_is_missed(people: DjangoClient, ago: float, said: str) -> None:
    actions.sweep(now=clock.now())
    alive(ago=ago)

    assert card(page(people.get(START)), "alarms").startswith(said)


def test_a_queue_that_nobody_listens_to_and_a_silent_sweep_are_told(people: DjangoClient) -> None:
    actions.sweep(now=clock.now() - HOUR)
    alive(queues=("queue", "sweep", "maintenance"))
    alive("celery@two", ago=200)

    told = card(page(people.get(START)), "alarms")

    assert "No worker listens to the queue “publish”." in told
    assert "The last sweep ran 1 hour ago: scheduled letters do not go out." in told
    assert "The worker celery@two was last seen 3 minutes ago." in told


def test_a_worker_that_ends_in_good_order_is_not_missed(people: DjangoClient) -> None:
    alive("celery@one")
    alive("celery@two")

    life_signs.withdraw("celery@two")

    assert "celery@two" not in page(people.get(START))


def test_without_the_broker_the_page_says_what_the_database_knows(
    people: DjangoClient, one_of_each: None, settings: Any
) -> None:
    settings.REDIS_URL = NOBODY

    text = page(people.get(START))

    assert card(text, "alarms").startswith("Act The broker does not answer: nobody can say whether the workers run.")
    assert tile(text, "due")[0] == "4"


def test_the_charts_count_what_went_out_and_a_table_has_the_numbers(people: DjangoClient, sender: Client) -> None:
    sent(sender, letter(*organizations(1_200)[:400]))
    sent(sender, letter(*organizations(500)))
    sent(sender, letter(*organizations(300)))
    work()
    yesterday = clock.now() - timedelta(days=1)
    PublishedTally.objects.create(owner=Resource.objects.get().owner, at=yesterday, fold=2, letters=7_000)

    text = page(people.get(START))

    assert tile(text, "published")[0] == "1,200"
    assert "1,200 in all. The most:" in card(text, "minutes")
    days = card(text, "days")
    assert "8,200 in all. The most: 7,000" in days
    assert "8,000 4,000 0" in days  # the axis, from nought
    assert "(not over) 1,200" in days
    assert days.count(" 0 ") >= 28


def test_folding_changes_no_count(people: DjangoClient, sender: Client) -> None:
    for _ in range(3):
        sent(sender, letter(*organizations(2)))
        work()
    before = [card(page(people.get(START)), key) for key in ("minutes", "days")]
    assert PublishedTally.objects.count() == 3
    now = clock.now()

    actions.sweep(now=now + timedelta(minutes=2))
    assert list(PublishedTally.objects.values_list("letters", "fold")) in ([(6, 1)], [(4, 1), (2, 1)], [(2, 1), (4, 1)])
    assert [card(page(people.get(START)), key) for key in ("minutes", "days")] == before
    actions.sweep(now=now + timedelta(hours=3))
    assert sum(PublishedTally.objects.values_list("letters", flat=True)) == 6
    assert set(PublishedTally.objects.values_list("fold", flat=True)) == {2}
    assert card(page(people.get(START)), "days") == before[1]

    actions.sweep(now=now + timedelta(days=36))
    assert not PublishedTally.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_not_published_after_all_is_not_counted(sender: Client) -> None:
    """The tally is of the transaction that publishes."""
    sent(sender)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE correspondence_statusevent ADD CONSTRAINT nothing_is_published CHECK (status <> 2)")
    try:
        work()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE correspondence_statusevent DROP CONSTRAINT nothing_is_published")

    assert not StatusEvent.objects.filter(status=Status.PUBLISHED).exists()
    assert not PublishedTally.objects.exists()


def test_the_newest_failures_and_what_was_set_aside_are_shown_with_their_reasons(
    people: DjangoClient, one_of_each: None
) -> None:
    text = page(people.get(START))

    assert "Vedtak Vedlegget finnes ikke. fjordby-byggesak" in card(text, "failed")
    assert "Vedtak Sprengt urn:altinn:person:identifier-no:***********" in card(text, "set-aside")
    for key in ("failed", "set-aside"):
        assert "/admin/correspondence/correspondence/01" in text.split(f'id="start-{key}"')[1].split("</section>")[0]


def test_what_befell_a_whole_mailing_is_told_once(people: DjangoClient, sender: Client) -> None:
    ids = sent(sender, letter(*organizations(30)))
    for mailing in Mailing.objects.unqueued():
        actions.queue_mailing(mailing_id=mailing.pk, now=clock.now())
    failed(ids[:29])

    text = page(people.get(START))

    assert tile(text, "failed")[0] == "29"
    assert card(text, "failed").count("Vedlegget finnes ikke.") == 1
    assert "and 28 more of its mailing" in card(text, "failed")
    assert f"/admin/correspondence/mailing/{Mailing.objects.get().pk}/change/" in text


def test_a_member_sees_figures_of_his_owners_only(one_of_each: None, resource: Resource) -> None:
    dalen = Resource.objects.get(pk="dalen-skatt").owner
    text = page(member(dalen).get(START))

    figures = {"waiting": "0", "due": "", "paused": "5", "held_up": "", "scheduled": "0", "set_aside": "0"}
    assert {key: tile(text, key)[0] for key in figures} == figures
    assert [tile(text, key)[0] for key in ("published", "failed")] == ["0", "0"]
    assert "Feil vedlegg" in card(text, "pauses")
    assert "Nothing was published." in card(text, "days")
    assert "fjordby" not in text


def test_pauses_of_others_are_not_a_members_business_and_those_of_all_are(
    one_of_each: None, resource: Resource
) -> None:
    fjordby = member(resource.owner)
    assert "Nothing is paused." in card(page(fjordby.get(START)), "pauses")

    actions.pause(reason="Flytting", by="ola", now=clock.now())

    text = page(fjordby.get(START))
    assert "everything Flytting" in card(text, "pauses")
    assert "Act Publishing of everything is paused: nothing goes out." in card(text, "alarms")
    assert (tile(text, "due")[0], tile(text, "paused")[0]) == ("", "5")


def test_a_member_of_no_owner_is_told_so(one_of_each: None) -> None:
    nobody = member()

    assert "You are a member of no service owner yet" in page(nobody.get(START))
    assert words(page(nobody.get(FIGURES))) == ""


def test_who_may_not_look_at_letters_gets_the_list_of_pages_and_no_figure(
    one_of_each: None, django_assert_max_num_queries: Any
) -> None:
    registrar = member(permissions=("view_resource",))

    with CaptureQueriesContext(connection) as queries:
        text = page(registrar.get(START))

    assert "start-tile" not in text
    assert "/admin/registry/resource/" in text
    assert not [query for query in queries if "correspondence_" in query["sql"]]
    assert registrar.get(FIGURES).status_code == 403


def test_links_are_only_to_what_may_be_opened(one_of_each: None, resource: Resource) -> None:
    dalen = Resource.objects.get(pk="dalen-skatt").owner
    text = page(member(dalen).get(START))

    assert "/admin/correspondence/pause/" not in text
    assert "/admin/correspondence/mailing/" not in text


def test_the_figures_by_themselves_are_those_of_the_page(people: DjangoClient, one_of_each: None) -> None:
    text = page(people.get(FIGURES))

    assert {word: tile(text, word)[0] for word in IN_EACH} == {word: str(count) for word, count in IN_EACH.items()}
    assert "<html" not in text


def test_a_page_that_refreshes_by_itself_keeps_no_session_alive(people: DjangoClient) -> None:
    def seen_at() -> int:
        return int(people.session["staff_seen_at"])

    session = people.session
    session["staff_logged_in_at"] = session["staff_seen_at"] = int(clock.now().timestamp()) - 1_700
    session.save()
    before = seen_at()

    assert people.get(FIGURES, headers={"X-By-Itself": "1"}).status_code == 200
    assert seen_at() == before
    assert people.get(FIGURES).status_code == 200
    assert seen_at() > before

    session = people.session
    session["staff_seen_at"] -= 1_801
    session.save()
    assert people.get(FIGURES, headers={"X-By-Itself": "1"})["Location"].startswith("/admin/login/")


def test_the_page_costs_the_same_few_statements_for_any_number_of_letters(
    people: DjangoClient, sender: Client, one_of_each: None
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(people.get(FIGURES))
        return len([query for query in queries if "correspondence_" in query["sql"]])

    few = statements()
    sent(sender, letter(*organizations(200)))
    work()

    assert statements() == few == 7


def test_counting_ends_at_a_bound_and_says_so(
    people: DjangoClient, sender: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(sender, letter(*organizations(12)))
    monkeypatch.setattr("correspondence.overview.MOST_COUNTED", 10)

    assert tile(page(people.get(START)), "waiting")[0] == "10 or more"


def test_numbers_and_days_are_written_as_in_the_users_language(people: DjangoClient, sender: Client) -> None:
    owner = Resource.objects.get(pk="fjordby-byggesak").owner
    PublishedTally.objects.create(owner=owner, at=clock.now(), fold=0, letters=1_234)

    text = page(people.get(FIGURES, headers={"accept-language": "nb"}))

    assert tile(text, "published")[0] == "1 234"
