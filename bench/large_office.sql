-- An office of many years: people, requests in every state, and everything that hangs on them.
--
-- Run by bench/large_office.py, statement block by statement block ("-- # What it makes"), in one session with the
-- triggers off. Sizes come from bench.people and bench.requests; chance is a hash of a number and a salt, so the same
-- sizes give the same rows. Everything is made up. The demonstration's cast is there already and is part of it.

-- # chance
CREATE FUNCTION pg_temp.chance(salt int, number bigint) RETURNS float8 IMMUTABLE LANGUAGE sql AS
$$ SELECT (hashint8extended(number, salt) & 2147483647) / 2147483648.0 $$;
CREATE FUNCTION pg_temp.pick(salt int, number bigint, among bigint) RETURNS bigint IMMUTABLE LANGUAGE sql AS
$$ SELECT least(floor(pg_temp.chance(salt, number) * among), among - 1)::bigint $$;
CREATE FUNCTION pg_temp.ulid(kind text, number bigint) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT rpad('01BN' || kind, 12, '0') || lpad(number::text, 14, '0') $$;
CREATE FUNCTION pg_temp.sha(kind text, number bigint) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT md5(kind || number) || md5(number || kind) $$;

-- # agencies with their MOUs: one that ended, one in force
INSERT INTO workflow.requests_app_agency (fips, postal, state_name, name)
SELECT fips, postal, state, state || ' Labor Market Information'
FROM (VALUES
    ('01','AL','Alabama'), ('02','AK','Alaska'), ('04','AZ','Arizona'), ('05','AR','Arkansas'), ('06','CA','California'),
    ('08','CO','Colorado'), ('09','CT','Connecticut'), ('11','DC','District of Columbia'), ('12','FL','Florida'),
    ('13','GA','Georgia'), ('15','HI','Hawaii'), ('16','ID','Idaho'), ('17','IL','Illinois'), ('18','IN','Indiana'),
    ('19','IA','Iowa'), ('20','KS','Kansas'), ('21','KY','Kentucky'), ('22','LA','Louisiana'), ('23','ME','Maine'),
    ('24','MD','Maryland'), ('25','MA','Massachusetts'), ('26','MI','Michigan'), ('27','MN','Minnesota'),
    ('28','MS','Mississippi'), ('29','MO','Missouri'), ('30','MT','Montana'), ('31','NE','Nebraska'), ('32','NV','Nevada'),
    ('33','NH','New Hampshire'), ('34','NJ','New Jersey'), ('35','NM','New Mexico'), ('36','NY','New York'),
    ('37','NC','North Carolina'), ('38','ND','North Dakota'), ('39','OH','Ohio'), ('40','OK','Oklahoma'),
    ('41','OR','Oregon'), ('42','PA','Pennsylvania'), ('45','SC','South Carolina'), ('46','SD','South Dakota'),
    ('47','TN','Tennessee'), ('48','TX','Texas'), ('49','UT','Utah'), ('50','VT','Vermont'), ('51','VA','Virginia'),
    ('53','WA','Washington'), ('54','WV','West Virginia'), ('55','WI','Wisconsin'), ('56','WY','Wyoming'),
    ('72','PR','Puerto Rico'), ('78','VI','Virgin Islands')
) AS partner (fips, postal, state)
ON CONFLICT (postal) DO NOTHING;
-- Rhode Island is number 0, and has the most requests: its people's pages are the state side's longest.
CREATE TEMP TABLE partner AS
SELECT id AS agency_id, fips, state_name, name, row_number() OVER (ORDER BY postal <> 'RI', fips) - 1 AS n
FROM workflow.requests_app_agency WHERE fips IS NOT NULL;
INSERT INTO workflow.requests_app_mou (id, agency_id, effective_on, ends_on, permitted_activities, permits_wage_records,
    permits_establishment_tables, gate_place, review_business_days, consent_by_lapse, delivery_channels,
    security_provisions_attested_on, recorded_at)
SELECT pg_temp.ulid('M', 2 * n + turn), agency_id,
    current_date - CASE turn WHEN 0 THEN 3000 ELSE 900 END, current_date + CASE turn WHEN 0 THEN -901 ELSE 600 END,
    '["training_outcomes", "regional_mobility", "state_analysis"]', true, true, 'before_release', 15, n % 3 = 0,
    '["local_outbox"]', current_date - 900, now() - interval '900 days'
FROM partner, generate_series(0, 1) AS turn
WHERE NOT EXISTS (SELECT FROM workflow.requests_app_mou m WHERE m.agency_id = partner.agency_id);

-- # people: one in ten at BLS
CREATE TEMP TABLE newcomer AS
SELECT i, pg_temp.chance(1, i) < 0.1 AS at_bls, current_date - (30 + pg_temp.pick(2, i, 3000))::int AS since
FROM generate_series(1, current_setting('bench.people')::int - (SELECT count(*) FROM workflow.requests_app_person)) AS i;
INSERT INTO workflow.requests_app_person (password, is_superuser, public_id, email, name, title, employment, is_active,
    date_joined, agency_id)
SELECT '!', false, pg_temp.ulid('P', i), 'person' || i || '@office.example',
    (ARRAY['Ada','Ben','Carla','Dev','Elif','Femi','Gus','Hana','Igor','June','Kofi','Lena','Mia','Noor','Otto','Pia'])
        [1 + pg_temp.pick(3, i, 16)] || ' ' ||
    (ARRAY['Adams','Baker','Castillo','Diaz','Engel','Fox','Gupta','Huang','Ito','Jensen','Kaya','Lopez','Moreau',
        'Novak','Okafor','Perez','Quist','Rossi','Sato','Toth'])[1 + pg_temp.pick(4, i, 20)] || ' ' || i,
    'Analyst', CASE WHEN i % 40 = 0 THEN 'contractor' WHEN i % 97 = 0 THEN 'detailee' ELSE 'employee' END,
    i % 31 <> 0, since,
    CASE WHEN at_bls THEN (SELECT id FROM workflow.requests_app_agency WHERE fips IS NULL)
         ELSE (SELECT agency_id FROM partner WHERE n = i % 53) END
FROM newcomer;
CREATE TEMP TABLE person AS
SELECT p.id AS person_id, p.agency_id, p.name, newcomer.*
FROM newcomer JOIN workflow.requests_app_person p ON p.public_id = pg_temp.ulid('P', newcomer.i);

-- # memberships, some ended; recertifications of the older ones
INSERT INTO workflow.requests_app_membership (id, person_id, role, starts_on, ends_on, granted_at, granted_by_id,
    ended_at, ended_by_id)
SELECT pg_temp.ulid('R', 2 * i + turn), person_id,
    CASE WHEN at_bls THEN (ARRAY['program_analyst', 'approving_official', 'disclosure_analyst', 'release_officer',
        'data_steward', 'program_analyst', 'disclosure_analyst', 'program_analyst'])[1 + pg_temp.pick(5 + turn, i, 8)]
    ELSE (ARRAY['coordinator', 'output_reviewer', 'agent', 'agent', 'agent', 'agent', 'agent', 'agent'])
        [1 + pg_temp.pick(5, i, 8)] END,
    since, CASE WHEN turn = 1 THEN since + 20 END, since, official.id,
    CASE WHEN turn = 1 THEN since + 20 END, CASE WHEN turn = 1 THEN official.id END
FROM person, generate_series(0, 1) AS turn,
    (SELECT min(id) AS id FROM workflow.requests_app_person WHERE email LIKE 'leo.tan@%') AS official
WHERE turn = 0 OR at_bls;
INSERT INTO workflow.requests_app_recertification (membership_id, certified_at, certified_by_id)
SELECT id, now() - (100 + 365 * year || ' days')::interval, granted_by_id
FROM workflow.requests_app_membership, generate_series(0, 2) AS year
WHERE granted_by_id IS NOT NULL AND starts_on < current_date - (100 + 365 * year) AND hashtext(id) % 10 <> 0;

-- # agreements, a training every year, Section II.G
INSERT INTO workflow.requests_app_agentagreement (id, person_id, text_version, text_sha256, nominated_at,
    nominated_by_id, official_signed_at, official_signed_by_id, cipsea_read_at, signed_at, signed_name, filed_at,
    filed_by_id, revoked_at, revoked_by_id, revoked_why)
SELECT pg_temp.ulid('A', i), person_id, '2026-1', pg_temp.sha('text', 1), since, person_id, since, person_id, since,
    since, name, since, person_id, CASE WHEN i % 50 = 7 THEN now() END, CASE WHEN i % 50 = 7 THEN person_id END,
    CASE WHEN i % 50 = 7 THEN 'Left the project.' ELSE '' END
FROM person WHERE i % 20 <> 3;
INSERT INTO workflow.requests_app_training (id, person_id, completed_on, submitted_at, submitted_by_id, accepted_at,
    accepted_by_id)
SELECT pg_temp.ulid('T', 10 * i + year), person_id, current_date - 365 * year - (i % 330)::int,
    now() - (365 * year || ' days')::interval, person_id, now() - (365 * year || ' days')::interval, person_id
FROM person, generate_series(CASE WHEN i % 17 = 5 THEN 1 ELSE 0 END, 4) AS year;
INSERT INTO workflow.requests_app_moucoordinator (id, mou_id, person_id, listed_from, fallback_name, fallback_email,
    fallback_phone, added_at)
SELECT pg_temp.ulid('C', i), mou.id, person_id, mou.effective_on, 'Front desk', 'desk@office.example', '', now()
FROM person JOIN workflow.requests_app_membership held USING (person_id)
    JOIN workflow.requests_app_mou mou ON mou.agency_id = person.agency_id AND mou.ends_on >= current_date
WHERE held.role = 'coordinator' AND held.ends_on IS NULL;
INSERT INTO workflow.requests_app_separation (id, person_id, last_day, why, notified_at, notified_by_id)
SELECT pg_temp.ulid('S', i), person_id, current_date - 10, 'left', now(), person_id FROM person WHERE i % 60 = 11;
INSERT INTO workflow.requests_app_prereleaselisting (id, person_id, listed_from, certified_on, added_at, added_by_id)
SELECT pg_temp.ulid('L', i), person_id, since, current_date - 90, since, person_id FROM person WHERE at_bls;

-- # statements of assurance and contacts
INSERT INTO workflow.requests_app_document (id, name, content, bytes, sha256, uploaded_at)
SELECT pg_temp.ulid('D', 10 * n + year), 'statement.pdf', '%PDF-1.7', 8, pg_temp.sha('doc', 10 * n + year), now()
FROM partner, generate_series(0, 4) AS year;
INSERT INTO workflow.requests_app_statementofassurance (id, agency_id, year, signed_by, signed_on, document_id,
    recorded_at, recorded_by_id)
SELECT pg_temp.ulid('Y', 10 * n + year), agency_id, extract(year FROM current_date) - year, 'Director',
    current_date - 365 * year - 30, pg_temp.ulid('D', 10 * n + year), now(),
    (SELECT min(id) FROM workflow.requests_app_person WHERE email LIKE 'leo.tan@%')
FROM partner, generate_series(0, 4) AS year;
INSERT INTO workflow.requests_app_agencycontact (id, agency_id, purpose, name, email, phone, added_at)
SELECT pg_temp.ulid('K', 2 * n + turn), agency_id, (ARRAY['incident', 'legal_demand'])[1 + turn], 'Contact ' || n,
    'contact' || n || '@office.example', '555-0100', now()
FROM partner, generate_series(0, 1) AS turn;

-- # the plan of the requests: ten years, the newest 6 % on their way
CREATE TEMP TABLE share AS
SELECT kind, on_its_way, state,
    (sum(weight) OVER part - weight)::float8 / sum(weight) OVER whole AS low,
    (sum(weight) OVER part)::float8 / sum(weight) OVER whole AS high
FROM (VALUES
    ('any', false, 'closed', 60), ('any', false, 'withdrawn', 10), ('any', false, 'denied', 8),
    ('any', false, 'denied_for_good', 3), ('any', false, 'expired', 5), ('micro', false, 'in_use', 8),
    ('micro', false, 'destruction_due', 2), ('micro', false, 'destruction_confirmed', 1),
    ('any', true, 'draft', 20), ('any', true, 'submitted', 8), ('any', true, 'in_review', 12),
    ('any', true, 'returned', 8), ('any', true, 'recommended', 6), ('any', true, 'approved', 1),
    ('any', true, 'appealed', 2), ('any', true, 'building', 1), ('any', true, 'failed', 1),
    ('cohort', true, 'awaiting_cohort', 10), ('cohort', true, 'matching', 1),
    ('tables', true, 'disclosure_review', 10), ('tables', true, 'partner_review', 10),
    ('any', true, 'ready_for_release', 3), ('any', true, 'released', 7), ('tables', true, 'sharing_review', 2),
    ('tables', true, 'cleared_to_share', 2), ('micro', true, 'in_use', 8), ('micro', true, 'destruction_due', 3)
) AS wish (which, on_its_way, state, weight)
JOIN (VALUES ('macro', 'any'), ('macro', 'tables'), ('micro_to_macro', 'any'), ('micro_to_macro', 'cohort'),
    ('micro_to_macro', 'tables'), ('micro', 'any'), ('micro', 'cohort'), ('micro', 'micro')) AS of_kind (kind, which)
    USING (which)
WINDOW part AS (PARTITION BY kind, on_its_way ORDER BY state), whole AS (PARTITION BY kind, on_its_way);
CREATE TEMP TABLE holder AS
SELECT role, p.id AS person_id, p.agency_id, p.name,
    row_number() OVER who - 1 AS n, count(*) OVER (PARTITION BY role, p.agency_id) AS among
FROM workflow.requests_app_membership m JOIN workflow.requests_app_person p ON p.id = m.person_id
WHERE m.ends_on IS NULL
WINDOW who AS (PARTITION BY role, p.agency_id ORDER BY p.id);
CREATE TEMP TABLE plan AS
SELECT i, kind, share.state, made.agency_id, coordinator.person_id AS coordinator_id, coordinator.name AS coordinator,
    partner.name AS agency, created_at, on_its_way,
    created_at + (now() - created_at) * CASE WHEN on_its_way THEN 0.6 ELSE 0.1 END AS state_since,
    share.state IN ('disclosure_review', 'partner_review', 'ready_for_release', 'released', 'sharing_review',
        'cleared_to_share', 'in_use', 'destruction_due', 'destruction_confirmed', 'closed') AS is_built,
    share.state IN ('released', 'sharing_review', 'cleared_to_share', 'in_use', 'destruction_due',
        'destruction_confirmed', 'closed') AS is_released
FROM (
    SELECT i, i > 0.94 * total AS on_its_way,
        now() - interval '3650 days' * (1 - i::float8 / total) ^ 0.7 - interval '1 hour' AS created_at,
        (ARRAY['macro', 'macro', 'micro_to_macro', 'micro'])[1 + pg_temp.pick(11, i, 4)] AS kind,
        partner.agency_id
    FROM (SELECT current_setting('bench.requests')::int AS total) AS wanted, generate_series(1, total) AS i,
        LATERAL (SELECT agency_id FROM partner WHERE n = floor(53 * pg_temp.chance(12, i) ^ 2)) AS partner
) AS made
JOIN share USING (kind, on_its_way)
JOIN partner USING (agency_id)
JOIN holder AS coordinator ON coordinator.role = 'coordinator' AND coordinator.agency_id = made.agency_id
    AND coordinator.n = pg_temp.pick(13, i, coordinator.among)
WHERE pg_temp.chance(14, i) >= low AND pg_temp.chance(14, i) < high;
CREATE INDEX ON plan (i);
ANALYZE plan;

-- # requests
INSERT INTO workflow.requests_app_datarequest (id, number, kind, title, state, suspended_reason, created_at,
    state_since, agency_id, coordinator_id)
SELECT i, 'WR-' || to_char(created_at, 'YYYY') || '-' || lpad(i::text, 6, '0'),
    CASE WHEN state = 'draft' AND i % 5 = 0 THEN '' ELSE kind END,
    CASE WHEN state = 'draft' AND i % 7 = 0 THEN '' ELSE
        (ARRAY['Employment', 'Wages', 'Mobility', 'Job tenure', 'Retention', 'Earnings'])[1 + pg_temp.pick(21, i, 6)]
        || ' of ' ||
        (ARRAY['nurses', 'welders', 'apprentices', 'teachers', 'SNAP recipients', 'trainees', 'graduates',
            'truck drivers', 'retail workers', 'veterans'])[1 + pg_temp.pick(22, i, 10)]
        || ' ' ||
        (ARRAY['after training', 'across state borders', 'before and after 2020', 'by industry', 'in rural counties',
            'in the first two years', 'by county'])[1 + pg_temp.pick(23, i, 7)] || ', study ' || i % 997 END,
    state, CASE WHEN on_its_way AND i % 90 = 0 AND state <> 'draft' THEN 'A suspected breach was reported.' ELSE '' END,
    created_at, state_since, agency_id, coordinator_id
FROM plan ORDER BY i;
SELECT setval(pg_get_serial_sequence('workflow.requests_app_datarequest', 'id'), max(i)),
    setval('workflow.request_number', max(i)) FROM plan;

-- # form sections
INSERT INTO workflow.requests_app_formsection (request_id, name, data, version, saved_at, saved_by_id)
SELECT i, section.name, section.data, 1 + i % 4, created_at + interval '1 day', coordinator_id
FROM plan, (VALUES
    ('project', 'any', '{"title": "A study", "activity": "regional_mobility", "questions": "How many find work in the neighbouring state, and how long do they keep it?", "need": "No other source follows people across state borders.", "results_use": "A report for the legislature."}'::jsonb),
    ('scope', 'any', '{"states": ["10", "44", "09"], "quarters": [20161, 20162, 20163, 20164]}'),
    ('security', 'any', '{"kept_where": "An encrypted server inside the agency.", "destruction_on": "2030-01-31", "destruction_method": "purge"}'),
    ('certify', 'any', '{"certifications": ["statistical_use", "no_hr_decisions", "no_sanctions"]}'),
    ('cohorts', 'cohort', '{"cohorts": [{"name": "Trainees", "reference_quarter": 20161}], "cohort_source": "The training provider''s roster.", "authority": "State workforce act, section 12.", "expected_size": 500}'),
    ('tables', 'tables', '{"design": {"source": "wage_records", "dimensions": ["area", "industry"], "area_level": "county", "industry_level": 3, "industries": ["44", "45"], "measures": ["jobs", "wages", "mean_wages"]}}')
) AS section (name, which, data)
WHERE (which = 'any' OR which = 'cohort' AND kind <> 'macro' OR which = 'tables' AND kind <> 'micro')
    AND (state <> 'draft' OR pg_temp.chance(25, i) < 0.5);
INSERT INTO workflow.requests_app_formsection (request_id, name, data, version, saved_at, saved_by_id)
SELECT i, 'package', jsonb_build_object('kind', kind), 1, created_at + interval '1 day', coordinator_id
FROM plan WHERE state <> 'draft';

-- # decisions: as many steps as the state has behind it
CREATE TEMP TABLE step AS
SELECT * FROM (VALUES
    (1, 'submit', 'draft', 'submitted', 'coordinator'), (2, 'start_review', 'submitted', 'in_review', 'program_analyst'),
    (3, 'answer_viability', 'in_review', 'in_review', 'program_analyst'),
    (4, 'recommend', 'in_review', 'recommended', 'program_analyst'),
    (5, 'approve', 'recommended', 'approved', 'approving_official'),
    (6, 'begin_building', 'approved', 'building', ''), (7, 'finish_tables', 'building', 'disclosure_review', ''),
    (8, 'send_to_partners', 'disclosure_review', 'partner_review', 'disclosure_analyst'),
    (9, 'release', 'ready_for_release', 'released', 'release_officer'),
    (10, 'close', 'released', 'closed', 'coordinator')
) AS s (place, transition, from_state, to_state, role);
INSERT INTO workflow.requests_app_decision (request_id, transition, from_state, to_state, reason, facts, decided_at,
    decided_by_id)
SELECT i, transition, from_state, to_state, CASE WHEN step.role = 'program_analyst' THEN 'Sound, and within the MOU.' ELSE '' END,
    CASE transition WHEN 'answer_viability' THEN '{"enough_data": true}'::jsonb ELSE '{}' END,
    created_at + (state_since - created_at) * place / 11,
    CASE step.role WHEN '' THEN NULL WHEN 'coordinator' THEN coordinator_id ELSE decider.person_id END
FROM plan
JOIN step ON place <= CASE WHEN state = 'draft' THEN 0 WHEN state = 'submitted' THEN 1
    WHEN state IN ('in_review', 'withdrawn', 'returned') THEN 3 WHEN state = 'recommended' THEN 4
    WHEN state = 'closed' THEN 10 WHEN is_released THEN 9 WHEN is_built THEN 7 ELSE 5 END
LEFT JOIN holder AS decider ON decider.role = step.role AND step.role <> 'coordinator'
    AND decider.n = pg_temp.pick(30 + place, i, decider.among)
    AND decider.agency_id = (SELECT id FROM workflow.requests_app_agency WHERE fips IS NULL);

-- # agents, and the right that follows from being named
INSERT INTO workflow.requests_app_requestagent (request_id, person_id, may_upload, named_at, named_by_id, removed_at)
SELECT i, agent.person_id, i % 3 = 0, created_at, coordinator_id, CASE WHEN i % 11 = 0 THEN state_since END
FROM plan JOIN holder AS agent ON agent.role = 'agent' AND agent.agency_id = plan.agency_id
    AND agent.n IN (pg_temp.pick(41, i, agent.among), CASE WHEN i % 4 = 0 THEN 0 END);
INSERT INTO workflow.requests_app_datarequestuserobjectpermission (content_object_id, user_id, permission_id)
SELECT request_id, person_id, permission.id
FROM workflow.requests_app_requestagent, (SELECT id FROM workflow.auth_permission WHERE codename = 'work_on') AS permission
WHERE removed_at IS NULL;

-- # sealed files and packages
INSERT INTO workflow.requests_app_sealedfile (id, request_id, kind, name, wrapped_key, locked, plain_bytes,
    sealed_sha256, created_at)
SELECT pg_temp.ulid('F', 10 * i + place), i, file.kind, file.kind, '\x00', place <> 4, 100000, pg_temp.sha('file', 10 * i + place),
    state_since
FROM plan, (VALUES (1, 'package'), (2, 'tables'), (3, 'workbench'), (4, 'cohort')) AS file (place, kind)
WHERE is_built AND (place = 1 OR place IN (2, 3) AND plan.kind <> 'micro' OR place = 4 AND plan.kind <> 'macro');
INSERT INTO workflow.requests_app_package (id, request_id, version, sha256, record_sha256, file_id, tables_id,
    workbench_id, states_searched, states_found, rows, cells, withheld, audit_is_clean, built_at)
SELECT pg_temp.ulid('Q', i), i, 1, pg_temp.sha('package', i), '', pg_temp.ulid('F', 10 * i + 1),
    CASE WHEN kind <> 'micro' THEN pg_temp.ulid('F', 10 * i + 2) END,
    CASE WHEN kind <> 'micro' THEN pg_temp.ulid('F', 10 * i + 3) END,
    '["10", "44", "09"]', '["10", "09"]', 1000, 400, 60, true, state_since
FROM plan WHERE is_built;
INSERT INTO workflow.requests_app_signoff (package_id, package_sha256, person_id, notes, signed_at)
SELECT pg_temp.ulid('Q', i), pg_temp.sha('package', i), analyst.person_id, '', state_since
FROM plan JOIN holder AS analyst ON analyst.role = 'disclosure_analyst'
    AND analyst.n = pg_temp.pick(51, i, analyst.among)
WHERE is_built AND kind <> 'micro' AND (state <> 'disclosure_review' OR i % 2 = 0);
INSERT INTO workflow.requests_app_partnerreview (id, package_id, request_id, package_sha256, agency_id, due_on, asked_at,
    due_since, verdict, reason, withdrawn_why, cells, answered_at, answered_by_id)
SELECT pg_temp.ulid('V', 100 * i + partner.n), pg_temp.ulid('Q', i), i, pg_temp.sha('package', i), partner.agency_id,
    state_since::date + 21, state_since, state_since, answer.verdict, '', '', '[]',
    CASE WHEN answer.verdict <> '' THEN state_since + interval '5 days' END, reviewer.person_id
FROM plan
JOIN partner ON partner.agency_id <> plan.agency_id
    AND (partner.n < 3 OR partner.n = pg_temp.pick(61, i, 53))
CROSS JOIN LATERAL (SELECT CASE WHEN state NOT IN ('partner_review', 'sharing_review') THEN 'no_objection'
    WHEN pg_temp.chance(62, 100 * i + partner.n) < 0.5 THEN '' WHEN i % 9 = 0 THEN 'objection' ELSE 'no_objection' END
    AS verdict) AS answer
LEFT JOIN holder AS reviewer ON reviewer.role = 'output_reviewer' AND reviewer.agency_id = partner.agency_id
    AND reviewer.n = 0 AND answer.verdict <> ''
WHERE is_built AND kind <> 'micro' AND state <> 'disclosure_review';

-- # deliveries and destruction
INSERT INTO workflow.requests_app_delivery (id, package_id, channel, status, attempts, receipt, progress,
    recall_reason, created_at, not_before, delivered_at)
SELECT pg_temp.ulid('E', i), pg_temp.ulid('Q', i), 'local_outbox', 'delivered', 1, '{}', '{}', '', state_since,
    state_since, state_since
FROM plan WHERE is_released;
INSERT INTO workflow.requests_app_destruction (request_id, package_id, due_on, due_since, confirmed_at, confirmed_by_id)
SELECT i, pg_temp.ulid('Q', i), state_since::date + 700, state_since, CASE WHEN done THEN state_since END,
    CASE WHEN done THEN coordinator_id END
FROM plan, LATERAL (SELECT state IN ('destruction_confirmed', 'closed') AS done) AS duty
WHERE is_released AND kind = 'micro';
INSERT INTO workflow.requests_app_destructionstatement (destruction_id, method, technique, what, copies, backups, verified,
    destroyed_on, destroyed_by, confirmed_at, confirmed_by_id)
SELECT id, 'purge', '', 'Every copy.', 2, 'None.', '', confirmed_at::date, '', confirmed_at, confirmed_by_id
FROM workflow.requests_app_destruction WHERE confirmed_at IS NOT NULL;

-- # cohort files, jobs, match counts
INSERT INTO workflow.matching_cohortfile (id, request_id, cohort, quarter, file_id, state, policy, rows, excluded, problems,
    uploaded_at, uploaded_by_id, checked_at)
SELECT pg_temp.ulid('H', i), i, 'Trainees', 20161, pg_temp.ulid('F', 10 * i + 4), 'accepted', 'strict', 500, 0, '[]',
    created_at, coordinator_id, created_at
FROM plan WHERE is_built AND kind <> 'macro';
INSERT INTO workflow.requests_app_job (id, kind, request_id, subject, input_hash, state, attempt, progress_done,
    progress_known, progress_words, error, created_at, started_at, finished_at)
SELECT pg_temp.ulid('J', i), CASE WHEN state = 'matching' THEN 'match' WHEN kind = 'micro' THEN 'build_micro' ELSE 'build_tables' END,
    i, '', pg_temp.sha('job', i),
    CASE WHEN state = 'failed' THEN 'failed' WHEN state IN ('matching', 'building') THEN 'running' ELSE 'done' END,
    1, 400, 500, 'Working', '', state_since, state_since,
    CASE WHEN state NOT IN ('matching', 'building') THEN state_since END
FROM plan WHERE is_built OR state IN ('matching', 'building', 'failed');
INSERT INTO summaries.match_count (request_number, cohort, quarter, state, persons_sent, persons_found, records)
SELECT number, 'Trainees', 20161, fips, 500, 300, 900
FROM plan JOIN workflow.requests_app_datarequest r ON r.id = i, (VALUES ('10'), ('44'), ('09')) AS searched (fips)
WHERE is_built AND plan.kind <> 'macro';

-- # incidents and suspensions
INSERT INTO workflow.requests_app_incident (id, kind, request_id, what_is_known, reported_at, reported_by_id, report_due_at,
    evidence_due_at, outcome)
SELECT pg_temp.ulid('I', i), 'breach', i, 'A laptop was lost.', state_since, coordinator_id,
    state_since + interval '3 days', state_since + interval '5 days', ''
FROM plan WHERE i % 90 = 0 AND state <> 'draft';
INSERT INTO workflow.requests_app_suspension (id, request_id, cause, reason, incident_id, suspended_at, suspended_by_id,
    lifted_at, lifted_by_id, lifted_why)
SELECT pg_temp.ulid('U', i), i, 'incident', 'A suspected breach was reported.', pg_temp.ulid('I', i), state_since,
    coordinator_id, CASE WHEN NOT on_its_way THEN now() END, CASE WHEN NOT on_its_way THEN coordinator_id END,
    CASE WHEN on_its_way THEN '' ELSE 'The laptop was encrypted.' END
FROM plan WHERE i % 90 = 0 AND state <> 'draft';

-- # claims: every other review and decision has its person
INSERT INTO workflow.requests_app_claim (id, request_id, role, person_id, note, claimed_at, claimed_by_id)
SELECT pg_temp.ulid('C', i), i, part.role, who.person_id, '', state_since, who.person_id
FROM plan JOIN (VALUES ('submitted', 'program_analyst'), ('in_review', 'program_analyst'),
    ('recommended', 'approving_official'), ('appealed', 'approving_official')) AS part (state, role) USING (state)
JOIN holder AS who ON who.role = part.role AND who.n = pg_temp.pick(72, i, who.among)
WHERE i % 2 = 0;

-- # questions: one of BLS about every third request, most of them settled; some of the open ones wait for BLS
INSERT INTO workflow.requests_app_question (id, request_id, section, text, asked_of, waits_for, waits_since, due_on,
    asked_at, asked_by_id, settled_at, settled_by_id)
SELECT pg_temp.ulid('N', i), i, 'scope', 'Which quarters do you need, and why?', 'state',
    CASE WHEN i % 2 = 0 THEN 'bls' ELSE 'state' END, state_since, state_since::date + 7, state_since, analyst.person_id,
    CASE WHEN NOT on_its_way THEN state_since END, CASE WHEN NOT on_its_way THEN analyst.person_id END
FROM plan JOIN holder AS analyst ON analyst.role = 'program_analyst' AND analyst.n = pg_temp.pick(73, i, analyst.among)
WHERE i % 3 = 0 AND state <> 'draft';

-- # notices: two for the coordinator, one for an analyst
INSERT INTO workflow.requests_app_notice (person_id, to_mailbox, request_id, path, kind, text, created_at, read_at,
    is_mailed, is_daily, emailed_at, attempts, last_error, not_before)
SELECT CASE turn WHEN 3 THEN analyst.person_id ELSE coordinator_id END, false, i, '', 'news', 'The request moved on.',
    created_at + turn * interval '2 days', CASE WHEN i % 2 = 0 THEN state_since END, true, false, created_at, 1, '',
    created_at
FROM plan JOIN holder AS analyst ON analyst.role = 'program_analyst' AND analyst.n = pg_temp.pick(71, i, analyst.among),
    generate_series(1, 3) AS turn;

-- # events: ten for each request, in the order of time; the chain's hashes do not hold here
INSERT INTO events.event (seq, occurred_at, kind, outcome, actor_id, actor, process, request_number, subject, detail,
    previous_hash, hash)
SELECT (SELECT max(seq) FROM events.event) + row_number() OVER (ORDER BY occurred_at, i, turn), occurred_at, kind,
    CASE WHEN pg_temp.chance(81, 10 * i + turn) < 0.01 THEN 'refused' ELSE 'done' END, coordinator_id,
    coordinator || ' (Project Coordinator), ' || agency, 'web', number,
    CASE kind WHEN 'request.save_section' THEN 'project' ELSE '' END, '{"reason": ""}',
    pg_temp.sha('event', 10 * i + turn - 1), pg_temp.sha('event', 10 * i + turn)
FROM (
    SELECT i, turn, coordinator_id, coordinator, agency,
        'WR-' || to_char(created_at, 'YYYY') || '-' || lpad(i::text, 6, '0') AS number,
        created_at + (now() - created_at) * (turn - 1) / 30 AS occurred_at,
        CASE WHEN turn = 1 THEN 'request.start_draft' WHEN turn < 6 OR state = 'draft' THEN 'request.save_section'
            ELSE (ARRAY['request.submit', 'request.start_review', 'person.sign_in', 'request.recommend',
                'request.approve'])[turn - 5] END AS kind
    FROM plan, generate_series(1, 10) AS turn
) AS happened;
