-- Persons that came after their range was rewritten, or that a load brought in later than higher numbers.
SELECT p.person_id, p.token
FROM vault.person p
WHERE NOT EXISTS (SELECT FROM vault.person_next n WHERE n.person_id = p.person_id)
