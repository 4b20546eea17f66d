import django.db.models.expressions
import django.db.models.lookups
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # letters come in and go out meanwhile

    dependencies = [
        ('correspondence', '0009_may_reveal_recipients'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='correspondence',
            index=models.Index(models.F('recipient'), condition=models.Q(django.db.models.lookups.Exact(django.db.models.expressions.CombinedExpression(models.F('statuses_seen'), '&', models.Value(388)), 0)), name='correspondence_unlisted'),
        ),
    ]
