-- Flagged records of a load by account and unit, in the order of the load's edits; the person stays out.
SELECT f.edit, u.uin, u.run, f.wages
FROM wages.record_flag f
JOIN wages.unit u USING (unit_id)
WHERE f.load_id = %(load)s
ORDER BY f.edit, u.unit_id, f.number
