-- The staged records under their final unit ids, in the order of persons, which is the order of the match.
INSERT INTO wages.wage_record (person_id, unit_id, load_id, wages, quarter, hours, weeks)
SELECT s.person_id, m.unit_id, %(load)s, s.wages, %(quarter)s, nullif(s.hours, -1), nullif(s.weeks, -1)
FROM stage_record s
JOIN stage_unit m USING (unit_no)
ORDER BY s.person_id, m.unit_id, s.wages, s.hours, s.weeks;
