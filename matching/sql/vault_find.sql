-- The person of each token that the vault knows; place is the token's position in the batch.
SELECT b.place, p.person_id
FROM batch_token b
JOIN vault.person p USING (token);
