-- Records of the cohort's persons in one quarter. The cohort comes sorted by person, as the records lie; the caller
-- forces the index nested loop (measured 2.5 times faster than the planner's hash join at a million persons).
SELECT c.cohort_row, r.person_id, r.unit_id, r.wages, coalesce(r.hours, -1::smallint) AS hours,
       coalesce(r.weeks, -1::smallint) AS weeks
FROM cohort_person c
JOIN wages.wage_record r ON r.person_id = c.person_id
WHERE r.quarter = %(quarter)s AND r.load_id = ANY(%(loads)s)
