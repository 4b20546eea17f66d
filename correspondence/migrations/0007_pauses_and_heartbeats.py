import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('correspondence', '0006_index_of_a_letters_history'),
        ('registry', '0003_delegations'),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.ForeignKey(blank=True, help_text='Every letter that it has sent.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='registry.serviceowner')),
                ('resource', models.ForeignKey(blank=True, help_text='Leave both empty to pause everything.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='registry.resource')),
                ('reason', models.CharField(max_length=500)),
                ('paused_at', models.DateTimeField()),
                ('paused_by', models.CharField(max_length=150)),
                ('resumed_at', models.DateTimeField(blank=True, null=True)),
                ('resumed_by', models.CharField(blank=True, max_length=150)),
            ],
            options={
                'ordering': ('-pk',),
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('resumed_at__isnull', True)), fields=('owner', 'resource'), name='paused_once', nulls_distinct=False, violation_error_message='This is paused already.'),
                    models.CheckConstraint(condition=models.Q(('owner__isnull', True), ('resource__isnull', True), _connector='OR'), name='pause_is_of_an_owner_or_a_resource', violation_error_message='Name an owner or a resource, not both.'),
                    models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('paused_by', ''), _negated=True)), name='pause_says_who_and_why'),
                    models.CheckConstraint(condition=models.Q(models.Q(('resumed_at__isnull', True), ('resumed_by', '')), models.Q(('resumed_at__gte', models.F('paused_at')), models.Q(('resumed_by', ''), _negated=True)), _connector='OR'), name='pause_is_resumed_by_somebody'),
                ],
            },
        ),
    ]
