import django.contrib.postgres.indexes
import django.db.models.expressions
import django.db.models.lookups
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


# The statuses that search has a partial index for (0005).
STATUSES = (2, 4, 6, 7, 8, 10, 11, 12)


class Migration(migrations.Migration):
    atomic = False  # letters come in and go out meanwhile

    dependencies = [
        ('correspondence', '0011_indexes_of_the_start_page'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='correspondence',
            index=models.Index(models.F('recipient'), condition=models.Q(django.db.models.lookups.Exact(django.db.models.expressions.CombinedExpression(models.F('statuses_seen'), '&', models.Value(388)), 0)), name='correspondence_unlisted'),
        ),
        AddIndexConcurrently(
            model_name='correspondence',
            index=django.contrib.postgres.indexes.BrinIndex(fields=['due_at'], name='correspondence_due_at', opclasses=['timestamptz_minmax_multi_ops']),
        ),
        # Whoever is at a status has been there: without these the planner takes the one for the other's chance, and
        # thinks of 20,000 letters that failed that they are 400.
        *(
            migrations.RunSQL(
                f"CREATE STATISTICS letters_at_{status} (mcv) ON status, (statuses_seen & {1 << status})"
                " FROM correspondence_correspondence",
                f"DROP STATISTICS letters_at_{status}",
            )
            for status in STATUSES
        ),
    ]
