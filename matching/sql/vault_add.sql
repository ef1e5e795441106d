-- Persons not yet in the vault get a number. The anti join keeps known tokens from using up numbers; ON CONFLICT is
-- for a token that another load adds at the same moment.
INSERT INTO vault.person (token, key_version)
SELECT b.token, %(key_version)s
FROM batch_token b
WHERE NOT EXISTS (SELECT FROM vault.person p WHERE p.token = b.token)
ORDER BY b.place
ON CONFLICT (token) DO NOTHING;
