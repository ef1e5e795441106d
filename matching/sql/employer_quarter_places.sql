-- Place and industry of the kept sums follow their unit. County 995: several counties (the dominant one holds less
-- than all of the employment); 999: no establishment record. Ownership X: none known.
UPDATE wages.employer_quarter e
SET area = u.state || CASE WHEN u.county IS NULL THEN '999'
                           WHEN u.place_source = 'dominant' AND u.county_share < 1 THEN '995'
                           ELSE u.county END,
    naics = u.naics,
    ownership = coalesce(u.ownership, 'X')
FROM wages.unit u
WHERE e.unit_id = u.unit_id AND e.load_id = %(records)s;
