-- Place of each unit's records (system definition): the reporting unit named, else the account's only unit,
-- else the account's dominant county by employment with its share.
WITH establishment AS (
    SELECT uin, run, county, ownership, month1::bigint + month2 + month3 AS person_months,
           greatest(total_wages, 0) AS total_wages
    FROM wages.establishment
    WHERE load_id = %(establishments)s AND meei <> '2'
),
-- employment by county and ownership of each account
place AS (
    SELECT uin, county, ownership, sum(person_months) AS person_months, sum(total_wages) AS total_wages,
           count(*) AS units
    FROM establishment
    GROUP BY uin, county, ownership
),
county AS (
    SELECT uin, county, sum(person_months) AS person_months, sum(total_wages) AS total_wages
    FROM place
    GROUP BY uin, county
),
-- the county with most employment, then wages, then lowest code; its share of the account
dominant_county AS (
    SELECT DISTINCT ON (uin) uin, county,
           CASE WHEN sum(person_months) OVER account > 0 THEN person_months / sum(person_months) OVER account
                WHEN sum(total_wages) OVER account > 0 THEN total_wages / sum(total_wages) OVER account
                WHEN count(*) OVER account = 1 THEN 1
                ELSE 0 END AS share
    FROM county
    WINDOW account AS (PARTITION BY uin)
    ORDER BY uin, person_months DESC, total_wages DESC, county
),
dominant_owner AS (
    SELECT DISTINCT ON (uin) uin, ownership
    FROM (SELECT uin, ownership, sum(person_months) AS person_months, sum(total_wages) AS total_wages
          FROM place GROUP BY uin, ownership) owner
    ORDER BY uin, person_months DESC, total_wages DESC, ownership
),
units AS (
    SELECT uin, sum(units) AS units FROM place GROUP BY uin
),
-- the unit itself where the record names one
named AS (
    SELECT DISTINCT ON (uin, run) uin, run, county, ownership
    FROM establishment
    WHERE run <> '00000'
    ORDER BY uin, run, person_months DESC, total_wages DESC, county, ownership
),
answer AS (
    SELECT u.unit_id,
           coalesce(n.county, c.county) AS county,
           coalesce(n.ownership, o.ownership) AS ownership,
           CASE WHEN n.county IS NOT NULL THEN 1 ELSE c.share END AS share,
           CASE WHEN n.county IS NOT NULL THEN 'unit' WHEN t.units = 1 THEN 'single' ELSE 'dominant' END AS source
    FROM wages.unit u
    JOIN dominant_county c USING (uin)
    JOIN dominant_owner o USING (uin)
    JOIN units t USING (uin)
    LEFT JOIN named n ON n.uin = u.uin AND n.run = u.run
    WHERE u.load_id = %(records)s
)
UPDATE wages.unit u
SET county = a.county, ownership = a.ownership, county_share = a.share, place_source = a.source
FROM answer a
WHERE u.unit_id = a.unit_id;
