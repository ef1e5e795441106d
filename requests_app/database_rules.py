"""What PostgreSQL itself refuses: rights by schema and role, illegal moves, changes to the event log.

Plain SQL, applied as the owner after every migrate and safe to repeat. The table of rights is security.md's; a test
tries every right on every table as each role. Not pgtrigger: any session can switch its guards off.
"""

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from requests_app.states import allowed_moves

SCHEMAS = ("workflow", "events", "summaries", "wages", "vault", "ledger")
ROLES = ("wr_web", "wr_worker", "wr_loader")
READ_WRITE = "SELECT, INSERT, UPDATE, DELETE"
RIGHTS: dict[str, dict[str, str]] = {
    "workflow": {"wr_web": READ_WRITE, "wr_worker": READ_WRITE},
    "events": {"wr_web": "SELECT, INSERT", "wr_worker": "SELECT, INSERT", "wr_loader": "INSERT"},
    "summaries": {"wr_web": "SELECT", "wr_worker": READ_WRITE, "wr_loader": READ_WRITE},
    "wages": {"wr_worker": "SELECT", "wr_loader": READ_WRITE},
    "vault": {"wr_worker": "SELECT", "wr_loader": "SELECT, INSERT, UPDATE"},
    "ledger": {"wr_worker": READ_WRITE},
}

# The events' chain: one writer at a time from here to commit, so services record their event last.
EVENT_CHAIN = """
CREATE OR REPLACE FUNCTION events.chain_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE last record;
BEGIN
    PERFORM pg_advisory_xact_lock(7263001);
    SELECT seq, hash INTO last FROM events.event ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(last.seq, 0) + 1;
    NEW.previous_hash := coalesce(last.hash, repeat('0', 64));
    IF session_user IN ('wr_web', 'wr_worker', 'wr_loader') AND NEW.process IS DISTINCT FROM substr(session_user, 4)
       AND (session_user, NEW.process) IS DISTINCT FROM ('wr_web', 'scheduler') THEN
        RAISE EXCEPTION 'An event says which process recorded it.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.hash := events.event_hash(NEW);
    RETURN NEW;
END $$;
"""
EVENT_HASH = """
CREATE OR REPLACE FUNCTION events.event_hash(e events.event) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\\x1f',
        e.previous_hash, e.seq, to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        e.kind, e.outcome, coalesce(e.actor_id::text, ''), e.actor, e.process, e.request_number, e.subject,
        e.detail::text), 'UTF8')), 'hex')
$$;
"""
EVENTS_ARE_FINAL = """
CREATE OR REPLACE FUNCTION events.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'Events are never changed or removed.' USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE OR REPLACE TRIGGER event_is_chained BEFORE INSERT ON events.event
    FOR EACH ROW EXECUTE FUNCTION events.chain_event();
CREATE OR REPLACE TRIGGER event_is_final BEFORE UPDATE OR DELETE ON events.event
    FOR EACH ROW EXECUTE FUNCTION events.refuse_change();
CREATE OR REPLACE TRIGGER events_are_kept BEFORE TRUNCATE ON events.event
    FOR EACH STATEMENT EXECUTE FUNCTION events.refuse_change();
"""


def transition_trigger() -> str:
    """The trigger that refuses a move the transition table does not hold, and a request that starts elsewhere."""
    moves = ",\n        ".join(f"('{kind}', '{source}', '{target}')" for kind, source, target in allowed_moves())
    return f"""
CREATE OR REPLACE FUNCTION workflow.refuse_illegal_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'A request starts as a draft.' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND (NEW.kind, OLD.state, NEW.state) NOT IN (VALUES
        {moves})
       AND NOT (NEW.kind = '' AND OLD.state = 'draft' AND NEW.state = 'withdrawn') THEN
        RAISE EXCEPTION 'A % request cannot move from % to %.', NEW.kind, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.agency_id <> OLD.agency_id OR NEW.number <> OLD.number THEN
        RAISE EXCEPTION 'A request keeps its number and its agency.' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind <> OLD.kind AND OLD.state NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'The kind of a submitted request is fixed.' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER request_moves_by_the_table BEFORE INSERT OR UPDATE ON workflow.requests_app_datarequest
    FOR EACH ROW EXECUTE FUNCTION workflow.refuse_illegal_move();
"""


DECISIONS_ARE_FINAL = """
CREATE OR REPLACE FUNCTION workflow.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'What was decided or signed is kept as it is.' USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE OR REPLACE TRIGGER decision_is_final BEFORE UPDATE OR DELETE ON workflow.requests_app_decision
    FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
CREATE OR REPLACE TRIGGER section_version_is_final BEFORE UPDATE OR DELETE ON workflow.requests_app_sectionversion
    FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
CREATE OR REPLACE TRIGGER signed_form_is_final BEFORE UPDATE OR DELETE ON workflow.requests_app_signedform
    FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
CREATE OR REPLACE TRIGGER sign_off_is_final BEFORE UPDATE OR DELETE ON workflow.requests_app_signoff
    FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
CREATE OR REPLACE FUNCTION workflow.keep_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE withdrawal text[] := ARRAY['withdrawn_at', 'withdrawn_by_id', 'withdrawn_why'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND to_jsonb(NEW) - withdrawal = to_jsonb(OLD) - withdrawal THEN
        RETURN NEW;  -- an objection may be withdrawn, once
    END IF;
    RAISE EXCEPTION 'What was decided or signed is kept as it is.' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE OR REPLACE TRIGGER answer_is_final BEFORE UPDATE OR DELETE ON workflow.requests_app_partnerreview
    FOR EACH ROW WHEN (OLD.verdict <> '') EXECUTE FUNCTION workflow.keep_answer();
CREATE OR REPLACE TRIGGER output_decision_is_final BEFORE UPDATE OR DELETE ON workflow.requests_app_outputdecision
    FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
CREATE OR REPLACE TRIGGER output_answer_is_final BEFORE UPDATE OR DELETE ON workflow.requests_app_outputreview
    FOR EACH ROW WHEN (OLD.verdict <> '') EXECUTE FUNCTION workflow.keep_answer();
CREATE OR REPLACE TRIGGER extension_is_final BEFORE UPDATE OR DELETE ON workflow.requests_app_reviewextension
    FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
CREATE OR REPLACE TRIGGER message_is_final BEFORE UPDATE OR DELETE ON workflow.requests_app_reviewmessage
    FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
CREATE OR REPLACE TRIGGER package_is_final BEFORE UPDATE OR DELETE ON workflow.requests_app_package
    FOR EACH ROW EXECUTE FUNCTION workflow.refuse_change();
"""

# Reviews, releases and openings hang on a package's row, so web, which may write the workflow, may not write that.
PACKAGES_COME_FROM_WORKERS = """
CREATE OR REPLACE FUNCTION workflow.refuse_package_of_web() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF session_user = 'wr_web' THEN
        RAISE EXCEPTION 'Packages are made by workers.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER package_comes_from_a_worker BEFORE INSERT ON workflow.requests_app_package
    FOR EACH ROW EXECUTE FUNCTION workflow.refuse_package_of_web();
"""


# Records of people and partners: a row is never removed, and what was once filled in stays, but for the columns named
# (a last day that is brought forward, a date of lapse that is noted again).
KEPT: dict[str, tuple[str, ...]] = {
    "absence": (),
    "agencycontact": (),
    "agentagreement": ("ends_on",),
    "apitoken": ("last_used_at",),
    "destructionstatement": (),
    "helddata": (),
    "checklistanswer": (),
    "claim": (),
    "conflictstatement": (),
    "document": (),
    "emailedform": (),
    "finding": (),
    "incident": (),
    "incidententry": (),
    "incidentreport": (),
    "membership": ("ends_on",),
    "milestone": (),
    "mou": ("ends_on", "lapse_recorded_at", "reminded_days"),
    "moucoordinator": ("listed_until", "successor_id", "fallback_name", "fallback_email", "fallback_phone"),
    "prereleaselisting": ("listed_until", "certified_on"),
    "question": ("waits_for", "waits_since", "due_on"),
    "recertification": (),
    "reply": (),
    "replytemplate": (),
    "separation": (),
    "standingconsent": (),
    "staffnote": (),
    "statementofassurance": (),
    "suspension": (),
    "training": (),
}
KEEP = """
CREATE OR REPLACE FUNCTION workflow.keep_what_is_filled_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Records of % are kept for good.', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT was.key INTO changed FROM jsonb_each(to_jsonb(OLD)) was
        WHERE was.value NOT IN ('null', '""') AND was.key <> ALL (coalesce(TG_ARGV, '{}'))
          AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key
        LIMIT 1;
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION 'What is filled in stays: % of %.', changed, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""


def keep_triggers() -> str:
    """The triggers that hold `KEPT`."""
    return KEEP + "\n".join(
        f"CREATE OR REPLACE TRIGGER record_is_kept BEFORE UPDATE OR DELETE ON workflow.requests_app_{table} "
        f"FOR EACH ROW EXECUTE FUNCTION workflow.keep_what_is_filled_in({', '.join(map(repr, columns))});"
        for table, columns in KEPT.items()
    )


RULES = (EVENT_HASH, EVENT_CHAIN, EVENTS_ARE_FINAL, DECISIONS_ARE_FINAL, PACKAGES_COME_FROM_WORKERS, keep_triggers())


def before_migrate(app_config: AppConfig, **_kwargs: object) -> None:
    """pre_migrate receiver: the schemas exist before the first table is made."""
    if app_config.label == "requests_app":
        with connection.cursor() as cursor:
            for schema in SCHEMAS:
                cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(_id(schema)))


def after_migrate(app_config: AppConfig, **_kwargs: object) -> None:
    """post_migrate receiver: runs once, after the last app with models."""
    if app_config is [config for config in apps.get_app_configs() if config.models_module][-1]:
        call_command("createcachetable", verbosity=0)
        apply()


def apply() -> None:
    """Applies every rule; needs the owner's role."""
    with connection.cursor() as cursor:
        for statement in RULES:
            cursor.execute(statement)
        cursor.execute(transition_trigger())
        for statement in grants():
            cursor.execute(statement)


def grants() -> list[sql.Composed]:
    """The statements that give each role exactly its rights, and take away everything else."""
    statements = [sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(_database())]
    for schema in SCHEMAS:
        statements += _grants_on(schema)
    for role in ROLES:
        # who works on wage data stages tokens and records in temporary tables; web has nothing to stage
        rights = "CONNECT" if role == "wr_web" else "CONNECT, TEMPORARY"
        statements += [
            sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(_database(), _id(role)),
            sql.SQL(f"GRANT {rights} ON DATABASE {{}} TO {{}}").format(_database(), _id(role)),
        ]
    return statements


def _grants_on(schema: str) -> list[sql.Composed]:
    """Every right on `schema` is taken from the roles and from PUBLIC, then the table above is given."""
    everyone = sql.SQL(", ").join([*map(_id, ROLES), sql.SQL("PUBLIC")])
    statements = [
        sql.SQL(f"REVOKE ALL ON {what} {{}} FROM {{}}").format(_id(schema), everyone)
        for what in ("SCHEMA", "ALL TABLES IN SCHEMA", "ALL SEQUENCES IN SCHEMA", "ALL FUNCTIONS IN SCHEMA")
    ]
    for role, rights in RIGHTS[schema].items():
        statements += [
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(_id(schema), _id(role)),
            sql.SQL(f"GRANT {rights} ON ALL TABLES IN SCHEMA {{}} TO {{}}").format(_id(schema), _id(role)),
        ]
        if "INSERT" in rights:
            statements += [
                sql.SQL(f"GRANT {what} IN SCHEMA {{}} TO {{}}").format(_id(schema), _id(role))
                for what in ("USAGE ON ALL SEQUENCES", "EXECUTE ON ALL FUNCTIONS")
            ]
    return statements


def _id(name: str) -> sql.Identifier:
    return sql.Identifier(name)


def _database() -> sql.Identifier:
    return _id(str(settings.DATABASES["default"]["NAME"]))
