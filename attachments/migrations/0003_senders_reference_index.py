import config.kernel.long_texts
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # files come in meanwhile

    dependencies = [
        ('attachments', '0002_attachments_that_ended'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='attachment',
            index=models.Index(config.kernel.long_texts.TextHash('senders_reference'), name='attachment_senders_reference'),
        ),
    ]
