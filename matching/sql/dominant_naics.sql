-- Dominant NAICS of each account (system definition, rule version 1). Establishments are MEEI 1, 3, 4, 5, 6; one is
-- active if it has employment in a month or wages. Where none of an account is, they all count (naics_units is 0 then).
WITH establishment AS (
    SELECT uin, naics, naics_vintage, month1::bigint + month2 + month3 AS person_months,
           greatest(total_wages, 0) AS total_wages, total_wages <> 0 OR month1 + month2::bigint + month3 > 0 AS active
    FROM wages.establishment
    WHERE load_id = %(establishments)s AND meei <> '2'
),
-- one line per account and 6-digit code
industry AS (
    SELECT uin, naics, max(naics_vintage) AS naics_vintage, sum(person_months) AS person_months,
           sum(total_wages) AS total_wages,
           count(*) FILTER (WHERE active) AS active_units
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
-- largest employment (mean of three months: the sum orders alike), then wages, then last quarter's, then lowest code
ranked AS (
    SELECT i.*,
           sum(i.person_months) OVER account AS all_months,
           sum(i.total_wages) OVER account AS all_wages,
           sum(i.active_units) OVER account AS all_units,
           row_number() OVER (PARTITION BY i.uin ORDER BY i.active_units > 0 DESC, i.person_months DESC,
                              i.total_wages DESC, (i.naics = b.naics) IS TRUE DESC, i.naics) AS place
    FROM industry i
    LEFT JOIN before b USING (uin)
    WINDOW account AS (PARTITION BY i.uin)
)
UPDATE wages.unit u
SET naics = r.naics,
    naics_vintage = r.naics_vintage,
    naics_units = r.all_units,
    naics_share = CASE WHEN r.all_months > 0 THEN r.person_months / r.all_months
                       WHEN r.all_wages > 0 THEN r.total_wages / r.all_wages
                       ELSE 1 END,
    naics_source = 'establishments'
FROM ranked r
WHERE u.load_id = %(records)s AND r.place = 1 AND u.uin = r.uin
  AND (u.naics, u.naics_source) IS DISTINCT FROM (r.naics, 'establishments');
