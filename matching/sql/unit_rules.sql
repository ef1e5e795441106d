-- Dominant NAICS and place of every unit of a load of wage records (system definitions, rule version 1), from the
-- visible establishments of the quarter; without them (%(establishments)s null) nothing is known of any unit. Only units
-- whose answer changes are written. Establishments are MEEI 1, 3, 4, 5, 6: a master (MEEI 2) is never added to its units.
WITH establishment AS (
    SELECT uin, run, naics, naics_vintage, county, ownership, month1::bigint + month2 + month3 AS person_months,
           greatest(total_wages, 0) AS total_wages, total_wages <> 0 OR month1::bigint + month2 + month3 > 0 AS active
    FROM wages.establishment
    WHERE load_id = %(establishments)s AND meei <> '2'
),

-- Industry. One line per account and 6-digit code; a unit is active if it has employment in a month or wages.
industry AS (
    SELECT uin, naics, max(naics_vintage) AS naics_vintage, sum(person_months) AS person_months,
           sum(total_wages) AS total_wages, count(*) FILTER (WHERE active) AS active_units
    FROM establishment
    GROUP BY uin, naics
),
-- what the account had in the quarter before: it decides a tie
before AS (
    SELECT DISTINCT ON (u.uin) u.uin, u.naics
    FROM wages.unit u
    JOIN wages.load l ON l.id = u.load_id AND l.status = 'visible'
    WHERE l.kind = 'wage_records' AND l.state = %(state)s AND l.quarter = %(quarter_before)s
      AND u.naics_source = 'establishments'
    ORDER BY u.uin, u.unit_id
),
-- active ones before others (where none is, all count), then largest employment (mean of three months: the sum orders
-- alike), then wages, then last quarter's answer, then the lowest code
ranked AS (
    SELECT i.*,
           sum(i.person_months) OVER account AS all_months,
           sum(i.total_wages) OVER account AS all_wages,
           sum(i.active_units) OVER account AS all_units,
           row_number() OVER (PARTITION BY i.uin ORDER BY i.active_units > 0 DESC, i.person_months DESC,
                              i.total_wages DESC, (i.naics = b.naics) IS TRUE DESC, i.naics) AS rank
    FROM industry i
    LEFT JOIN before b USING (uin)
    WINDOW account AS (PARTITION BY i.uin)
),
dominant_naics AS (
    SELECT uin, naics, naics_vintage, all_units AS units,
           CASE WHEN all_months > 0 THEN person_months / all_months
                WHEN all_wages > 0 THEN total_wages / all_wages
                ELSE 1 END AS share
    FROM ranked
    WHERE rank = 1
),

-- Place: the reporting unit named, else the account's only unit, else the account's dominant county with its share.
place AS (
    SELECT uin, county, ownership, sum(person_months) AS person_months, sum(total_wages) AS total_wages,
           count(*) AS units
    FROM establishment
    GROUP BY uin, county, ownership
),
county AS (
    SELECT uin, county, sum(person_months) AS person_months, sum(total_wages) AS total_wages, sum(units) AS units
    FROM place
    GROUP BY uin, county
),
-- the county with most employment, then wages, then lowest code; its share of the account
dominant_county AS (
    SELECT DISTINCT ON (uin) uin, county, sum(units) OVER account AS units,
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
named AS (
    SELECT DISTINCT ON (uin, run) uin, run, county, ownership
    FROM establishment
    WHERE run <> '00000'
    ORDER BY uin, run, person_months DESC, total_wages DESC, county, ownership
),

answer AS (
    SELECT u.unit_id,
           coalesce(i.naics, '999999') AS naics, i.share::float8 AS naics_share, coalesce(i.units, 0) AS naics_units,
           coalesce(i.naics_vintage, '') AS naics_vintage,
           CASE WHEN i.uin IS NULL THEN 'none' ELSE 'establishments' END AS naics_source,
           coalesce(n.county, c.county) AS county, coalesce(n.ownership, o.ownership) AS ownership,
           CASE WHEN n.county IS NOT NULL THEN 1 ELSE c.share END::float8 AS county_share,
           CASE WHEN c.uin IS NULL THEN 'none' WHEN n.county IS NOT NULL THEN 'unit'
                WHEN c.units = 1 THEN 'single' ELSE 'dominant' END AS place_source
    FROM wages.unit u
    LEFT JOIN dominant_naics i USING (uin)
    LEFT JOIN dominant_county c USING (uin)
    LEFT JOIN dominant_owner o USING (uin)
    LEFT JOIN named n ON n.uin = u.uin AND n.run = u.run
    WHERE u.load_id = %(records)s
)
UPDATE wages.unit u
SET naics = a.naics, naics_share = a.naics_share, naics_units = a.naics_units, naics_vintage = a.naics_vintage,
    naics_source = a.naics_source, county = a.county, ownership = a.ownership, county_share = a.county_share,
    place_source = a.place_source
FROM answer a
WHERE u.unit_id = a.unit_id AND u.load_id = %(records)s
  AND (u.naics, u.naics_share, u.naics_units, u.naics_vintage, u.naics_source,
       u.county, u.ownership, u.county_share, u.place_source)
      IS DISTINCT FROM (a.naics, a.naics_share, a.naics_units, a.naics_vintage, a.naics_source,
                        a.county, a.ownership, a.county_share, a.place_source)
