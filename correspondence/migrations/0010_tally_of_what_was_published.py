import django.db.models.deletion
from django.db import migrations, models

# What history tells of the last five weeks. What workers of the version before publish after this is not in the tally:
# its figures are short by that, the history is not.
# accepted: rows-in-one-transaction: they are the first of a new table, which nobody reads yet
FILL = """
    INSERT INTO correspondence_publishedtally (owner_id, at, fold, letters)
    SELECT letter.owner_id, date_trunc('hour', event.at, 'UTC'), 2, count(*)
    FROM correspondence_statusevent AS event
    JOIN correspondence_correspondence AS letter ON letter.id = event.correspondence_id
    WHERE event.status = 2 AND event.at >= now() - interval '35 days'
    GROUP BY 1, 2
"""


class Migration(migrations.Migration):

    dependencies = [
        ('correspondence', '0009_may_reveal_recipients'),
        ('registry', '0004_memberships'),
    ]

    operations = [
        migrations.CreateModel(
            name='PublishedTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('fold', models.PositiveSmallIntegerField(choices=[(0, 'a chunk'), (1, 'a minute'), (2, 'an hour')], default=0)),
                ('letters', models.PositiveIntegerField()),
                ('owner', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='registry.serviceowner')),
            ],
            options={
                'ordering': ('pk',),
                'indexes': [models.Index(models.F('fold'), models.F('at'), name='published_tally_to_fold')],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
