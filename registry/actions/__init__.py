"""Every change of the registry."""

from registry.actions.delegations import delegate, withdraw
from registry.actions.import_resources import import_resource_file, preview_resource_file
from registry.actions.memberships import join, leave
from registry.actions.owners import register_owner, remove_owner, save_owner
from registry.actions.resources import register_resource, remove_resource, save_resource

__all__ = [
    "delegate",
    "import_resource_file",
    "join",
    "leave",
    "preview_resource_file",
    "register_owner",
    "register_resource",
    "remove_owner",
    "remove_resource",
    "save_owner",
    "save_resource",
    "withdraw",
]
