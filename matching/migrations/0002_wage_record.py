"""The partitioned table of wage records, and what the loader, who may not define tables, may ask the owner to do."""

from django.db import migrations

TABLE = """
CREATE TABLE wages.wage_record (
    person_id integer NOT NULL,    -- 0: a person who cannot be matched
    unit_id   integer NOT NULL,
    load_id   integer NOT NULL,
    wages     integer NOT NULL,    -- whole dollars
    quarter   smallint NOT NULL,   -- YYYYQ
    hours     smallint,
    weeks     smallint
) PARTITION BY LIST (quarter);
CREATE INDEX wage_record_person ON wages.wage_record (person_id);
CREATE INDEX wage_record_load ON wages.wage_record USING brin (load_id);
"""
MAKE_QUARTER = """
CREATE FUNCTION wages.make_quarter(wanted integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    partition text := 'wage_record_' || wanted;
    granted record;
BEGIN
    IF wanted NOT BETWEEN 19001 AND 20994 OR wanted % 10 NOT BETWEEN 1 AND 4 THEN
        RAISE EXCEPTION 'That is no quarter.' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF to_regclass('wages.' || partition) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE wages.%I PARTITION OF wages.wage_record FOR VALUES IN (%s)', partition, wanted);
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
ANALYZE_QUARTER = """
CREATE FUNCTION wages.analyze_quarter(wanted integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_regclass('wages.wage_record_' || wanted) IS NOT NULL THEN
        EXECUTE format('ANALYZE wages.%I', 'wage_record_' || wanted);
    END IF;
    ANALYZE wages.unit, wages.establishment, wages.employer_quarter, vault.person;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial")]

    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE wages.wage_record"),
        migrations.RunSQL(MAKE_QUARTER, "DROP FUNCTION wages.make_quarter(integer)"),
        migrations.RunSQL(ANALYZE_QUARTER, "DROP FUNCTION wages.analyze_quarter(integer)"),
    ]
