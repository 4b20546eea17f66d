import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0002_retention_and_role_on_resources'),
    ]

    operations = [
        migrations.CreateModel(
            name='Delegation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_party', models.CharField(max_length=255, verbose_name='from')),
                ('to_party', models.CharField(max_length=255, verbose_name='to')),
                ('right', models.CharField(choices=[('read', 'Read'), ('write', 'Write')], max_length=5)),
                ('resource', models.ForeignKey(blank=True, error_messages={'invalid': 'There is no resource %(value)s.'}, help_text='Empty: every resource.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='delegations', to='registry.resource')),
                ('created_at', models.DateTimeField()),
                ('created_by', models.CharField(max_length=150)),
            ],
            options={
                'ordering': ('pk',),
                'indexes': [models.Index(fields=['to_party', 'from_party'], name='delegation_to_party')],
                'constraints': [
                    models.UniqueConstraint(fields=('from_party', 'to_party', 'right', 'resource'), name='delegation_is_given_once', nulls_distinct=False, violation_error_message='This right is given already.'),
                    models.CheckConstraint(condition=models.Q(('from_party__startswith', 'urn:')), name='delegation_is_from_a_urn'),
                    models.CheckConstraint(condition=models.Q(('to_party__startswith', 'urn:')), name='delegation_is_to_a_urn'),
                    models.CheckConstraint(condition=models.Q(('from_party', models.F('to_party')), _negated=True), name='delegation_is_to_somebody_else', violation_error_message='A party has every right that it could give to itself.'),
                    models.CheckConstraint(condition=models.Q(('right__in', ['read', 'write'])), name='delegation_right_is_known'),
                ],
            },
        ),
    ]
