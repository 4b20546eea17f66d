"""Every page with every role: as member of the owner of what it shows, of another owner, and of none.

What a role may do on a page is what a row of the table in test_permissions.py says of who may look, or change.
"""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client as DjangoClient
from django.test import RequestFactory

from config.staff import roles
from config.staff.roles import ADMINISTRATOR, AUDITOR, CASEWORKER, REGISTRAR, ROLES
from registry.back_office import OfVisibleOwners
from registry.models import Resource, ServiceOwner
from tests.admin import walk
from tests.admin.roles import again, as_user, user_in
from tests.admin.test_permissions import ACTIONS, TABLE, stored
from tests.admin.walk import address, is_of_a_row, make_rows
from tests.clients import Client

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")

# By the columns of the table: staff without rights, who may look, who may do all that permissions give.
NOTHING, LOOK, ALL = 0, 1, 2
ACCESS: dict[str, dict[str, int]] = {
    "attachments/attachment/": {CASEWORKER: ALL, ADMINISTRATOR: ALL},
    "attachments/cleaningday/": {ADMINISTRATOR: LOOK},
    "audit/auditentry/": {AUDITOR: LOOK, ADMINISTRATOR: LOOK},
    "auth/user/": {ADMINISTRATOR: ALL},
    "auth/group/": {ADMINISTRATOR: LOOK},
    "correspondence/mailing/": {CASEWORKER: LOOK, ADMINISTRATOR: LOOK},
    "correspondence/correspondence/": {CASEWORKER: ALL, ADMINISTRATOR: ALL},
    "correspondence/pause/": {CASEWORKER: ALL, ADMINISTRATOR: ALL},
    "correspondence/bulkjob/": {CASEWORKER: ALL, ADMINISTRATOR: ALL},
    "recipients/party/": {REGISTRAR: ALL, ADMINISTRATOR: ALL},
    "registry/serviceowner/": {CASEWORKER: LOOK, REGISTRAR: LOOK, AUDITOR: LOOK, ADMINISTRATOR: ALL},
    "registry/resource/": {CASEWORKER: LOOK, REGISTRAR: ALL, AUDITOR: LOOK, ADMINISTRATOR: ALL},
    "registry/delegation/": {REGISTRAR: ALL, AUDITOR: LOOK, ADMINISTRATOR: ALL},
}


def model_of(route: str) -> str:
    """The model whose page it is, as in ACCESS; empty: of none, or of all of an app."""
    if route == "figures/":  # of the start page: they are of letters
        return "correspondence/correspondence/"
    path = "/".join(route.split("/")[:2]) + "/"
    return path if path in ACCESS else ""


def level(role: str, route: str) -> int:
    """What the role may do there; pages of no model are for everybody who is staff."""
    return ACCESS[model].get(role, NOTHING) if (model := model_of(route)) else LOOK


def right_of(route: str, role: str, which: int) -> int:
    return int(TABLE[route][which].split()[level(role, route)])


def is_owned(route: str) -> bool:
    """Whether what the page shows belongs to a service owner."""
    model = model_of(route)
    return bool(model) and isinstance(admin.site._registry[walk.model_of(model)], OfVisibleOwners)


def missing(route: str) -> str:
    """The address of a row that there is not."""
    kind = walk.model_of(route)._meta.pk.get_internal_type()
    keys = {"UUIDField": "ffffffff-ffff-7fff-8fff-ffffffffffff", "CharField": "finnes-ikke", "DateField": "1999-01-01"}
    return address(route, keys.get(kind, 987654321))


@pytest.fixture
def rows(sender: Client, other_resource: Resource) -> None:
    make_rows(sender)


def ask(client: DjangoClient, path: str, which: int) -> Any:
    browser = again(client)
    answer = browser.post(path, {"post": "yes"}) if which else browser.get(path)
    list(getattr(answer, "streaming_content", ()))
    return answer


def test_every_model_with_pages_is_in_the_table() -> None:
    assert set(ACCESS) == set(ACTIONS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("which", [0, 1], ids=["looks", "sends a form"])
def test_a_member_of_the_owner_is_answered_as_the_table_says(rows: None, role: str, which: int) -> None:
    client, before = as_user(user_in(role, ServiceOwner.objects.get(resources="fjordby-byggesak"))), stored()

    wrong = {}
    for route in TABLE:
        expected = right_of(route, role, which)
        savepoint = transaction.savepoint()
        status = ask(client, address(route), which).status_code
        wrote = stored() != before
        transaction.savepoint_rollback(savepoint)
        if status != expected or (wrote and expected not in (200, 302)):
            wrong[route] = status, expected, wrote

    assert wrong == {}


@pytest.mark.parametrize("role", sorted(set(ROLES) - {ADMINISTRATOR}))
@pytest.mark.parametrize("which", [0, 1], ids=["looks", "sends a form"])
@pytest.mark.parametrize("member_of", [["310635820"], []], ids=["another owner", "none"])
def test_for_members_of_others_rows_are_as_if_they_were_not_there(
    rows: None, role: str, which: int, member_of: list[str]
) -> None:
    owners = ServiceOwner.objects.filter(organization_number__in=member_of)
    client, before = as_user(user_in(role, *owners)), stored()

    wrong: dict[str, Any] = {}
    for route in TABLE:
        savepoint = transaction.savepoint()
        answer = ask(client, address(route), which)
        if is_owned(route) and is_of_a_row(route):
            if stored() != before:
                wrong[f"{route} wrote"] = sorted(set(stored()) - set(before))
            nothing = ask(client, missing(route), which)
            if not told_alike(answer, nothing, route):
                wrong[route] = answer.status_code, nothing.status_code
        elif answer.status_code != right_of(route, role, which):
            wrong[route] = answer.status_code
        transaction.savepoint_rollback(savepoint)

    assert wrong == {}


def told_alike(answer: Any, nothing: Any, route: str) -> bool:
    """The same answer, but for the id that was asked for."""
    bodies = [each.content.decode() if not each.streaming else "bytes" for each in (answer, nothing)]
    places = [each.get("Location", "") for each in (answer, nothing)]
    for number, asked in enumerate((address(route), missing(route))):
        key = asked.removeprefix("/admin/").split("/")[2]
        bodies[number] = bodies[number].replace(key, "<id>")
        places[number] = places[number].replace(key, "<id>")
    if "text/html" in answer["Content-Type"] and answer.status_code == 403:
        bodies = ["", ""]  # the page says that the account has no permission, and no more
    return answer.status_code == nothing.status_code and bodies[0][:200] == bodies[1][:200] and places[0] == places[1]


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (CASEWORKER, {"correspondence/correspondence/": 2, "correspondence/pause/": 2}),
        (REGISTRAR, {"recipients/party/": 2, "registry/resource/": 2, "registry/delegation/": 2}),
        (AUDITOR, {}),
    ],
)
def test_a_role_is_offered_the_actions_of_what_it_does(rows: None, role: str, offered: dict[str, int]) -> None:
    request = RequestFactory().get("/")
    request.user = user_in(role)

    found = {}
    for model, pages in admin.site._registry.items():
        path = f"{model._meta.app_label}/{model._meta.model_name}/"
        found[path] = " ".join(sorted(pages.get_actions(request)))

    assert found == {path: ACTIONS[path][offered[path]] if path in offered else "" for path in ACTIONS}


@pytest.mark.parametrize("role", ROLES)
def test_the_groups_are_there_with_what_the_module_says(db: None, role: str) -> None:
    given = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")

    assert {f"{app}.{name}" for app, name in given} == ROLES[role]


def test_an_auditor_sees_no_letter_no_file_and_no_person(db: None) -> None:
    assert {
        name for name in ROLES[AUDITOR] if name.startswith(("correspondence.", "attachments.", "recipients."))
    } == set()


def test_nobody_but_administrators_sees_every_owner_and_changes_users(db: None) -> None:
    for power in ("registry.view_every_owner", "auth.change_user", "registry.add_membership"):
        assert [role for role in ROLES if power in ROLES[role]] == [ADMINISTRATOR]


def test_a_group_that_had_the_name_keeps_its_members_and_rights_under_another(db: None) -> None:
    Group.objects.all().delete()
    theirs = Group.objects.create(name=AUDITOR)
    user = user_in(AUDITOR)

    roles.make(apps)

    theirs.refresh_from_db()
    assert theirs.name == "auditor (before 1)"
    assert list(user.groups.all()) == [theirs]
    assert not theirs.permissions.exists()
    assert Group.objects.get(name=AUDITOR).permissions.count() == len(ROLES[AUDITOR])


def test_a_later_release_gives_what_is_new_and_leaves_the_rest_as_the_operator_wished(db: None) -> None:
    Group.objects.get(name=REGISTRAR).delete()
    caseworkers = Group.objects.get(name=CASEWORKER)
    caseworkers.permissions.clear()

    roles.give({CASEWORKER: ["registry.view_resource", "nothing.view_there"], REGISTRAR: ["registry.view_resource"]})(
        WithoutSomeApps()
    )

    assert [each.codename for each in caseworkers.permissions.all()] == ["view_resource"]
    assert not Group.objects.filter(name=REGISTRAR).exists()


class WithoutSomeApps:
    """The apps as a migration sees them that runs before another one has made its models."""

    def __getattr__(self, name: str) -> Any:
        return getattr(apps, name)

    def get_app_config(self, label: str) -> Any:
        if label == "nothing":
            raise LookupError(label)
        return apps.get_app_config(label)


def test_the_migration_can_be_run_where_django_has_made_no_permission_yet(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE auth_group, auth_permission CASCADE")

    roles.make(apps)

    assert Group.objects.get(name=ADMINISTRATOR).permissions.count() == len(ROLES[ADMINISTRATOR])
