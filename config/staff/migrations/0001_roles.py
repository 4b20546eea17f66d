from django.db import migrations

from config.staff import roles


class Migration(migrations.Migration):
    # The latest of each app with permissions that a role is given.
    dependencies = [
        ("attachments", "0002_attachments_that_ended"),
        ("audit", "0002_indexes_that_auditors_need"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("correspondence", "0013_jobs_and_letters_sent_again"),
        ("recipients", "0002_confidential_role_and_party_id"),
        ("registry", "0004_memberships"),
    ]

    operations = [
        migrations.RunPython(roles.make, migrations.RunPython.noop),
    ]
