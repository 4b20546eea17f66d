"""Every address of the back-office with every kind of person: who gets in, and that looking changes nothing.

A page that is not in the table fails the tests, until somebody has thought about who may open it.
"""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client, RequestFactory

from registry.models import Membership, ServiceOwner
from tests.admin.walk import address, make_rows, routes
from tests.clients import Client as ApiClient

pytestmark = pytest.mark.usefixtures("cheap_passwords", "plain_static_files")
NOBODY, NOT_STAFF, NO_RIGHTS, VIEWER, CHANGER, CHIEF = PEOPLE = (
    "nobody",
    "not staff",
    "staff without rights",
    "staff who may view everything",
    "staff with every permission there is",
    "a superuser",
)

# What staff are answered, in the order of PEOPLE: to a GET, and to a POST that says yes and no more.
# Those who are not staff are sent to the login, but for the pages in OPEN.
Kind = dict[str, tuple[str, str]]
ROW = "<path:object_id>/"
_TO_THE_FORM = {ROW: ("302 302 302 302", "302 302 302 302")}
_LOOKED_AT: Kind = {
    "": ("403 200 200 200", "403 200 200 200"),
    f"{ROW}history/": ("403 200 200 200", "403 200 200 200"),
    **_TO_THE_FORM,
}
FACTS: Kind = {
    **_LOOKED_AT,
    "add/": ("403 403 403 403", "403 403 403 403"),
    f"{ROW}change/": ("403 200 200 200", "403 403 403 403"),
    f"{ROW}delete/": ("403 403 403 403", "403 403 403 403"),
}
# Long lists: a search is sent to, and answered with, where its answer is; who takes a file of all rows is noted.
LISTED: Kind = {
    **FACTS,
    "find/": ("403 405 405 405", "403 302 302 302"),
    "export/": ("403 405 405 405", "403 200 200 200"),
}
EDITED: Kind = {
    **_LOOKED_AT,
    "add/": ("403 403 200 200", "403 403 200 200"),
    f"{ROW}change/": ("403 200 200 200", "403 403 200 200"),
    f"{ROW}delete/": ("403 403 200 200", "403 403 200 200"),  # letters hang on them: they stay
}
IMPORTED: Kind = {
    "import/": ("403 403 200 200", "403 403 200 200"),
    "import/template.csv": ("403 403 200 200", "403 403 200 200"),
    # Another user's file: as one that is not there.
    "import/<uuid:upload>/": ("403 403 302 302", "403 403 302 302"),
    "import/<uuid:upload>/errors.csv": ("403 403 302 302", "403 403 302 302"),
}
MODELS: dict[str, Kind] = {
    "attachments/attachment/": {
        **LISTED,
        # That somebody looked into a file is noted: the one GET that writes.
        "<uuid:pk>/download/": ("403 403 200 200", "403 403 405 405"),
    },
    "attachments/cleaningday/": FACTS,
    # That somebody took the log along is noted in it.
    "audit/auditentry/": {**FACTS, "export/": ("403 405 405 405", "403 200 200 200")},
    "correspondence/mailing/": LISTED,
    "correspondence/correspondence/": {
        **LISTED,
        # A number is asked for by a form, so that no address shows it again; that it was seen is noted.
        "<uuid:pk>/reveal/": ("403 403 405 405", "403 403 200 200"),
    },
    # To add one is to pause; it ends by an action, and nothing of it is edited.
    "correspondence/pause/": {
        **FACTS,
        "add/": ("403 403 200 200", "403 403 200 200"),
    },
    "correspondence/bulkjob/": {
        **FACTS,
        # The question, and with a reason it is done. A job's own question is for whoever has chosen its letters.
        "letter/<uuid:pk>/<slug:act>/": ("403 403 200 200", "403 403 200 200"),
        "mailing/<uuid:pk>/<slug:act>/": ("403 403 200 200", "403 403 200 200"),
        "<uuid:pk>/confirm/": ("403 403 404 404", "403 403 404 404"),
    },
    "recipients/party/": {
        **EDITED,
        **IMPORTED,
        f"{ROW}change/": ("403 200 200 200", "403 403 302 302"),
        f"{ROW}delete/": ("403 403 200 200", "403 403 302 302"),
    },
    "registry/serviceowner/": EDITED,
    "registry/resource/": {**EDITED, **IMPORTED},
    "registry/delegation/": {
        **EDITED,
        f"{ROW}change/": ("403 200 200 200", "403 403 403 403"),
        f"{ROW}delete/": ("403 403 200 200", "403 403 302 302"),
    },
    "auth/user/": {
        **EDITED,
        f"{ROW}delete/": ("403 403 403 403", "403 403 403 403"),
        "<id>/password/": ("403 403 200 200", "403 403 200 200"),
    },
    "auth/group/": {
        **_LOOKED_AT,
        "add/": ("403 403 403 200", "403 403 403 200"),
        f"{ROW}change/": ("403 200 200 200", "403 403 403 200"),
        f"{ROW}delete/": ("403 403 403 200", "403 403 403 302"),
    },
}
TABLE: Kind = {
    "": ("200 200 200 200", "200 200 200 200"),
    "figures/": ("403 200 200 200", "405 405 405 405"),
    "login/": ("302 302 302 302", "200 200 200 200"),
    "logout/": ("405 405 405 405", "200 200 200 200"),
    "language/": ("405 405 405 405", "302 302 302 302"),
    "second-factor/": ("302 302 302 302", "302 302 302 302"),
    "second-factor/set-up/": ("200 200 200 200", "200 200 200 200"),
    "second-factor/recovery-codes/": ("302 302 302 302", "302 302 302 302"),
    "password_change/": ("200 200 200 200", "200 200 200 200"),
    "password_change/done/": ("200 200 200 200", "405 405 405 405"),
    "autocomplete/": ("403 403 403 403", "405 405 405 405"),  # of no field; that of one is tried below
    "jsi18n/": ("200 200 200 200", "405 405 405 405"),
    "r/<path:content_type_id>/<path:object_id>/": ("404 404 404 404", "404 404 404 404"),
    "^(?P<app_label>auth|attachments|audit|correspondence|recipients|registry)/$": (
        "404 200 200 200",
        "404 200 200 200",
    ),
    "(?P<url>.*)$": ("404 404 404 404", "404 404 404 404"),
    **{model + rest: answers for model, kind in MODELS.items() for rest, answers in kind.items()},
}
# Between the password and the second factor.
DOORS = {"login/", "logout/", "language/", "second-factor/", "second-factor/set-up/", "second-factor/recovery-codes/"}
OPEN = {"login/": (200, 200), "logout/": (405, 200), "language/": (405, 302)}

ACTS = "cancel publish_now retry_set_aside send_again"
# By list, which actions each of the staff is offered.
ACTIONS = {
    "auth/user/": ["", "", "lift_lockout reset_second_factor", "lift_lockout reset_second_factor"],
    "auth/group/": ["", "", "", "delete_selected"],
    "attachments/attachment/": ["", "", "", ""],
    "attachments/cleaningday/": ["", "", "", ""],
    "audit/auditentry/": ["", "", "", ""],
    "correspondence/mailing/": ["", "", "", ""],
    "correspondence/bulkjob/": ["", "", "", ""],
    "correspondence/correspondence/": ["", "", ACTS, ACTS],
    "correspondence/pause/": ["", "", "resume", "resume"],
    "recipients/party/": ["", "", "delete_selected", "delete_selected"],
    "registry/serviceowner/": ["", "", "delete_selected", "delete_selected"],
    "registry/resource/": ["", "", "delete_selected", "delete_selected"],
    "registry/delegation/": ["", "", "delete_selected", "delete_selected"],
}


@pytest.fixture
def cookies(sender: ApiClient) -> dict[str, str]:
    """By person, the session that he brings. The rows are there."""
    make_rows(sender)
    return {name: _session(name) for name in PEOPLE if name != NOBODY}


def _session(name: str) -> str:
    user: Any = get_user_model().objects.create_user(
        name, is_staff=True, is_superuser=name == CHIEF, password="correct horse battery staple"
    )
    Membership.objects.create(user=user, owner=ServiceOwner.objects.get(resources="fjordby-byggesak"))
    permissions = Permission.objects.all()
    if name == VIEWER:
        user.user_permissions.set(permissions.filter(codename__startswith="view_"))
    if name == CHANGER:
        user.user_permissions.set(permissions)
    client = Client()
    client.force_login(user)
    if name == NOT_STAFF:  # any more
        get_user_model().objects.filter(pk=user.pk).update(is_staff=False)
    return client.cookies["sessionid"].value


def as_person(cookies: dict[str, str], name: str) -> Client:
    client = Client()
    if name in cookies:
        client.cookies["sessionid"] = cookies[name]
    return client


def stored() -> list[Any]:
    """What every table holds, but for the sessions', as a sum of each."""
    tables = sorted(model._meta.db_table for model in apps.get_models() if model is not Session)
    sums = " UNION ALL ".join(
        f"SELECT '{table}', md5(string_agg(row::text, ',' ORDER BY row::text)) FROM \"{table}\" AS row"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(sums)
        return sorted(cursor.fetchall())  # it may read several tables at once, and answers as they come


def expected(route: str, which: int) -> list[int]:
    """By person; which: 0 for a GET, 1 for a POST."""
    outside = OPEN[route][which] if route in OPEN else 302
    return [outside, outside, *(int(status) for status in TABLE[route][which].split())]


def test_every_page_is_in_the_table_and_no_other() -> None:
    assert set(routes()) == set(TABLE)


def test_who_gets_to_see_a_page_and_nothing_changes_by_it(cookies: dict[str, str]) -> None:
    wrong = {}
    for route in TABLE:
        before = stored()
        answers = [as_person(cookies, name).get(address(route)) for name in PEOPLE]
        statuses = [answer.status_code for answer in answers]
        for answer in answers:
            list(getattr(answer, "streaming_content", ()))
        if statuses != expected(route, 0):
            wrong[route] = statuses
        if stored() != before and not route.endswith("/download/"):
            wrong[f"{route} wrote"] = sorted(set(stored()) - set(before))

    assert wrong == {}


def test_who_may_send_a_form_and_a_refusal_changes_nothing(cookies: dict[str, str]) -> None:
    wrong: dict[str, Any] = {}
    before = stored()
    for route in TABLE:
        statuses = []
        for name, right in zip(PEOPLE, expected(route, 1), strict=True):
            savepoint = transaction.savepoint()
            answer = as_person(cookies, name).post(address(route), {"post": "yes"})
            statuses.append(answer.status_code)
            list(getattr(answer, "streaming_content", ()))
            may = name not in (NOBODY, NOT_STAFF) and right in (200, 302)
            if not may and stored() != before:
                wrong[f"{route} wrote for {name}"] = sorted(set(stored()) - set(before))
            transaction.savepoint_rollback(savepoint)
        if statuses != expected(route, 1):
            wrong[route] = statuses

    assert wrong == {}


def test_who_is_not_staff_is_sent_to_the_login(cookies: dict[str, str]) -> None:
    for name in (NOBODY, NOT_STAFF):
        for route in set(TABLE) - set(OPEN):
            answer = as_person(cookies, name).get(address(route))
            assert answer["Location"].startswith("/admin/login/?next=/admin/"), (name, route)


def test_a_superuser_who_has_shown_his_password_only_is_sent_back_to_the_door(
    cookies: dict[str, str], settings: Any
) -> None:
    settings.ADMIN_SECOND_FACTOR = "required"
    before = stored()

    for route in set(TABLE) - DOORS:
        chief = as_person(cookies, CHIEF)
        for answer in (chief.get(address(route)), chief.post(address(route), {"post": "yes"})):
            assert answer.status_code == 302, route
            assert answer["Location"].startswith("/admin/login/?next=/admin/"), route
    assert stored() == before


def test_who_may_do_what_with_the_rows_of_a_list(cookies: dict[str, str]) -> None:
    found = {}
    for model, pages in admin.site._registry.items():
        path = f"{model._meta.app_label}/{model._meta.model_name}/"
        found[path] = [" ".join(sorted(_offered(pages, name))) for name in PEOPLE[2:]]

    assert found == ACTIONS


def _offered(pages: Any, name: str) -> Any:
    request = RequestFactory().get("/")
    request.user = get_user_model().objects.get(username=name)
    return pages.get_actions(request)


def test_an_action_that_is_not_offered_is_not_done(cookies: dict[str, str]) -> None:
    before = stored()
    every = {name for names in ACTIONS.values() for each in names for name in each.split()}
    for path, offered in ACTIONS.items():
        for name, given in zip(PEOPLE, ["", "", *offered], strict=True):
            for action in every - set(given.split()):
                row = address(path + ROW).split("/")[-2]
                form = {"action": action, "_selected_action": [row], "post": "yes"}
                as_person(cookies, name).post(f"/admin/{path}", form)
    assert stored() == before


def test_history_is_never_written_deleted_or_changed_by_hand(cookies: dict[str, str]) -> None:
    """Nor is it cleared away with what it tells of, by the pages that delete."""
    histories = {"StatusEvent", "AttachmentStatusEvent", "LogEntry"}
    assert not {model.__name__ for model in admin.site._registry} & histories

    request = RequestFactory().get("/")
    request.user = get_user_model().objects.get(username=CHIEF)
    for pages in admin.site._registry.values():
        for inline in pages.get_inline_instances(request):
            if inline.model.__name__ in histories:
                assert not inline.has_add_permission(request, None)
                assert not inline.has_change_permission(request, None)
                assert not inline.has_delete_permission(request, None)


def test_choices_of_a_field_are_for_who_may_see_them(cookies: dict[str, str]) -> None:
    query = {"app_label": "registry", "model_name": "resource", "field_name": "owner", "term": ""}
    statuses = [as_person(cookies, name).get("/admin/autocomplete/", query).status_code for name in PEOPLE]

    assert statuses == [302, 302, 403, 200, 200, 200]


def test_a_refusal_says_so_in_words(cookies: dict[str, str]) -> None:
    refused = as_person(cookies, NO_RIGHTS).get("/admin/registry/resource/")

    assert refused.status_code == 403
    assert "your account has no permission for this page" in refused.content.decode()


@pytest.mark.parametrize("route", ["change/", "../<id>/password/"])
def test_only_a_superuser_touches_a_superuser(cookies: dict[str, str], route: str) -> None:
    chief = get_user_model().objects.get(username=CHIEF)
    path = f"/admin/auth/user/{chief.pk}/" + route.replace("../<id>/", "")

    refused = as_person(cookies, CHANGER).post(path, {"username": "x", "password1": "x" * 20, "password2": "x" * 20})

    assert refused.status_code == 403


def test_nobody_gives_himself_a_right(cookies: dict[str, str]) -> None:
    user = get_user_model().objects.get(username=CHANGER)
    user.memberships.all().delete()
    form = {
        "username": "changer",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": ["1"],
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-owner": str(ServiceOwner.objects.get().pk),
    }
    saved = as_person(cookies, CHANGER).post(f"/admin/auth/user/{user.pk}/change/", form)

    user.refresh_from_db()
    assert saved.status_code == 302
    assert not user.is_superuser
    assert not user.groups.exists()
    assert not user.memberships.exists()
    assert user.user_permissions.count() == Permission.objects.count()
