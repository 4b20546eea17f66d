"""What many tests need: an owner with a resource, and clients that call as somebody."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.apps import apps as registered
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from config.kernel import clock, development_issuer, issuers
from config.staff import roles
from registry.models import Resource, ServiceOwner
from tests.back_office import back_office, showcased
from tests.clients import Client
from tests.messages import broker_at, messages
from tests.overrunning import run_out_of_time

__all__ = ["back_office", "broker_at", "messages", "run_out_of_time", "showcased"]

HOUR = timedelta(hours=1)
OWNER, OTHER_OWNER = "312295202", "310635820"


@receiver(post_migrate)
def the_roles_are_back(app_config: Any, apps: Any = registered, **_: Any) -> None:
    """After a test with transactions every table is emptied, those too that a migration has filled."""
    if app_config.label == "auth" and not Group.objects.filter(name__in=roles.ROLES).exists():
        roles.make(apps)


@pytest.fixture(autouse=True, scope="session")
def static_folder() -> None:
    """WhiteNoise warns where there is none; tests collect nothing."""
    django_settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def attachments_folder(settings: Any, tmp_path: Path) -> Path:
    """Each test's own."""
    folder = tmp_path / "attachments"
    settings.ATTACHMENTS_DIR = folder
    return folder


@pytest.fixture
def owner(db: None) -> ServiceOwner:
    return ServiceOwner.objects.create(organization_number=OWNER, name="Fjordby kommune", code="fjordby")


@pytest.fixture
def resource(owner: ServiceOwner) -> Resource:
    return Resource.objects.create(id="fjordby-byggesak", owner=owner, title="Byggesak")


@pytest.fixture
def other_resource(db: None) -> Resource:
    other = ServiceOwner.objects.create(organization_number=OTHER_OWNER, name="Dalen kommune", code="dalen")
    return Resource.objects.create(id="dalen-skatt", owner=other)


def token(organization: str = OWNER, scope: str | None = None, lifetime: timedelta = HOUR) -> str:
    return development_issuer.organization_token(organization, scope=scope, now=clock.now(), lifetime=lifetime)


@pytest.fixture
def stranger() -> Client:
    """Brings no token."""
    return Client()


@pytest.fixture
def sender(resource: Resource) -> Client:
    """The resource's owner."""
    return Client(token())


@pytest.fixture
def other_sender(other_resource: Resource) -> Client:
    """Another owner, with a resource of its own."""
    return Client(token(OTHER_OWNER))


@pytest.fixture
def reader(db: None) -> Client:
    """An organisation whose token only reads."""
    return Client(token("314762290", scope="altinn:correspondence.read"))


@pytest.fixture
def platform(resource: Resource) -> Client:
    """The owner, by a platform token and nothing else."""
    platform_token = development_issuer.platform_token("fjordby", now=clock.now(), lifetime=HOUR)
    return Client(PlatformAccessToken=platform_token)


@pytest.fixture
def other_key() -> rsa.RSAPrivateKey:
    """A key that nobody trusts, until a test does."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@pytest.fixture
def trust(settings: Any) -> Iterator[Any]:
    """Trusts these issuers for one test."""

    def configure(*entries: dict[str, Any]) -> None:
        settings.TRUSTED_ISSUERS = list(entries)
        forget()

    def forget() -> None:
        for cached in (issuers.configured, issuers._all, issuers._trusted, issuers._trusted_platform):
            cached.cache_clear()

    yield configure
    settings.TRUSTED_ISSUERS = []
    forget()


@pytest.fixture
def dialog_token(trust: Any, tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    """Makes tokens of a trusted issuer of the kind dialog."""
    issuer, key = "https://dialogs.example/", ec.generate_private_key(ec.SECP256R1())
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "dialog.pem").write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, form))
    trust({"issuer": issuer, "kind": "dialog", "algorithm": "ES256", "key_file": str(tmp_path / "dialog.pem")})

    def sign(claims: dict[str, Any]) -> str:
        times = {"iss": issuer, "exp": int((clock.now() + HOUR).timestamp())}
        return jwt.encode({**claims, **times}, key, "ES256")

    return sign


@pytest.fixture
def plain_static_files(settings: Any) -> None:
    """Pages name static files; the manifest of hashed names is made by collectstatic only."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def cheap_passwords(settings: Any) -> None:
    """A good hash takes half a second, each time somebody logs in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
