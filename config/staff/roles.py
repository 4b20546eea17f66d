"""The roles that are shipped, as groups: what each may do. Which service owners a user does it for says his membership.

The one place that says it. A release that has a new permission adds it here, and a migration of the app that has it
gives it to the groups that are there:

    migrations.RunPython(roles.give({"caseworker": ["letters.view_job"]}), migrations.RunPython.noop)

with `("staff", "0001_roles")` among its dependencies. A new installation gets it from there too.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib.auth.management import create_permissions
from django.utils.translation import gettext_lazy as _

CASEWORKER, REGISTRAR, AUDITOR, ADMINISTRATOR = "caseworker", "registrar", "auditor", "administrator"

_REGISTRY_TO_LOOK_AT = frozenset({"registry.view_serviceowner", "registry.view_resource"})

_CASEWORKER = _REGISTRY_TO_LOOK_AT | {
    "attachments.view_attachment",
    "attachments.download_attachment",
    "correspondence.view_mailing",
    "correspondence.view_correspondence",
    "correspondence.change_correspondence",  # retry, send again, publish now, cancel
    "correspondence.reveal_recipient",
    "correspondence.view_pause",
    "correspondence.add_pause",
    "correspondence.change_pause",  # resume
}
_REGISTRAR = _REGISTRY_TO_LOOK_AT | {
    "registry.add_resource",
    "registry.change_resource",
    "registry.delete_resource",
    "registry.view_delegation",
    "registry.add_delegation",
    "registry.delete_delegation",
    "recipients.view_party",  # the register of parties is everybody's: no owner has one of its own
    "recipients.add_party",
    "recipients.change_party",
    "recipients.delete_party",
}
# No letter, no file, nothing of what anybody wrote to anybody, and no person's address.
_AUDITOR = _REGISTRY_TO_LOOK_AT | {"audit.view_auditentry", "registry.view_delegation", "registry.view_membership"}
_ADMINISTRATOR = _CASEWORKER | _REGISTRAR | _AUDITOR | {
    "attachments.view_cleaningday",
    "auth.view_user",
    "auth.add_user",
    "auth.change_user",
    "auth.view_group",  # what a group may do is for superusers to decide
    "registry.add_serviceowner",
    "registry.change_serviceowner",
    "registry.delete_serviceowner",
    "registry.add_membership",
    "registry.delete_membership",
    "registry.view_every_owner",
}  # fmt: skip

ROLES: Mapping[str, frozenset[str]] = {
    CASEWORKER: _CASEWORKER,
    REGISTRAR: _REGISTRAR,
    AUDITOR: _AUDITOR,
    ADMINISTRATOR: _ADMINISTRATOR,
}
# As people read them; the database holds the names above, whatever a user's language.
TITLES: Mapping[str, Any] = {
    CASEWORKER: _("caseworker"),
    REGISTRAR: _("registrar"),
    AUDITOR: _("auditor"),
    ADMINISTRATOR: _("administrator"),
}


def title_of(group: Any) -> str:
    """A group's name as people read it."""
    return str(TITLES.get(group.name, group.name))


def make(apps: Any, schema_editor: Any = None) -> None:
    """The roles are there as groups; a migration's step.

    A group that somebody made before, and that has the name of a role, keeps its members and what they may do, under
    another name: nobody is given a right, or loses one, by an upgrade.
    """
    groups = apps.get_model("auth", "Group").objects
    for name in ROLES:
        if before := groups.filter(name=name).first():
            before.name = _free_name(groups, name)
            before.save(update_fields=["name"])
        groups.create(name=name)
    give(ROLES)(apps)


def give(rights: Mapping[str, Iterable[str]]) -> Callable[..., None]:
    """A migration's step that gives permissions, by role. Those of models that come later are left to later ones.

    Roles that an operator has removed stay so, and what else he has given or taken stays as he wished.
    """

    def step(apps: Any, schema_editor: Any = None) -> None:
        permissions = _permissions(apps, {name.partition(".")[0] for names in rights.values() for name in names})
        for group in apps.get_model("auth", "Group").objects.filter(name__in=rights):
            group.permissions.add(*(permissions[name] for name in rights[group.name] if name in permissions))

    return step


def _permissions(apps: Any, labels: Iterable[str]) -> dict[str, Any]:
    """By name, the permissions of these apps. Django makes them after all migrations only: here they are needed now."""
    for label in sorted(labels):
        try:
            config = apps.get_app_config(label)
        except LookupError:  # none of its models is there yet
            continue
        if not hasattr(config, "models_module"):  # a migration's has none, and Django asks whether there are models
            config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)
    found = apps.get_model("auth", "Permission").objects.filter(content_type__app_label__in=labels)
    return {f"{each.content_type.app_label}.{each.codename}": each for each in found.select_related("content_type")}


def _free_name(groups: Any, name: str) -> str:
    taken = set(groups.filter(name__startswith=name).values_list("name", flat=True))
    number = 1
    while (wanted := f"{name} (before {number})") in taken:
        number += 1
    return wanted
