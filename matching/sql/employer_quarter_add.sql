-- Kept sums per unit. Each record of a person who cannot be matched counts as a person of its own.
INSERT INTO wages.employer_quarter
    (unit_id, load_id, state, quarter, uin, run, enterprise, area, naics, ownership, persons, jobs, wages)
SELECT u.unit_id, u.load_id, u.state, u.quarter, u.uin, u.run,
       CASE WHEN u.ein = '000000000' THEN u.state || u.uin ELSE u.ein END,
       u.state || '999', u.naics, 'X', r.persons, r.jobs, r.wages
FROM wages.unit u
JOIN (
    SELECT unit_id,
           count(DISTINCT person_id) FILTER (WHERE person_id > 0) + count(*) FILTER (WHERE person_id = 0) AS persons,
           count(*) AS jobs,
           sum(wages) AS wages
    FROM wages.wage_record
    WHERE quarter = %(quarter)s AND load_id = %(records)s
    GROUP BY unit_id
) r USING (unit_id)
WHERE u.load_id = %(records)s;
