"""Match results per file know what they were made from; fingerprints of cohorts, and their overlaps."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0008_cohort_uploads")]

    operations = [
        migrations.AddField("matchresult", "input_hash", models.CharField(default="", max_length=64)),
        migrations.AddField("matchresult", "states", models.JSONField(default=list)),
        migrations.AddField("matchresult", "loads", models.JSONField(default=list)),
        migrations.CreateModel(
            name="PersonSet",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("persons", models.BigIntegerField()),
                ("fingerprints", models.BinaryField()),
            ],
            options={"db_table": '"ledger"."person_set"'},
        ),
        migrations.CreateModel(
            name="CohortPersons",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("request_number", models.CharField(max_length=14)),
                ("cohort", models.CharField(max_length=80)),
                ("quarter", models.IntegerField()),
                ("kept_at", models.DateTimeField()),
                (
                    "persons",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cohorts", to="matching.personset"
                    ),
                ),
            ],
            options={
                "db_table": '"ledger"."cohort_persons"',
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request_number", "cohort", "quarter"), name="one_person_set_a_cohort"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CohortOverlap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("request_number", models.CharField(max_length=14)),
                ("cohort", models.CharField(max_length=80)),
                ("quarter", models.IntegerField()),
                ("other_number", models.CharField(max_length=14)),
                ("other_cohort", models.CharField(max_length=80)),
                ("other_quarter", models.IntegerField()),
                ("persons", models.BigIntegerField()),
                ("other_persons", models.BigIntegerField()),
                ("shared", models.BigIntegerField()),
            ],
            options={
                "db_table": '"summaries"."cohort_overlap"',
                "ordering": ("cohort", "quarter", "-shared", "other_number", "other_cohort"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request_number", "cohort", "quarter", "other_number", "other_cohort"),
                        name="one_overlap_a_pair",
                    )
                ],
            },
        ),
    ]
