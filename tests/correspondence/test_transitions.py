"""What may happen to a letter, as the table says: what the policies should have refused goes into no history."""

import pytest
from django.db import transaction

from config.kernel import clock
from correspondence.actions.record import record
from correspondence.models import Correspondence, StatusEvent
from correspondence.statuses import TRANSITIONS, QueueState, Status, seen
from tests.clients import Client
from tests.mail import sent


@pytest.mark.parametrize("status", TRANSITIONS)
def test_nothing_is_written_down_that_the_table_does_not_allow(sender: Client, status: Status) -> None:
    sent(sender)
    for current in Status:
        Correspondence.objects.update(queue_state=QueueState.DONE, status=current, statuses_seen=seen([current]))
        letter, before = Correspondence.objects.get(), StatusEvent.objects.count()
        with transaction.atomic():
            if current in TRANSITIONS[status]:
                record(letter, status, clock.now())
            else:
                with pytest.raises(ValueError, match=f"cannot become {status.label}"):
                    record(letter, status, clock.now())
        assert StatusEvent.objects.count() - before == (current in TRANSITIONS[status])
        StatusEvent.objects.filter(status=Status.PUBLISHED).delete()
