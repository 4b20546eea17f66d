"""The long lists of the back-office: pages, filters, days; for whom, and at what cost."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client as DjangoClient
from django.test.utils import CaptureQueriesContext

from config.kernel import back_office_pages, clock, uuids
from correspondence import actions
from correspondence.models import BulkJob, Correspondence, Mailing, StatusEvent
from correspondence.statuses import QueueState, Status, seen
from registry.models import Membership, Resource, ServiceOwner
from tests.admin.pages import page
from tests.clients import Client
from tests.files import uploaded
from tests.letters import letter, organizations

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
LETTERS = "/admin/correspondence/correspondence/"
MAILINGS = "/admin/correspondence/mailing/"
FILES = "/admin/attachments/attachment/"
HOUR = timedelta(hours=1)


@pytest.fixture
def people(admin_client: DjangoClient) -> DjangoClient:
    return admin_client


def member_of(*owners: ServiceOwner) -> DjangoClient:
    """A caseworker of these owners, who may look at everything of theirs."""
    user: Any = get_user_model().objects.create_user("kari", is_staff=True)
    allowed = Permission.objects.filter(codename__startswith="view_").exclude(codename="view_every_owner")
    user.user_permissions.set(allowed)
    Membership.objects.bulk_create(Membership(user=user, owner=owner) for owner in owners)
    client = DjangoClient()
    client.force_login(user)
    return client


def shown(client: DjangoClient, address: str) -> list[UUID]:
    """The ids of the rows on a page, in their order."""
    response: Any = client.get(address)
    page(response)
    return [row.pk for row in response.context["cl"].result_list]


def link(client: DjangoClient, address: str, which: str) -> str:
    response: Any = client.get(address)
    found: str = getattr(response.context["cl"], f"{which}_link")
    return address.partition("?")[0] + found if found else ""


def made_on(row: Correspondence, moment: datetime) -> UUID:
    """The letter, as if it had been made then; answers its new id."""
    id = UUID(int=uuids.first_at(moment).int + (row.pk.int & ((1 << 80) - 1)))
    events = list(row.events.values_list("pk", flat=True))
    Correspondence.objects.filter(pk=row.pk).update(id=id)
    StatusEvent.objects.filter(pk__in=events).update(correspondence_id=id)
    return id


@pytest.fixture
def many(sender: Client) -> list[UUID]:
    """250 letters, newest first."""
    sender.post(letter(*organizations(250)))
    return list(Correspondence.objects.order_by("-pk").values_list("pk", flat=True))


def test_a_list_is_leafed_through_from_the_newest_to_the_oldest_and_back(
    people: DjangoClient, many: list[UUID]
) -> None:
    second = link(people, LETTERS, "older")
    third = link(people, second, "older")

    assert shown(people, LETTERS) == many[:100]
    assert shown(people, second) == many[100:200]
    assert shown(people, third) == many[200:]
    assert link(people, third, "older") == ""
    assert shown(people, link(people, third, "newer")) == many[100:200]
    assert shown(people, link(people, third, "newest")) == many[:100]
    assert shown(people, link(people, second, "newer")) == many[:100]
    assert link(people, LETTERS, "newer") == link(people, LETTERS, "newest") == ""


def test_a_page_says_where_one_is(people: DjangoClient, many: list[UUID]) -> None:
    second = link(people, LETTERS, "older")

    assert "1–100 of 250" in page(people.get(LETTERS))
    assert "101–200 of 250" in page(people.get(second))
    assert "201–250 of 250" in page(people.get(link(people, second, "older")))
    assert "1–100 of 250" in page(people.get(link(people, second, "newer")))


def test_what_comes_meanwhile_moves_no_page(people: DjangoClient, sender: Client, many: list[UUID]) -> None:
    second = link(people, LETTERS, "older")
    sender.post(letter())

    assert shown(people, second) == many[100:200]


def test_a_filter_holds_on_every_page(people: DjangoClient, sender: Client, many: list[UUID]) -> None:
    Correspondence.objects.filter(pk__in=many[::2]).update(queue_state=QueueState.SET_ASIDE)

    second = link(people, f"{LETTERS}?queue_state__exact=set_aside", "older")

    assert shown(people, second) == many[::2][100:]
    assert "101–125 of 125" in page(people.get(second))


@pytest.mark.parametrize("window", [1, 10, 120, 1000])
def test_what_lies_beyond_the_first_look_is_found_in_its_order(
    people: DjangoClient, many: list[UUID], window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_office_pages, "WINDOW", window)
    Correspondence.objects.filter(pk__in=many[1::2]).update(queue_state=QueueState.SET_ASIDE)
    address = f"{LETTERS}?queue_state__exact=set_aside"
    second = link(people, address, "older")

    assert shown(people, address) == many[1::2][:100]
    assert shown(people, second) == many[1::2][100:]
    assert shown(people, link(people, second, "newer")) == many[1::2][:100]


@pytest.mark.parametrize("place", ["x", "older.1.x", "older.9999999999.0", "newer.0.", f"older.0.{'f' * 32}", "-1", ""])
def test_a_place_that_is_none_is_the_first_page(people: DjangoClient, many: list[UUID], place: str) -> None:
    assert shown(people, f"{LETTERS}?p={place}") == many[:100]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status__exact=0", [0, 1, 2]),
        ("status__exact=11", [3]),
        ("status__exact=2", []),
        ("queue_state__exact=waiting", [0, 1, 2]),
        ("queue_state__exact=done", [3]),
        ("waiting=10m", [1, 2]),
        ("waiting=1h", [2]),
        ("waiting=1d", []),
        ("resource__id__exact=fjordby-byggesak", [0, 1, 2, 3]),
        ("resource__id__exact=dalen-skatt", []),
        ("resource=BYGGE", [0, 1, 2, 3]),
        ("resource=Skatt", []),
        ("owner=fjordby", [0, 1, 2, 3]),
        ("owner=312 295 202", [0, 1, 2, 3]),
        ("owner=Dalen", []),
        ("created_from=2026-03-31", [0, 1]),
        ("created_to=2026-03-31", [1, 2, 3]),
        ("created_from=2026-03-31&created_to=2026-03-31", [1]),
        ("publish_from=2100-01-01", [3]),
        ("publish_to=2099-12-31", [0, 1, 2]),
        ("publish_from=2100-01-01&publish_to=2100-01-01&status__exact=11&owner=Fjordby", [3]),
        ("status__exact=11&queue_state__exact=waiting", []),
    ],
)
def test_letters_are_filtered(
    people: DjangoClient, sender: Client, other_resource: Resource, query: str, found: list[int]
) -> None:
    """Letter 0 came now, 1 on the last of March, 2 the day before, 3 before that: it failed, and was for 2100."""
    now = clock.now()
    moments = [now, datetime(2026, 3, 31, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC),
               datetime(2026, 1, 1, 12, tzinfo=UTC)]  # fmt: skip
    ids = []
    for number, moment in enumerate(moments):
        sender.post(letter(sendersReference=str(number)))
        row = Correspondence.objects.get(mailing__senders_reference=str(number))
        ids.append(made_on(row, moment))
    waits = [now, now - HOUR / 2, now - 2 * HOUR, datetime(2100, 1, 1, 12, tzinfo=UTC)]
    for id, due in zip(ids, waits, strict=True):
        Correspondence.objects.filter(pk=id).update(due_at=due, next_try_at=due)
    failed = {"status": Status.FAILED, "statuses_seen": seen([Status.INITIALIZED, Status.FAILED])}
    Correspondence.objects.filter(pk=ids[3]).update(queue_state=QueueState.DONE, **failed)

    assert shown(people, f"{LETTERS}?{query}") == [ids[n] for n in found]


def test_a_day_is_one_of_the_calendar_at_hand(people: DjangoClient, sender: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Oslo"
    sender.post(letter())
    late = made_on(Correspondence.objects.get(), datetime(2026, 3, 30, 22, 30, tzinfo=UTC))  # half past midnight there

    assert shown(people, f"{LETTERS}?created_from=2026-03-31&created_to=2026-03-31") == [late]


@pytest.mark.parametrize(
    "query",
    [
        "created_from=yesterday",
        "created_from=2026-02-30",
        "created_to=99999-01-01",
        "created_from=2026-03-02&created_to=2026-03-01",
        "publish_from=0001-01-01",
        "status__exact=x",
        "status__exact=5",
        "status__exact=99999999999999999999",
        "queue_state__exact=hurried",
        "waiting=10y",
        "owner__id__exact=x",
        "owner__id__exact=99999999999999999999",
        "resource__id__exact=nothing",
        "resource=nothing",
        "owner=nobody",
    ],
)
def test_a_value_that_makes_no_sense_is_told_beside_its_field(
    people: DjangoClient, sender: Client, other_resource: Resource, query: str
) -> None:
    sender.post(letter())

    text = page(people.get(f"{LETTERS}?{query}"))

    assert "One of the filters could not be read." in text
    assert 'class="errornote"' in text
    assert "Clear filters" in text
    exported = people.post(f"{LETTERS}export/?{query}")
    assert exported.status_code == 302, "nothing else than was asked for is exported"


@pytest.mark.parametrize("query", ["due_at__year=2026", "created_from__gt=1", "owner__name__startswith=F", "status=1"])
def test_nothing_else_is_looked_up(people: DjangoClient, query: str) -> None:
    assert people.get(f"{LETTERS}?{query}").status_code == 400


def test_an_empty_list_says_what_to_do(people: DjangoClient, sender: Client) -> None:
    for path, words in ((LETTERS, "letters"), (MAILINGS, "mailings"), (FILES, "attachments")):
        assert f"There are no {words} yet." in page(people.get(path))
    sender.post(letter())

    text = page(people.get(f"{LETTERS}?status__exact=11"))

    assert "No correspondences match." in text
    assert 'href="?">Clear filters' in text


def test_what_a_list_is_limited_to_is_said_and_taken_away_one_by_one(people: DjangoClient, sender: Client) -> None:
    response: Any = people.get(f"{LETTERS}?status__exact=11&created_from=2026-03-01&created_to=2026-03-31")
    chips = {chip.label: chip.link for chip in response.context["cl"].chips}

    assert chips == {
        "Status: Failed": "?created_from=2026-03-01&created_to=2026-03-31",
        "Created: 1 March 2026 to 31 March 2026": "?status__exact=11",
    }


def test_days_are_reached_by_year_month_and_day(people: DjangoClient, sender: Client) -> None:
    sender.post(letter())
    old = made_on(Correspondence.objects.get(), datetime(2024, 2, 29, 12, tzinfo=UTC))

    def step(address: str, label: str) -> str:
        response: Any = people.get(address)
        back, steps = response.context["cl"].period
        links = {step.label: str(step.link) for step in [*steps, *back]}
        return LETTERS + links[label]

    year = step(LETTERS, "2024")
    month = step(year, "February")
    day = step(month, "29")

    assert "created_from=2024-02-29&created_to=2024-02-29" in day
    assert shown(people, year) == shown(people, month) == shown(people, day) == [old]
    assert shown(people, step(month, "28")) == []
    assert step(day, "February 2024") == month
    assert step(month, "2024") == year
    assert step(year, "All dates") == LETTERS + "?"


def test_the_days_keep_the_other_filters(people: DjangoClient, sender: Client) -> None:
    response: Any = people.get(f"{LETTERS}?status__exact=0")

    assert all("status__exact=0" in step.link for step in response.context["cl"].period[1])


@pytest.fixture
def two_owners(sender: Client, other_sender: Client) -> None:
    """Each has a letter, with a file."""
    for who, resource_id in ((sender, "fjordby-byggesak"), (other_sender, "dalen-skatt")):
        file_id = uploaded(who, resourceId=resource_id)
        who.post(letter(resourceId=resource_id, request__existingAttachments=[file_id]))


@pytest.mark.parametrize("path", [LETTERS, MAILINGS, FILES])
def test_a_member_sees_the_rows_of_his_owner_only(two_owners: None, owner: ServiceOwner, path: str) -> None:
    kari = member_of(owner)
    response: Any = kari.get(path)

    assert [row.owner for row in response.context["cl"].result_list] == [owner]
    assert "Dalen" not in page(response)
    assert "dalen-skatt" not in page(response)
    for other in ("resource=dalen", "resource__id__exact=dalen-skatt", "owner=Dalen",
                  f"owner__id__exact={ServiceOwner.objects.get(code='dalen').pk}"):  # fmt: skip
        assert "Nothing that you can see is called that." in page(kari.get(f"{path}?{other}")), other


def test_who_is_a_member_of_none_sees_nothing(two_owners: None) -> None:
    kari = member_of()

    assert [shown(kari, path) for path in (LETTERS, MAILINGS, FILES)] == [[], [], []]


def test_who_is_a_member_of_two_chooses_between_them(two_owners: None, owner: ServiceOwner) -> None:
    kari = member_of(*ServiceOwner.objects.all())

    assert len(shown(kari, LETTERS)) == 2
    assert len(shown(kari, f"{LETTERS}?owner__id__exact={owner.pk}")) == 1


def test_among_many_resources_one_is_typed(people: DjangoClient, sender: Client, owner: ServiceOwner) -> None:
    sender.post(letter())
    Resource.objects.bulk_create(Resource(id=f"tjeneste-{n}", owner=owner) for n in range(2000))

    text = page(people.get(LETTERS))

    assert '<input id="filter-resource" name="resource"' in text
    assert len(text) < 60_000
    assert len(shown(people, f"{LETTERS}?resource=fjordby-byggesak")) == 1
    assert shown(people, f"{LETTERS}?resource=tjeneste-7") == []
    assert "write more of it" in page(people.get(f"{LETTERS}?resource=tjeneste"))


@pytest.mark.parametrize("path", [LETTERS, MAILINGS, FILES])
def test_a_page_costs_the_same_for_any_number_of_rows(people: DjangoClient, sender: Client, path: str) -> None:
    def statements(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            page(people.get(address))
        return len(queries)

    def send() -> None:
        sender.post(letter(request__existingAttachments=[uploaded(sender)]))

    send()
    queries = [path, f"{path}?created_from=2020-01-01", f"{path}?resource=fjordby&created_to=2099-01-01"]
    few = [statements(query) for query in queries]
    for _ in range(15):
        send()

    assert [statements(query) for query in queries] == few
    assert max(few) <= 16


def test_letters_are_still_acted_on_from_the_list(people: DjangoClient, sender: Client) -> None:
    sender.post(letter())
    actions.queue_mailing(mailing_id=Mailing.objects.get().pk, now=clock.now())
    Correspondence.objects.update(queue_state=QueueState.SET_ASIDE, attempts=5)
    address = f"{LETTERS}?queue_state__exact=set_aside"

    chosen = [str(Correspondence.objects.get().pk)]
    question = people.post(address, {"action": "retry_set_aside", "_selected_action": chosen})
    form = {"job": str(BulkJob.objects.get().pk), "reason": ""}
    assert people.post(question["Location"], form).status_code == 302

    assert Correspondence.objects.get().queue_state == QueueState.READY
