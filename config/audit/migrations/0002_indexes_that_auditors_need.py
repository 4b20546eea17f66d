from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # people work meanwhile

    dependencies = [
        ('audit', '0001_audit_log'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='auditentry',
            index=models.Index(models.F('deed'), models.F('id'), name='audit_entry_deed'),
        ),
        AddIndexConcurrently(
            model_name='auditentry',
            index=models.Index(models.F('at'), name='audit_entry_at'),
        ),
    ]
