-- Text of a load's units, in the order of their numbers.
SELECT uin, run, ein, naics AS dominant_naics, area, ownership, enterprise
FROM wages.employer_quarter
WHERE unit_id BETWEEN %(first)s AND %(last)s
ORDER BY unit_id
