-- Text of the units that records were found in.
SELECT unit_id, u.state, u.uin, u.run, u.ein, u.naics AS dominant_naics, e.area, e.ownership, e.enterprise
FROM wages.unit u
JOIN wages.employer_quarter e USING (unit_id)
WHERE unit_id = ANY(%(units)s)
