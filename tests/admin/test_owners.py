"""Members of one service owner see nothing of another: on no page, in no search, filter, choice or export.

All addresses are walked as the routes tell them, so that a new page is held to it as soon as it is there.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client as DjangoClient
from django.test import RequestFactory

from attachments.models import Attachment
from config.audit.models import AuditEntry
from correspondence.models import BulkJob, Correspondence, Mailing, Pause
from registry.back_office import OfVisibleOwners
from registry.models import Delegation, Membership, Resource, ServiceOwner
from tests.admin.pages import page, tile
from tests.admin.roles import again
from tests.admin.test_permissions import ACTIONS, stored
from tests.admin.walk import address, is_of_a_row, make_rows, make_rows_of, model_of, routes
from tests.clients import Client
from tests.letters import PERSON

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
WORD, OTHERS = "Xyzzy", "310635820"
OWNED = [model for model, pages in admin.site._registry.items() if isinstance(pages, OfVisibleOwners)]
PATHS = [f"{model._meta.app_label}/{model._meta.model_name}/" for model in admin.site._registry]


@pytest.fixture
def rows(sender: Client, other_sender: Client) -> None:
    """Those of Fjordby, and those of another owner, with a word in them wherever there is a text."""
    make_rows(sender)
    ServiceOwner.objects.filter(organization_number=OTHERS).update(name=f"{WORD} kommune", code=f"code-{WORD}")
    Resource.objects.filter(pk="dalen-skatt").update(title=f"Skatt {WORD}")
    make_rows_of(other_sender, "dalen-skatt", WORD)
    theirs = ServiceOwner.objects.get(organization_number=OTHERS)
    Membership.objects.create(user=get_user_model().objects.get(username="subject"), owner=theirs)


@pytest.fixture
def member(rows: None, client: DjangoClient) -> DjangoClient:
    """May do whatever there are permissions for, but for Fjordby only."""
    user = get_user_model().objects.create_user("kari", is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(codename="view_every_owner"))
    Membership.objects.create(user=user, owner=ServiceOwner.objects.get(resources="fjordby-byggesak"))
    client.force_login(user)
    return client


def of_others(model: Any) -> Any:
    """The other owner's row."""
    if model is Delegation:
        return model.objects.get(resource="dalen-skatt")
    if model is Pause:
        return model.objects.get(resource="dalen-skatt")
    if model is AuditEntry:
        return model.objects.filter(owner=OTHERS).first()
    if model is BulkJob:
        return model.objects.get(owners=[ServiceOwner.objects.get(organization_number=OTHERS).pk])
    if model is ServiceOwner:
        return model.objects.get(organization_number=OTHERS)
    return model.objects.get(**{"pk": "dalen-skatt"} if model is Resource else {"owner__organization_number": OTHERS})


def marks() -> list[str]:
    """What tells of the other owner, wherever it stands."""
    ids = [str(of_others(model).pk) for model in (Mailing, Correspondence, Attachment)]
    return [WORD, OTHERS, "dalen-skatt", *ids]


def text_of(answer: Any, *asked: str) -> str:
    """What an answer tells beyond what was asked; nothing, if it is but an error or a way to somewhere else."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text: str = content.decode(errors="replace")
    for term in asked:
        text = text.replace(term, "")
    return text


def told(answer: Any, *asked: str) -> list[str]:
    text = text_of(answer, *asked)
    return [mark for mark in marks() if mark not in asked and mark in text]


def test_the_word_is_everywhere_for_who_sees_every_owner(rows: None, admin_client: DjangoClient) -> None:
    """Else the other tests would prove nothing."""
    for model in OWNED:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert told(admin_client.get(path)), path
        assert admin_client.get(f"{path}{of_others(model).pk}/change/").status_code == 200
    assert set(marks()) <= {mark for path in PATHS for mark in told(admin_client.get(f"/admin/{path}"))}


def test_every_row_that_has_an_owner_is_held_to_it() -> None:
    """A page that shows its rows to everybody is a mistake, until it is named here."""
    for_everybody = {"recipients/party/", "attachments/cleaningday/", "auth/user/", "auth/group/"}
    limited = {f"{model._meta.app_label}/{model._meta.model_name}/" for model in OWNED}

    assert set(PATHS) - limited == for_everybody


def test_no_page_tells_of_another_owner(member: DjangoClient) -> None:
    found, opened = {}, 0
    for route in routes():
        for path in addresses(route):
            answer = again(member).get(path)
            opened += answer.status_code == 200
            if told_of := told(answer):
                found[path] = told_of

    assert found == {}
    assert opened > 40


def addresses(route: str) -> Iterator[str]:
    """With the first row, and with Fjordby's own."""
    yield address(route)
    if is_of_a_row(route):
        model = model_of(route)
        if model in OWNED:
            [own] = model.objects.exclude(pk=of_others(model).pk)[:1]
            yield address(route, own.pk)


def test_the_other_owners_rows_open_for_nobody_else(member: DjangoClient) -> None:
    before = stored()
    for route in routes():
        if is_of_a_row(route) and (model := model_of(route)) in OWNED:
            row = of_others(model)
            path = address(route, row.pk)
            for answer in (again(member).get(path), again(member).post(path, {"post": "yes"})):
                assert answer.status_code in (302, 403, 404, 405), (path, answer.status_code)
                assert told(answer, str(row.pk)) == [], path
    assert stored() == before


def test_no_search_finds_them(member: DjangoClient) -> None:
    terms = [*marks(), f"sak {WORD}", f"fil {WORD}", f"{WORD} kommune", f"code-{WORD}", PERSON]
    found = {}
    for path in PATHS:
        for term in terms:
            answer = again(member).get(f"/admin/{path}", {"q": term})
            if answer.status_code == 200 and (told_of := told(answer, term, term.replace(" ", "+"), WORD)):
                found[path, term] = told_of

    assert found == {}


def test_no_filter_finds_or_offers_them(member: DjangoClient) -> None:
    theirs = str(of_others(ServiceOwner).pk)
    queries = [
        {"resource__id__exact": "dalen-skatt"},
        {"owner__id__exact": theirs},
        {"owner": OTHERS},
        {"resource": "dalen-skatt"},
    ]
    found = {}
    for path in PATHS:
        for query in queries:
            answer = again(member).get(f"/admin/{path}", query)
            if answer.status_code == 200 and (told_of := told(answer, *query.values())):
                found[path, str(query)] = told_of

    assert found == {}


def fields_with_choices() -> Iterator[tuple[Any, str]]:
    request = RequestFactory().get("/")
    request.user = get_user_model()(is_superuser=True, is_active=True)
    for model, pages in admin.site._registry.items():
        for of, names in [(model, pages.autocomplete_fields)] + [
            (inline.model, inline.autocomplete_fields) for inline in pages.get_inline_instances(request)
        ]:
            yield from ((of, name) for name in names)


def test_no_choice_of_a_field_is_another_owners(member: DjangoClient) -> None:
    asked = list(fields_with_choices())
    for model, name in asked:
        query = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": name}
        for term in ("", WORD, "dalen", OTHERS):
            answer = again(member).get("/admin/autocomplete/", {**query, "term": term})
            assert answer.status_code == 200
            assert told(answer) == [], (model, name, term)
            assert bool(json.loads(answer.content)["results"]) is (term == "")
    assert len(asked) >= 4


def test_no_export_holds_them(member: DjangoClient) -> None:
    exports = [route for route in routes() if "export" in route and not is_of_a_row(route)]
    assert exports
    for route in exports:
        for query in ("", f"?owner={OTHERS}", "?q=dalen-skatt"):
            for ask in (again(member).get, again(member).post):
                savepoint = transaction.savepoint()  # the log tells of an export what was searched for
                assert told(ask(address(route) + query), query) == [], route
                transaction.savepoint_rollback(savepoint)


def test_no_action_touches_them(member: DjangoClient) -> None:
    before = stored()
    every = {name for names in ACTIONS.values() for each in names for name in each.split()}
    for model in OWNED:
        for action in sorted(every):
            form = {"action": action, "_selected_action": [str(of_others(model).pk)], "post": "yes"}
            answer = again(member).post(f"/admin/{model._meta.app_label}/{model._meta.model_name}/", form)
            assert told(answer, str(of_others(model).pk)) == []

    assert stored() == before


@pytest.mark.parametrize("whose", ["theirs", "mine"])
def test_a_resource_is_made_for_ones_own_owner_only(member: DjangoClient, whose: str) -> None:
    owners = {"theirs": of_others(ServiceOwner), "mine": ServiceOwner.objects.get(resources="fjordby-byggesak")}
    form = {"id": "ny", "owner": owners[whose].pk, "type": "CorrespondenceService", "minimum_authentication_level": 0}

    member.post("/admin/registry/resource/add/", form)

    assert Resource.objects.filter(pk="ny").exists() is (whose == "mine")


def test_a_resource_is_not_given_to_another_owner(member: DjangoClient) -> None:
    form = {"owner": of_others(ServiceOwner).pk, "type": "CorrespondenceService", "minimum_authentication_level": 0}

    member.post("/admin/registry/resource/fjordby-byggesak/change/", form)

    assert Resource.objects.get(pk="fjordby-byggesak").owner.organization_number == "312295202"


@pytest.mark.parametrize(
    ("given", "may"),
    [
        (("312295202", "314762290", "write", ""), True),
        (("312295202", "314762290", "write", "fjordby-byggesak"), True),
        (("314762290", "312295202", "read", "fjordby-byggesak"), True),
        ((OTHERS, "314762290", "write", ""), False),
        (("312295202", "314762290", "read", ""), False),  # whatever it is sent, also by others
        ((OTHERS, "314762290", "write", "dalen-skatt"), False),
        (("314762290", "312295202", "read", "dalen-skatt"), False),
    ],
)
def test_rights_are_given_for_ones_own_owner_only(member: DjangoClient, given: tuple[str, ...], may: bool) -> None:
    form = dict(zip(("from_party", "to_party", "right", "resource"), given, strict=True))

    member.post("/admin/registry/delegation/add/", form)

    assert Delegation.objects.filter(created_by="kari").exists() is may


@pytest.mark.parametrize(
    ("of", "may"),
    [("my owner", True), ("my resource", False), ("theirs", False), ("their resource", False), ("all", False)],
)
def test_publishing_is_paused_for_ones_own_owner_only(member: DjangoClient, of: str, may: bool) -> None:
    mine, theirs = ServiceOwner.objects.get(resources="fjordby-byggesak").pk, of_others(ServiceOwner).pk
    every: dict[str, dict[str, Any]] = {
        "my owner": {"owner": mine},
        "my resource": {"resource": "fjordby-byggesak"},  # it is paused already
        "theirs": {"owner": theirs},
        "their resource": {"resource": "dalen-skatt"},
        "all": {},
    }

    form = {"owner": "", "resource": "", "reason": "Feil", "confirmed": "yes", **every[of]}
    member.post("/admin/correspondence/pause/add/", form)

    assert Pause.objects.filter(paused_by="kari").exists() is may


def test_a_pause_of_everything_is_seen_by_all_and_ended_by_who_sees_every_owner(
    member: DjangoClient, admin_client: DjangoClient
) -> None:
    path, form = (
        "/admin/correspondence/pause/",
        {"owner": "", "resource": "", "reason": "Stans for alle", "confirmed": "yes"},
    )
    assert admin_client.post(f"{path}add/", form).status_code == 302
    row = Pause.objects.get(owner=None, resource=None)
    action = {"action": "resume", "_selected_action": [row.pk], "confirmed": "yes"}

    assert "Stans for alle" in member.get(path).content.decode()
    refused = again(member).post(path, action, follow=True).content.decode()
    row.refresh_from_db()
    assert (row.resumed_at, "it is not yours to resume" in refused) == (None, True)

    admin_client.post(path, action)
    row.refresh_from_db()
    assert row.resumed_by == "admin"


def test_the_start_pages_figures_count_ones_own_letters(member: DjangoClient, admin_client: DjangoClient) -> None:
    def waiting(client: DjangoClient) -> str:
        return tile(page(client.get("/admin/")), "waiting")[0]

    assert (waiting(member), waiting(admin_client)) == ("1", "2")


def test_a_link_to_another_owners_row_is_as_one_to_nothing(member: DjangoClient) -> None:
    kind = ContentType.objects.get_for_model(Mailing).pk
    asked = str(of_others(Mailing).pk)
    there = again(member).get(f"/admin/r/{kind}/{asked}/")
    nothing = again(member).get(f"/admin/r/{kind}/ffffffff-ffff-7fff-8fff-ffffffffffff/")

    assert (there.status_code, told(there, asked)) == (nothing.status_code, []) == (404, [])


def test_who_leaves_an_owner_sees_nothing_of_it_at_the_next_request(member: DjangoClient) -> None:
    path = f"/admin/correspondence/mailing/{Mailing.objects.get(resource='fjordby-byggesak').pk}/change/"
    assert member.get(path).status_code == 200

    Membership.objects.all().delete()

    assert member.get(path).status_code == 404
