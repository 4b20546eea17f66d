"""Tells the planner how rare a status is: it takes any `statuses_seen & n <> 0` for true (docs/decisions/0013)."""

from django.db import migrations

# The statuses that search has a partial index for.
STATUSES = (2, 4, 6, 7, 8, 10, 11, 12)


class Migration(migrations.Migration):
    dependencies = [("correspondence", "0004_search_and_retention_indexes")]

    operations = [
        migrations.RunSQL(
            f"CREATE STATISTICS letters_seen_{status} ON (statuses_seen & {1 << status})"
            " FROM correspondence_correspondence",
            f"DROP STATISTICS letters_seen_{status}",
        )
        for status in STATUSES
    ]
