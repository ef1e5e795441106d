-- Private establishments of visible loads with the links that states report, for Business Employment Dynamics: a master
-- (MEEI 2) is never added to its units; private households (NAICS 814) are left out.
SELECT e.quarter, e.state || e.county AS area, e.state, e.naics AS industry, e.ownership,
       CASE WHEN e.ein = '000000000' THEN e.state || e.uin ELSE e.ein END AS enterprise,
       e.uin || e.run AS key,
       CASE WHEN e.predecessor_uin = '' THEN '' ELSE e.predecessor_uin || coalesce(nullif(e.predecessor_run, ''), '00000')
       END AS predecessor,
       CASE WHEN e.successor_uin = '' THEN '' ELSE e.successor_uin || coalesce(nullif(e.successor_run, ''), '00000')
       END AS successor,
       e.month3
FROM wages.establishment e
JOIN wages.load l ON l.id = e.load_id AND l.status = 'visible' AND l.kind = 'establishments'
WHERE l.state = ANY(%(states)s) AND l.quarter = ANY(%(quarters)s) AND e.meei <> '2' AND e.ownership = '5'
  AND e.naics !~ '^814'
ORDER BY e.quarter, e.state, e.uin, e.run, e.id
