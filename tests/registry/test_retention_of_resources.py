"""How long what a resource sent is kept, and who may get confidential post of it: facts on the resource."""

import pytest
from django.db import IntegrityError, transaction

from registry.models import Resource

DAYS = ("purged_content_days", "expired_content_days", "published_content_days", "history_days")


def test_a_resource_begins_with_the_services_own_settings(resource: Resource) -> None:
    resource.refresh_from_db()

    assert [getattr(resource, name) for name in DAYS] == [None] * 4
    assert resource.recipients_need_role is False


@pytest.mark.parametrize("name", DAYS)
def test_days_are_none_to_a_century(resource: Resource, name: str) -> None:
    for days in (None, 0, 36_500):
        Resource.objects.update(**{name: days})
    with pytest.raises(IntegrityError, match="resource_keeps_for_a_century_at_most"), transaction.atomic():
        Resource.objects.update(**{name: 36_501})
    with pytest.raises(IntegrityError, match=f"{name}_check"), transaction.atomic():
        Resource.objects.update(**{name: -1})

    assert getattr(Resource.objects.get(), name) == 36_500
