-- Persons of one range of numbers, with their tokens under the version in use.
SELECT person_id, token
FROM vault.person
WHERE person_id > %(after)s AND person_id <= %(up_to)s
