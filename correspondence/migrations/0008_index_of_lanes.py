from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # letters come in and go out meanwhile

    dependencies = [
        ('correspondence', '0007_pauses_and_heartbeats'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='correspondence',
            index=models.Index(models.F('owner'), models.F('resource'), models.F('next_try_at'), condition=models.Q(('queue_state', 'ready')), name='correspondence_due_of_lane'),
        ),
    ]
