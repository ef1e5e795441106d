-- One line per contributing unit, from the kept sums of visible loads.
SELECT e.quarter, e.area, e.state, e.naics AS industry, e.ownership, e.enterprise, e.jobs, e.persons, e.wages
FROM wages.employer_quarter e
JOIN wages.load l ON l.id = e.load_id AND l.status = 'visible' AND l.kind = 'wage_records'
WHERE l.state = ANY(%(states)s) AND l.quarter = ANY(%(quarters)s) AND e.naics ~ %(industries)s
ORDER BY e.quarter, e.unit_id
