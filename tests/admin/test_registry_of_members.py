"""The registry in the back-office, as members of a service owner see it: theirs, and nothing else."""

from typing import Any

import pytest
from django.test import Client as DjangoClient

from registry.models import Delegation, Resource, ServiceOwner
from registry.statuses import Right
from tests.admin.pages import page
from tests.admin.staff import member
from tests.conftest import OTHER_OWNER, OWNER
from tests.registry.delegations import given

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
OWNERS, RESOURCES, RIGHTS = "/admin/registry/serviceowner/", "/admin/registry/resource/", "/admin/registry/delegation/"
COMPANY = "0192:314762290"
KARI = "01818517641"


@pytest.fixture
def registrar(resource: Resource, other_resource: Resource) -> DjangoClient:
    """Of the owner of `resource`; the other owner's are there."""
    return member(resource.owner)


def fields(resource: Resource, **changes: Any) -> dict[str, Any]:
    form = {"owner": resource.owner_id, "type": resource.type, "title": "Ny", "minimum_authentication_level": 3}
    return {**form, **changes}


@pytest.mark.parametrize("path", [OWNERS, RESOURCES])
@pytest.mark.parametrize("query", ["", "?q=kommune", "?q=dalen", "?q=310635820"])
def test_lists_and_searches_show_what_is_theirs(registrar: DjangoClient, path: str, query: str) -> None:
    text = page(registrar.get(path + query))

    assert f'name="_selected_action" value="{Resource.objects.get(owner__code="dalen").pk}"' not in text
    assert "Dalen kommune" not in text


def test_what_is_anothers_is_not_there(registrar: DjangoClient, other_resource: Resource) -> None:
    for path, row in ((OWNERS, other_resource.owner), (RESOURCES, other_resource)):
        for page_of_it in ("change", "history"):
            assert registrar.get(f"{path}{row.pk}/{page_of_it}/").status_code == 404
            assert registrar.post(f"{path}{row.pk}/{page_of_it}/", {"post": "yes"}).status_code == 404
    assert registrar.post(f"{RESOURCES}{other_resource.pk}/delete/", {"post": "yes"}).status_code == 404
    assert registrar.post(f"{OWNERS}{other_resource.owner_id}/delete/", {"post": "yes"}).status_code == 403
    assert Resource.objects.filter(pk=other_resource.pk).exists()


def test_a_resource_is_not_given_to_an_owner_that_they_do_not_see(
    registrar: DjangoClient, resource: Resource, other_resource: Resource
) -> None:
    foreign = other_resource.owner_id
    changed = registrar.post(f"{RESOURCES}{resource.pk}/change/", fields(resource, owner=foreign))
    added = registrar.post(f"{RESOURCES}add/", fields(resource, owner=foreign, id="ny"))

    assert all("Select a valid choice" in page(answer) for answer in (changed, added))
    assert {row.pk: row.owner_id for row in Resource.objects.all()} == {
        resource.pk: resource.owner_id,
        other_resource.pk: foreign,
    }


def test_what_is_theirs_is_edited(registrar: DjangoClient, resource: Resource) -> None:
    assert registrar.post(f"{RESOURCES}{resource.pk}/change/", fields(resource)).status_code == 302

    resource.refresh_from_db()
    assert (resource.title, resource.minimum_authentication_level) == ("Ny", 3)


@pytest.mark.parametrize("term", ["", "kommune", "Dalen"])
def test_choices_of_a_field_are_theirs(registrar: DjangoClient, owner: ServiceOwner, term: str) -> None:
    asked = {"app_label": "registry", "model_name": "resource", "field_name": "owner", "term": term}
    found = registrar.get("/admin/autocomplete/", asked).json()["results"]

    assert [row["id"] for row in found] == ([] if term == "Dalen" else [str(owner.pk)])


def test_filters_name_no_other_owner_and_no_other_resource(registrar: DjangoClient) -> None:
    given(Right.WRITE, to="991825827", on=Resource.objects.get(pk="fjordby-byggesak"))

    assert "dalen" not in (page(registrar.get(RESOURCES)) + page(registrar.get(RIGHTS))).lower()


def test_a_members_owner_keeps_its_number_and_its_code(registrar: DjangoClient, owner: ServiceOwner) -> None:
    form = {"organization_number": "991825827", "code": "x", "name": "Nye Fjordby"}
    assert registrar.post(f"{OWNERS}{owner.pk}/change/", form).status_code == 302

    owner.refresh_from_db()
    assert (owner.organization_number, owner.code, owner.name) == (OWNER, "fjordby", "Nye Fjordby")


def test_members_neither_make_owners_nor_end_them(registrar: DjangoClient, owner: ServiceOwner) -> None:
    assert registrar.post(f"{OWNERS}add/", {"organization_number": "991825827", "name": "x"}).status_code == 403
    assert registrar.post(f"{OWNERS}{owner.pk}/delete/", {"post": "yes"}).status_code == 403
    assert ServiceOwner.objects.count() == 2


# --- rights that were given away -------------------------------------------------------------------------------------


@pytest.fixture
def rights(resource: Resource, other_resource: Resource) -> dict[str, Delegation]:
    return {
        "to their resource": given(Right.WRITE, to="991825827", on=resource),
        "to read from it": given(Right.READ, by=COMPANY, to=KARI, on=resource),
        "of their owner, to send": given(Right.WRITE, to="991825827"),
        "of their owner, to read whatever it gets": given(Right.READ, to=KARI),
        "of their owner, to another's": given(Right.READ, to=KARI, on=other_resource),
        "to another's resource": given(Right.WRITE, by=OTHER_OWNER, to="991825827", on=other_resource),
        "of another owner": given(Right.READ, by=OTHER_OWNER, to=KARI),
        "of a company, to everything": given(Right.READ, by=COMPANY, to=KARI),
    }


def test_rights_to_their_resources_and_of_their_owner_are_seen(
    registrar: DjangoClient, rights: dict[str, Delegation]
) -> None:
    text = page(registrar.get(RIGHTS))

    seen = [what for what, row in rights.items() if f"{RIGHTS}{row.pk}/change/" in text]
    assert seen == list(rights)[:3]
    found = page(registrar.get(RIGHTS, {"q": KARI}))
    assert [what for what, row in rights.items() if f"{RIGHTS}{row.pk}/change/" in found] == list(rights)[1:2]


def test_no_others_are_withdrawn(registrar: DjangoClient, rights: dict[str, Delegation]) -> None:
    every = [row.pk for row in rights.values()]
    registrar.post(RIGHTS, {"action": "delete_selected", "_selected_action": every, "post": "yes"})
    for key in every[3:]:
        registrar.post(f"{RIGHTS}{key}/delete/", {"post": "yes"})

    assert list(Delegation.objects.values_list("pk", flat=True)) == every[3:]


@pytest.mark.parametrize(
    ("form", "is_given"),
    [
        ({"from_party": COMPANY, "resource": "fjordby-byggesak"}, True),
        ({"from_party": OWNER, "resource": "", "to_party": "991825827", "right": "write"}, True),
        ({"from_party": OWNER, "resource": ""}, False),  # whatever it is sent, also by others
        ({"from_party": COMPANY, "resource": ""}, False),
        ({"from_party": OTHER_OWNER, "resource": ""}, False),
        ({"from_party": OWNER, "resource": "dalen-skatt"}, False),
    ],
)
def test_rights_are_given_where_they_concern_their_owner(
    registrar: DjangoClient, form: dict[str, str], is_given: bool
) -> None:
    answer = registrar.post(f"{RIGHTS}add/", {"to_party": KARI, "right": "read", **form})

    assert answer.status_code == (302 if is_given else 200)
    assert Delegation.objects.exists() is is_given
    if not is_given:
        assert "You decide for your own service owners only" in page(answer) or "Select a valid choice" in page(answer)
