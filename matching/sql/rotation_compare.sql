-- The two tokens of each person of one range of numbers. Both sides are told the range: the planner carries an equality
-- over to the other side of a join, and not a range.
SELECT p.person_id, p.token, n.token AS next_token
FROM vault.person p
JOIN vault.person_next n ON n.person_id = p.person_id
WHERE p.person_id > %(after)s AND p.person_id <= %(up_to)s AND n.person_id > %(after)s AND n.person_id <= %(up_to)s
