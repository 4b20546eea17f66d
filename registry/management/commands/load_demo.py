"""Load what a newcomer needs: a registry, an issuer's key, an admin user."""

import os
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from config.kernel import clock, development_issuer
from recipients.actions import register_party
from registry import actions


class Command(BaseCommand):
    """`make run` calls it at each start."""

    help = "Load the demo registry and, where ADMIN_PASSWORD is set, the user admin. Development only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("load_demo is for ENVIRONMENT=development only.")
        development_issuer.public_key_file()
        _register("991825827", "Testdepartementet", "ttd", "demo-correspondence", "Demo letters")
        # The resource of the contract's examples, so that they work in Swagger UI as they stand.
        _register("312295202", "Fjordby kommune", "fjordby", "fjordby-byggesak", "Byggesak")
        # Whom the examples call by name.
        register_party(recipient="0192:314762290", name="BERG OG DAL AS", now=clock.now())
        if password := os.environ.get("ADMIN_PASSWORD"):
            _ensure_admin(password)


def _register(organization_number: str, name: str, code: str, resource_id: str, title: str) -> None:
    owner = actions.register_owner(organization_number=organization_number, name=name, code=code, now=clock.now())
    actions.register_resource(resource_id=resource_id, owner=owner, title=title, now=clock.now())


def _ensure_admin(password: str) -> None:
    admin, made = get_user_model().objects.get_or_create(
        username="admin", defaults={"is_staff": True, "is_superuser": True}
    )
    if made or not admin.check_password(password):
        admin.set_password(password)
        admin.save(update_fields=["password"])
