import django.db.models.deletion
from django.db import migrations, models

FILLED_IN = """
ALTER TABLE workflow.requests_app_partnerreview DISABLE TRIGGER USER;  -- an answered review is final otherwise
UPDATE workflow.requests_app_partnerreview review SET request_id = package.request_id
FROM workflow.requests_app_package package WHERE package.id = review.package_id;
ALTER TABLE workflow.requests_app_partnerreview ENABLE TRIGGER USER;
"""
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
    dependencies = [("requests_app", "0005_list_indexes")]

    operations = [
        migrations.AddField(
            model_name="partnerreview",
            name="request",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="partner_reviews",
                to="requests_app.datarequest",
            ),
        ),
        migrations.RunSQL(FILLED_IN, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="partnerreview",
            name="request",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="partner_reviews",
                to="requests_app.datarequest",
            ),
        ),
        migrations.AlterField(
            model_name="partnerreview",
            name="agency",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="partner_reviews",
                to="requests_app.agency",
            ),
        ),
        migrations.AddIndex(
            model_name="partnerreview",
            index=models.Index(fields=["agency", "request"], name="review_by_agency_and_request"),
        ),
        migrations.RunSQL(SAME_REQUEST, NO_LONGER),
    ]
