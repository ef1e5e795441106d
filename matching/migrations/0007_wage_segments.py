"""Wage records in the shape of docs/adr/0013: a partition per load, sums with the units, files for the match.

Wage records loaded before are emptied out: load their files again.
"""

import django.db.models.deletion
from django.db import migrations, models

STATUSES = [
    ("loading", "Loading"), ("visible", "Visible"), ("superseded", "Replaced by a later version"),
    ("undone", "Undone"), ("dropped", "Dropped: its records are gone"),
]
EMPTY = """
DROP FUNCTION wages.make_quarter(integer);
DROP FUNCTION wages.analyze_quarter(integer);
DROP TABLE wages.wage_record;
DELETE FROM wages.employer_quarter;
DELETE FROM wages.unit;
DELETE FROM summaries.holding WHERE kind = 'wage_records';
DELETE FROM wages.load WHERE kind = 'wage_records';
"""
# Named here because Django does not find constraints of tables in other schemas.
WITHOUT_LOOKING_UP = """
ALTER TABLE wages.unit DROP CONSTRAINT unit_load_id_095dabc3_fk_load_id;
ALTER TABLE wages.establishment DROP CONSTRAINT establishment_load_id_0e229d52_fk_load_id;
"""
# Without an index: the segments serve the match (matching/segments), and whole loads are read in the order they lie.
TABLE = """
CREATE TABLE wages.wage_record (
    person_id integer NOT NULL,    -- 0: a person who cannot be matched
    unit_id   integer NOT NULL,
    wages     integer NOT NULL,    -- whole dollars
    hours     smallint,
    weeks     smallint
) PARTITION BY RANGE (unit_id);
"""
MAKE_PARTITION = """
CREATE FUNCTION wages.make_partition(wanted integer, first_unit integer, last_unit integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    partition text := 'wage_record_' || wanted;
    granted record;
BEGIN
    IF wanted < 1 OR first_unit < 1 OR last_unit < first_unit THEN
        RAISE EXCEPTION 'That is no range of units.' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('CREATE TABLE wages.%I PARTITION OF wages.wage_record FOR VALUES FROM (%s) TO (%s)',
                   partition, first_unit, last_unit + 1);
    -- a partition carries the rights of its parent
    FOR granted IN
        SELECT r.rolname, a.privilege_type
        FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
        WHERE c.oid = 'wages.wage_record'::regclass AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('GRANT %s ON wages.%I TO %I', granted.privilege_type, partition, granted.rolname);
    END LOOP;
END $$;
"""
DROP_PARTITION = """
CREATE FUNCTION wages.drop_partition(wanted integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM wages.load WHERE id = wanted AND status = 'visible') THEN
        RAISE EXCEPTION 'A visible load is not dropped.' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('DROP TABLE wages.%I', 'wage_record_' || wanted);
END $$;
"""
ANALYZE = """
CREATE FUNCTION wages.analyze_employers() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- what loads are told apart and joined by; of every column it would take three times as long, with every load
    ANALYZE wages.unit (load_id, unit_id, uin, run), wages.establishment (load_id, uin, run, meei);
END $$;
"""
# County 995: several counties (the dominant one holds less than all of the employment); 999: no establishment record.
# Ownership X: none known.
EMPLOYER_QUARTER = """
CREATE VIEW wages.employer_quarter AS
SELECT unit_id, load_id, state, quarter, uin, run, ein,
       CASE WHEN ein = '000000000' THEN state || uin ELSE ein END AS enterprise,
       state || CASE WHEN county IS NULL THEN '999'
                     WHEN place_source = 'dominant' AND county_share < 1 THEN '995'
                     ELSE county END AS area,
       naics, coalesce(ownership, 'X') AS ownership, persons, jobs, wages, largest_wages, second_wages
FROM wages.unit;
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0006_quality_and_published")]

    operations = [
        migrations.RunSQL(EMPTY),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(TABLE)],
            [
                migrations.DeleteModel("WageRecord"),
                migrations.CreateModel(
                    name="WageRecord",
                    fields=[
                        ("pk", models.CompositePrimaryKey("person_id", "unit_id", blank=True, editable=False, primary_key=True, serialize=False)),
                        ("person_id", models.IntegerField()),
                        ("unit_id", models.IntegerField()),
                        ("wages", models.IntegerField()),
                        ("hours", models.SmallIntegerField(null=True)),
                        ("weeks", models.SmallIntegerField(null=True)),
                    ],
                    options={"db_table": '"wages"."wage_record"', "managed": False},
                ),
            ],
        ),
        migrations.AddField("load", "file_bytes", models.BigIntegerField(default=0)),
        migrations.AddField("load", "first_unit", models.IntegerField(null=True)),
        migrations.AddField("load", "last_unit", models.IntegerField(null=True)),
        migrations.AlterField("load", "id", models.IntegerField(primary_key=True, serialize=False)),
        migrations.AlterField("load", "status", models.CharField(choices=STATUSES, max_length=10)),
        migrations.AlterField("holding", "status", models.CharField(choices=STATUSES, max_length=10)),
        # a load writes its number itself; looking it up for every row took as long as the rows at the commit
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(WITHOUT_LOOKING_UP)],
            [
                migrations.AlterField(name, "load", models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to="matching.load"))
                for name in ("unit", "establishment")
            ],
        ),
        migrations.AddField("unit", "persons", models.IntegerField(default=None), preserve_default=False),
        migrations.AddField("unit", "jobs", models.IntegerField(default=None), preserve_default=False),
        migrations.AddField("unit", "wages", models.BigIntegerField(default=None), preserve_default=False),
        migrations.AddField("unit", "largest_wages", models.BigIntegerField(default=None), preserve_default=False),
        migrations.AddField("unit", "second_wages", models.BigIntegerField(null=True)),
        migrations.DeleteModel("EmployerQuarter"),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(EMPLOYER_QUARTER)],
            [
                migrations.CreateModel(
                    name="EmployerQuarter",
                    fields=[
                        ("unit_id", models.IntegerField(primary_key=True, serialize=False)),
                        ("state", models.CharField(max_length=2)),
                        ("quarter", models.IntegerField()),
                        ("uin", models.CharField(max_length=10)),
                        ("run", models.CharField(max_length=5)),
                        ("ein", models.CharField(max_length=9)),
                        ("enterprise", models.CharField(max_length=12)),
                        ("area", models.CharField(max_length=5)),
                        ("naics", models.CharField(max_length=6)),
                        ("ownership", models.CharField(max_length=1)),
                        ("persons", models.IntegerField()),
                        ("jobs", models.IntegerField()),
                        ("wages", models.BigIntegerField()),
                        ("largest_wages", models.BigIntegerField()),
                        ("second_wages", models.BigIntegerField(null=True)),
                        ("load", models.ForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, to="matching.load")),
                    ],
                    options={"db_table": '"wages"."employer_quarter"', "managed": False},
                ),
            ],
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("records", "Records sorted by person"), ("person_rows", "First row of each person"), ("units", "Units as text"), ("vault", "Tokens and persons"), ("vault_starts", "Where tokens begin")], max_length=12)),
                ("key_version", models.SmallIntegerField(null=True)),
                ("first_person", models.IntegerField(null=True)),
                ("last_person", models.IntegerField(null=True)),
                ("rows", models.BigIntegerField()),
                ("bytes", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("load", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="matching.load")),
            ],
            options={
                "db_table": '"wages"."segment"',
                "constraints": [
                    models.UniqueConstraint(fields=("load", "kind"), name="segment_once_a_load"),
                    models.UniqueConstraint(fields=("key_version", "first_person", "kind"), name="segment_once_a_vault_range"),
                ],
            },
        ),
        migrations.RunSQL(MAKE_PARTITION, "DROP FUNCTION wages.make_partition(integer, integer, integer)"),
        migrations.RunSQL(DROP_PARTITION, "DROP FUNCTION wages.drop_partition(integer)"),
        migrations.RunSQL(ANALYZE, "DROP FUNCTION wages.analyze_employers()"),
    ]
