-- Counts of a load of wage records that follow from its units. Several: the account's largest county holds less than all.
SELECT count(DISTINCT uin) AS accounts, count(*) AS units,
       coalesce(sum(jobs) FILTER (WHERE run = '00000'), 0) AS without_unit,
       coalesce(sum(jobs) FILTER (WHERE ein = '000000000'), 0) AS without_ein,
       coalesce(sum(jobs) FILTER (WHERE place_source = 'unit'), 0) AS unit,
       coalesce(sum(jobs) FILTER (WHERE place_source = 'single'), 0) AS single,
       coalesce(sum(jobs) FILTER (WHERE place_source = 'dominant' AND county_share >= 1), 0) AS dominant,
       coalesce(sum(jobs) FILTER (WHERE place_source = 'dominant' AND county_share < 1), 0) AS several,
       coalesce(sum(jobs) FILTER (WHERE place_source = 'none'), 0) AS none
FROM wages.unit
WHERE load_id = %(load)s
