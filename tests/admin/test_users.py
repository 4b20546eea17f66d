"""Administrators make users, give them roles and make them members; nobody raises himself or others above himself."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client as DjangoClient

from config.audit.models import AuditEntry, Deed
from config.staff.roles import ADMINISTRATOR, AUDITOR, CASEWORKER
from registry.models import Membership, Resource, ServiceOwner
from tests.admin.pages import page
from tests.admin.roles import as_user, user_in

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
USERS = "/admin/auth/user/"
FRESH = "staple battery horse correct"


@pytest.fixture
def boss(db: None) -> Any:
    return user_in(ADMINISTRATOR, name="boss")


@pytest.fixture
def administrator(boss: Any) -> DjangoClient:
    return as_user(boss)


def form(user: Any, *, groups: tuple[str, ...] = (), owners: tuple[ServiceOwner, ...] = (), **facts: str) -> Any:
    """The user's page as it is sent: these groups, and new memberships of these owners beside those that he has."""
    had = list(user.memberships.all())
    memberships = {"memberships-TOTAL_FORMS": len(had) + len(owners), "memberships-INITIAL_FORMS": len(had)}
    for number, row in enumerate(had):
        memberships |= {f"memberships-{number}-id": row.pk, f"memberships-{number}-user": user.pk}
    for number, owner in enumerate(owners, start=len(had)):
        memberships[f"memberships-{number}-owner"] = owner.pk
    ids = Group.objects.filter(name__in=groups).values_list("pk", flat=True)
    return {
        "username": user.username,
        "is_active": "on",
        "is_staff": "on",
        "groups": list(ids),
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
        **memberships,
        **facts,
    }


def save(client: DjangoClient, user: Any, **how: Any) -> Any:
    return client.post(f"{USERS}{user.pk}/change/", form(user, **how))


def noted(deed: Deed, kind: str) -> list[Any]:
    found = AuditEntry.objects.filter(deed=deed, target_type=kind).order_by("pk")
    return [(entry.by, entry.owner, entry.details) for entry in found]


def test_an_administrator_makes_a_caseworker_of_an_owner(
    administrator: DjangoClient, resource: Resource, owner: ServiceOwner
) -> None:
    named = {"username": "ola", "usable_password": "true", "password1": FRESH, "password2": FRESH}
    assert administrator.post(f"{USERS}add/", named).status_code == 302
    ola = get_user_model().objects.get(username="ola")

    assert save(administrator, ola, groups=(CASEWORKER,), owners=(owner,)).status_code == 302

    ola.refresh_from_db()
    assert ola.has_perm("correspondence.change_correspondence")
    assert [row.owner for row in ola.memberships.all()] == [owner]
    assert as_user(ola).get("/admin/correspondence/mailing/").status_code == 200
    assert noted(Deed.ADDED, "auth.user") == [("boss", "", {"fields": ["password", "username"]})]
    assert noted(Deed.CHANGED, "auth.user") == [
        (
            "boss",
            "",
            {"fields": ["groups", "is_staff"], "now": {"groups": ["caseworker"], "is_staff": True}},
        )
    ]
    assert noted(Deed.ADDED, "registry.membership") == [("boss", "312295202", {"member": "ola"})]


def test_a_membership_is_taken_away_and_noted(administrator: DjangoClient, owner: ServiceOwner) -> None:
    ola = user_in(CASEWORKER, owner, name="ola")

    answer = save(administrator, ola, groups=(CASEWORKER,), **{"memberships-0-DELETE": "on"})

    assert answer.status_code == 302
    assert not Membership.objects.exists()
    assert noted(Deed.DELETED, "registry.membership") == [("boss", "312295202", {"member": "ola"})]


def test_the_list_of_users_says_who_does_what_for_whom(administrator: DjangoClient, owner: ServiceOwner) -> None:
    user_in(CASEWORKER, owner, name="ola")

    text = page(administrator.get(USERS))

    assert "caseworker" in text
    assert "Fjordby kommune" in text


def test_the_list_of_users_costs_the_same_for_any_number(
    administrator: DjangoClient, owner: ServiceOwner, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        user_in(CASEWORKER, owner, name=f"user{number}")

    with django_assert_max_num_queries(16):
        page(administrator.get(USERS))


def test_a_role_that_may_do_more_than_he_is_not_an_administrators_to_give(administrator: DjangoClient) -> None:
    beyond = Group.objects.create(name="beyond")
    beyond.permissions.add(Permission.objects.get(codename="delete_group"))
    ola = user_in(CASEWORKER, name="ola")

    text = page(save(administrator, ola, groups=("beyond",)))

    assert "Select a valid choice" in text
    assert [group.name for group in ola.groups.all()] == [CASEWORKER]
    assert "beyond" not in page(administrator.get(f"{USERS}{ola.pk}/change/"))


@pytest.mark.parametrize("fact", ["is_superuser", "user_permissions"])
def test_an_administrator_gives_neither_the_mark_superuser_nor_single_permissions(
    administrator: DjangoClient, fact: str
) -> None:
    ola = user_in(CASEWORKER, name="ola")

    assert save(administrator, ola, groups=(CASEWORKER,), **{fact: "1"}).status_code == 302

    ola.refresh_from_db()
    assert (ola.is_superuser, ola.user_permissions.count()) == (False, 0)


def test_an_administrator_gives_himself_neither_role_nor_owner_nor_takes_himself_out(
    administrator: DjangoClient, boss: Any, owner: ServiceOwner
) -> None:
    sent = form(boss, groups=(AUDITOR,), owners=(owner,), first_name="Kari")
    del sent["is_active"]

    assert administrator.post(f"{USERS}{boss.pk}/change/", sent).status_code == 302

    boss.refresh_from_db()
    assert (boss.first_name, boss.is_active, boss.memberships.count()) == ("Kari", True, 0)
    assert [group.name for group in boss.groups.all()] == [ADMINISTRATOR]


def beyond_reach(which: str) -> Any:
    """Somebody who has, or could have, something that an administrator has not."""
    user = user_in(ADMINISTRATOR, name="ola", is_superuser=which == "a superuser", is_active=which != "who is shut out")
    if which != "a superuser":
        user.user_permissions.add(Permission.objects.get(codename="delete_group"))
    return user


@pytest.mark.parametrize("which", ["a superuser", "who may do more", "who is shut out"])
def test_who_may_do_more_is_out_of_an_administrators_reach(administrator: DjangoClient, which: str) -> None:
    ola = beyond_reach(which)
    before = ola.password
    path = f"{USERS}{ola.pk}/"

    refused = [
        save(administrator, ola),
        administrator.get(f"{path}password/"),
        administrator.post(f"{path}password/", {"password1": FRESH, "password2": FRESH, "usable_password": "true"}),
    ]
    reset = administrator.post(USERS, {"action": "reset_second_factor", "_selected_action": [ola.pk]}, follow=True)

    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert "superuser" in page(reset) if which == "a superuser" else "may do more than you" in page(reset)
    ola.refresh_from_db()
    assert (ola.password, ola.has_usable_password()) == (before, False)
    assert not AuditEntry.objects.exists()


def test_a_fellow_who_may_do_the_same_is_within_reach_and_that_is_noted(administrator: DjangoClient) -> None:
    ola = user_in(ADMINISTRATOR, name="ola")
    sent = {"password1": FRESH, "password2": FRESH, "usable_password": "true", "set-password": "1"}

    assert administrator.post(f"{USERS}{ola.pk}/password/", sent).status_code == 302
    administrator.post(USERS, {"action": "reset_second_factor", "_selected_action": [ola.pk]})

    ola.refresh_from_db()
    assert ola.check_password(FRESH)
    assert noted(Deed.CHANGED, "auth.user") == [
        ("boss", "", {"fields": ["password"]}),
        ("boss", "", {"second_factor": "reset", "sessions_ended": 0}),
    ]


def test_who_works_for_an_owner_that_one_does_not_see_is_out_of_reach(
    owner: ServiceOwner, other_resource: Resource
) -> None:
    """Of somebody who may change users, and does not see every owner: no role of ours, but groups can be made so."""
    kari, both = user_in(CASEWORKER, owner), user_in(CASEWORKER, owner, other_resource.owner, name="both")
    powers = ("view_user", "change_user", "view_membership", "add_membership", "delete_membership")
    kari.user_permissions.set(Permission.objects.filter(codename__in=powers))
    same = user_in(CASEWORKER, owner, name="same")
    client = as_user(kari)

    assert save(client, both).status_code == 403
    assert save(client, same, groups=(CASEWORKER,)).status_code == 302
    text = page(save(client, same, groups=(CASEWORKER,), owners=(other_resource.owner,)))
    assert "Select a valid choice" in text
    assert same.memberships.count() == 1
    assert "Dalen kommune" not in page(client.get(USERS)) + page(client.get(f"{USERS}{both.pk}/change/"))


def test_what_a_group_may_do_is_noted_when_a_superuser_changes_it(admin_client: DjangoClient) -> None:
    wanted = Permission.objects.get(codename="view_pause")
    admin_client.post("/admin/auth/group/add/", {"name": "readers", "permissions": [wanted.pk]})
    group = Group.objects.get(name="readers")
    admin_client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "readers", "permissions": []})
    admin_client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})

    now = {"name": "readers", "permissions": ["correspondence.view_pause"]}
    assert noted(Deed.ADDED, "auth.group") == [("admin", "", {"fields": ["name", "permissions"], "now": now})]
    assert noted(Deed.CHANGED, "auth.group") == [
        ("admin", "", {"fields": ["permissions"], "now": {"name": "readers", "permissions": []}})
    ]
    assert noted(Deed.DELETED, "auth.group") == [("admin", "", {"name": "readers", "members": []})]


def test_a_role_is_called_in_the_list_of_groups_as_people_know_it(admin_client: DjangoClient) -> None:
    assert "administrator" in page(admin_client.get("/admin/auth/group/"))
