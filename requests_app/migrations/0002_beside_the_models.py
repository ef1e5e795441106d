"""What no model says: the serial of request numbers, and a foreign key over two columns."""

from django.db import migrations

# Never reused, no gaps promised.
NUMBER = "CREATE SEQUENCE workflow.request_number AS bigint MAXVALUE 999999"
# A review and its package are of the same request: one foreign key on both columns says so.
SAME_REQUEST = """
ALTER TABLE workflow.requests_app_package ADD CONSTRAINT package_and_request UNIQUE (id, request_id);
ALTER TABLE workflow.requests_app_partnerreview ADD CONSTRAINT review_of_its_packages_request
    FOREIGN KEY (package_id, request_id) REFERENCES workflow.requests_app_package (id, request_id)
    DEFERRABLE INITIALLY DEFERRED;
"""
NO_LONGER = """
ALTER TABLE workflow.requests_app_partnerreview DROP CONSTRAINT review_of_its_packages_request;
ALTER TABLE workflow.requests_app_package DROP CONSTRAINT package_and_request;
"""


class Migration(migrations.Migration):
    """One sequence, one constraint."""

    dependencies = [("requests_app", "0001_initial")]
    operations = [
        migrations.RunSQL(NUMBER, "DROP SEQUENCE workflow.request_number"),
        migrations.RunSQL(SAME_REQUEST, NO_LONGER),
    ]
