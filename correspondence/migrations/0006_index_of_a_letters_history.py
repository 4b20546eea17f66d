import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('correspondence', '0005_how_rare_a_status_is'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='statusevent',
            index=models.Index(models.F('correspondence'), models.F('at'), name='status_event_of_letter'),
        ),
        # By itself Django drops every index of the one column, and so the unique one that lets nothing go out twice.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='statusevent',
                    name='correspondence',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='correspondence.correspondence'),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    sql='DROP INDEX correspondence_statusevent_correspondence_id_ceabe8aa',
                    reverse_sql='CREATE INDEX correspondence_statusevent_correspondence_id_ceabe8aa ON correspondence_statusevent (correspondence_id)',
                ),
            ],
        ),
    ]
