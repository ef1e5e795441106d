-- Counts of a load of establishments. A month is imputed where its flag is neither empty nor R (reported).
SELECT count(DISTINCT uin) FILTER (WHERE meei <> '2') AS accounts, count(*) FILTER (WHERE meei <> '2') AS units,
       coalesce(sum(month3) FILTER (WHERE meei <> '2'), 0) AS employment,
       count(*) FILTER (WHERE ein = '000000000') AS without_ein,
       coalesce(sum((month1_flag NOT IN ('', 'R'))::integer + (month2_flag NOT IN ('', 'R'))::integer
                    + (month3_flag NOT IN ('', 'R'))::integer), 0) AS imputed_months
FROM wages.establishment
WHERE load_id = %(load)s
