from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # letters come in and go out meanwhile

    dependencies = [
        ('correspondence', '0010_tally_of_what_was_published'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='correspondence',
            index=models.Index(models.F('due_at'), condition=models.Q(('attempts__gt', 0), ('queue_state', 'ready')), name='correspondence_held_up'),
        ),
        AddIndexConcurrently(
            model_name='statusevent',
            index=models.Index(models.F('at'), condition=models.Q(('status', 11)), name='status_event_failed'),
        ),
    ]
