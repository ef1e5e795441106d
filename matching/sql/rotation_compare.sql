-- The two tokens of each person of one range of numbers.
SELECT person_id, p.token, n.token AS next_token
FROM vault.person p
JOIN vault.person_next n USING (person_id)
WHERE person_id > %(after)s AND person_id <= %(up_to)s
