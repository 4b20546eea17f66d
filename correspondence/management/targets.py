"""What operators name on the command line: a resource, an owner, or all; and what is said where that cannot be done."""

import getpass
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import DatabaseError
from django.db.models import Q

from config.kernel.database import DATABASE_GONE
from config.kernel.masking import mask_person_numbers
from config.kernel.queue import BrokerUnreachable
from registry.models import Resource, ServiceOwner
from registry.serializers import without_prefix

BY_COMMAND = "command"  # in the audit log, for users of the machine
UNREACHABLE = 2  # exit code where the surroundings are at fault, and not what was asked for


@dataclass(frozen=True, slots=True)
class Target:
    """Both None: everything."""

    owner: ServiceOwner | None = None
    resource_id: str | None = None

    @property
    def ids(self) -> dict[str, Any]:
        """As actions and reads take them."""
        return {"owner_id": self.owner.pk if self.owner else None, "resource_id": self.resource_id}

    def __str__(self) -> str:
        if self.owner is not None:
            return str(self.owner)
        return f"resource {self.resource_id}" if self.resource_id is not None else "everything"


def add_target(parser: ArgumentParser, *, required: bool) -> None:
    """The options for `target`."""
    target = parser.add_mutually_exclusive_group(required=required)
    target.add_argument("--resource", metavar="RESOURCE_ID")
    target.add_argument("--owner", metavar="OWNER", help="its nine digits, or its code")
    target.add_argument("--all", action="store_true", help="whatever owner and resource")


def target(options: dict[str, Any]) -> Target:
    """What the options name.

    Raises:
        CommandError: there is no such owner or resource.
    """
    if options["resource"] is not None:
        resource_id = without_prefix(options["resource"])
        if not Resource.objects.filter(pk=resource_id).exists():
            raise CommandError(mask_person_numbers(f"There is no resource {resource_id}."))
        return Target(resource_id=resource_id)
    if options["owner"] is not None:
        text = options["owner"]
        owner = ServiceOwner.objects.filter(Q(organization_number=text) | Q(code=text)).first()
        if owner is None:
            raise CommandError(mask_person_numbers(f"There is no owner {text}: name its nine digits, or its code."))
        return Target(owner=owner)
    return Target()


def operator() -> str:
    """Who gives the command, as the machine knows it."""
    try:
        return f"{getpass.getuser()[:100]} (command)"
    except (KeyError, OSError):  # a container's user may have no name
        return "command"


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong is said in a sentence.

    Raises:
        CommandError: database or broker are gone, or what was asked for cannot be done.
    """
    try:
        yield
    except DATABASE_GONE as error:
        raise CommandError(f"The database cannot be reached: {_line(error)}", returncode=UNREACHABLE) from None
    except BrokerUnreachable as error:
        raise CommandError(
            f"The broker cannot be reached, and nobody was woken: {_line(error)}", returncode=UNREACHABLE
        ) from None
    except DatabaseError as error:
        raise CommandError(
            f"The database refuses; are all migrations applied? {_line(error)}", returncode=UNREACHABLE
        ) from None
    except ValidationError as error:
        raise CommandError(mask_person_numbers(" ".join(error.messages))) from None


def _line(error: Exception) -> str:
    return mask_person_numbers(" ".join(str(error).split()))
