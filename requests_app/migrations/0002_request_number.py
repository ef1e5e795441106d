"""The serial of request numbers: never reused, no gaps promised."""

from django.db import migrations


class Migration(migrations.Migration):
    """One sequence."""

    dependencies = [("requests_app", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE workflow.request_number AS bigint MAXVALUE 999999",
            "DROP SEQUENCE workflow.request_number",
        )
    ]
