import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='resource',
            name='recipients_need_role',
            field=models.BooleanField(db_default=False, default=False, help_text='Confidential letters go only to organisations that have the role for them.'),
        ),
        migrations.AddField(
            model_name='resource',
            name='purged_content_days',
            field=models.PositiveIntegerField(blank=True, help_text="Days that content of letters is kept after all of them were purged; empty: as the service's settings say.", null=True, validators=[django.core.validators.MaxValueValidator(36500)]),
        ),
        migrations.AddField(
            model_name='resource',
            name='expired_content_days',
            field=models.PositiveIntegerField(blank=True, help_text="Days that content is kept after its due date; empty: as the service's settings say.", null=True, validators=[django.core.validators.MaxValueValidator(36500)]),
        ),
        migrations.AddField(
            model_name='resource',
            name='published_content_days',
            field=models.PositiveIntegerField(blank=True, help_text="Days that content is kept after publishing; empty: as the service's settings say.", null=True, validators=[django.core.validators.MaxValueValidator(36500)]),
        ),
        migrations.AddField(
            model_name='resource',
            name='history_days',
            field=models.PositiveIntegerField(blank=True, help_text="Days that history is kept after the content has gone; empty: as the service's settings say.", null=True, validators=[django.core.validators.MaxValueValidator(36500)]),
        ),
        migrations.AddConstraint(
            model_name='resource',
            constraint=models.CheckConstraint(condition=models.Q(('expired_content_days__lte', 36500), ('history_days__lte', 36500), ('published_content_days__lte', 36500), ('purged_content_days__lte', 36500)), name='resource_keeps_for_a_century_at_most'),
        ),
    ]
