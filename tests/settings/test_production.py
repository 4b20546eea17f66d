"""What production refuses to start with, and what Django's own check says of what it starts with."""

import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from registry.checks import default_admin_password
from tests.docs.variables import ROOT
from tests.starting import PRODUCTION, manage, run_program, start

GIVEN = PRODUCTION["SECRET_KEY"]


def test_production_starts_with_what_it_needs() -> None:
    assert run_program("import config.settings", PRODUCTION).returncode == 0


REFUSED = {
    "short key": ({"SECRET_KEY": GIVEN[:49]}, "SECRET_KEY is too weak"),
    "dull key": ({"SECRET_KEY": "abcd" * 20}, "SECRET_KEY is too weak"),
    "startproject's key": ({"SECRET_KEY": f"django-insecure-{GIVEN}"}, "SECRET_KEY is too weak"),
    "debug": ({"DEBUG": "true"}, "DEBUG shows the inside"),
    "issuer": ({"DEVELOPMENT_ISSUER_ENABLED": "true"}, "DEVELOPMENT_ISSUER_ENABLED is for"),
    "no hosts": ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
    "blank hosts": ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is not set"),
    "all hosts": ({"ALLOWED_HOSTS": "*"}, 'ALLOWED_HOSTS holds "*"'),
    "all hosts among others": ({"ALLOWED_HOSTS": "post.example.no, *"}, 'ALLOWED_HOSTS holds "*"'),
    "a pattern": ({"ALLOWED_HOSTS": "*.example.no"}, 'ALLOWED_HOSTS holds "*.example.no"'),
    "a dot": ({"ALLOWED_HOSTS": "."}, 'ALLOWED_HOSTS holds "."'),
    "no scanner": ({"MALWARE_SCANNER": ""}, "MALWARE_SCANNER is not set"),
    "default password": ({"ADMIN_PASSWORD": "Admin"}, "ADMIN_PASSWORD is a password that everybody tries"),
    "unknown environment": ({"ENVIRONMENT": "prod"}, 'ENVIRONMENT is "prod": choose production or development.'),
    "unreadable": ({"WEB_THREADS": "many"}, "WEB_THREADS: Not a valid integer."),
    "unknown level": ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is DEBUG, INFO"),
}


@pytest.mark.parametrize(("variables", "fault"), REFUSED.values(), ids=REFUSED)
def test_production_refuses(variables: dict[str, str], fault: str) -> None:
    said = start({**PRODUCTION, **variables})

    assert said.startswith(f"ImproperlyConfigured: {fault}")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_what_has_no_default_must_be_set(name: str) -> None:
    variables = {key: value for key, value in {**os.environ, **PRODUCTION}.items() if key != name}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=variables, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr.splitlines()[0]) == (1, f"{name} is not set.")


def test_an_empty_number_word_or_json_is_as_if_it_were_unset() -> None:
    empty = dict.fromkeys(("WEB_THREADS", "SWEEP_EVERY_SECONDS", "SECURE_SSL_REDIRECT", "TRUSTED_ISSUERS"), " ")
    asked = f"import config.settings as settings; print(*(getattr(settings, name) for name in {list(empty)}))"

    done = run_program(asked, {**PRODUCTION, **empty})

    assert done.stdout.split() == ["32", "5.0", "True", "[]"], done.stderr


def test_all_faults_are_told_at_once() -> None:
    said = start(
        {
            **PRODUCTION,
            "SECRET_KEY": "short",
            "DEBUG": "yes",
            "ALLOWED_HOSTS": "*",
            "PUBLISH_CHUNK": "many",
            "S3_ENCRYPTION": "rot13",
            "UPLOADS_AT_ONCE": "40",
        }
    )

    first_words = [line.split()[0] for line in said.removeprefix("ImproperlyConfigured: ").splitlines()]
    assert first_words == [
        "PUBLISH_CHUNK:",
        "SECRET_KEY",
        "DEBUG",
        "ALLOWED_HOSTS",
        "S3_ENCRYPTION",
        "UPLOADS_AT_ONCE",
    ]


def test_manage_py_says_them_and_nothing_else() -> None:
    done = manage({**PRODUCTION, "DEBUG": "true", "ALLOWED_HOSTS": ""}, "check")

    assert done.returncode == 1
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["DEBUG", "ALLOWED_HOSTS"]


def test_a_refusal_does_not_show_the_key() -> None:
    assert GIVEN[:49] not in manage({**PRODUCTION, "SECRET_KEY": GIVEN[:49]}, "check", "--traceback").stderr


def test_development_may_do_all_of_this() -> None:
    variables = {"ENVIRONMENT": "development", "SECRET_KEY": "x", "DEBUG": "true", "ALLOWED_HOSTS": "*"}

    assert run_program("import config.settings", variables).returncode == 0


def test_djangos_check_for_deployment_finds_nothing() -> None:
    done = manage(PRODUCTION, "check", "--deploy", "--fail-level", "WARNING")

    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (
        0,
        "System check identified no issues (2 silenced).",
        "",
    )


def test_it_would_find_something() -> None:
    done = manage({**PRODUCTION, "SECURE_SSL_REDIRECT": "false"}, "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 1
    assert "security.W008" in done.stderr


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["changeme", "admin"])
def test_migrate_refuses_a_database_whose_admin_has_a_default_password(settings, password):
    settings.DEVELOPMENT = False
    User.objects.create_superuser("admin", password=password)

    with pytest.raises(SystemCheckError, match=r"registry\.E001.*The user admin has a password that everybody tries"):
        call_command("migrate", verbosity=0, skip_checks=False)


@pytest.mark.django_db
def test_a_password_of_its_own_or_no_such_user_is_fine(settings):
    settings.DEVELOPMENT = False
    User.objects.create_superuser("kari", password="changeme")  # found by nobody who does not know her name
    User.objects.create_superuser("admin", password="Fyr-og-flamme-1905")

    assert default_admin_password(None, databases=["default"]) == []


@pytest.mark.django_db
def test_a_database_without_tables_yet_is_fine(settings):
    settings.DEVELOPMENT = False
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE auth_user CASCADE")

    assert default_admin_password(None, databases=["default"]) == []


@pytest.mark.django_db
def test_development_keeps_the_password_that_make_run_was_given(settings):
    User.objects.create_superuser("admin", password="admin")

    assert settings.DEVELOPMENT
    assert default_admin_password(None, databases=["default"]) == []
