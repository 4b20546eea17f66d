"""Migrations lead to what the models say. Django compares the models with files, never with a database."""

import pytest
from django.apps import apps
from django.db import connection


@pytest.mark.django_db
@pytest.mark.parametrize("app", ["attachments", "correspondence", "recipients", "registry"])
def test_the_database_has_each_index_and_constraint_that_a_model_names(app: str) -> None:
    for model in apps.get_app_config(app).get_models():
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, model._meta.db_table)

        assert {part.name for part in (*model._meta.indexes, *model._meta.constraints)} <= set(found), model
