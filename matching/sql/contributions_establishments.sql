-- One line per establishment of visible loads; a master (MEEI 2) is never added to its units.
SELECT e.quarter, e.state || e.county AS area, e.state, e.naics AS industry, e.ownership,
       CASE WHEN e.ein = '000000000' THEN e.state || e.uin ELSE e.ein END AS enterprise,
       1 AS establishments, e.month1, e.month2, e.month3, e.total_wages AS wages,
       e.taxable_wages, e.contributions
FROM wages.establishment e
JOIN wages.load l ON l.id = e.load_id AND l.status = 'visible' AND l.kind = 'establishments'
WHERE l.state = ANY(%(states)s) AND l.quarter = ANY(%(quarters)s) AND e.meei <> '2' AND e.naics ~ %(industries)s
ORDER BY e.quarter, e.state, e.uin, e.run, e.id
