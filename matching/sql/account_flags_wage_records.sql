-- Accounts of a load of wage records that are flagged: against the visible load of the quarter before and against the
-- visible establishments of the quarter, where there are such loads. Federal accounts owe no wage records.
WITH account AS (
    SELECT uin, sum(jobs)::bigint AS jobs, sum(wages)::bigint AS wages
    FROM wages.employer_quarter WHERE load_id = %(load)s GROUP BY uin
),
before AS (
    SELECT uin, sum(jobs)::bigint AS jobs
    FROM wages.employer_quarter WHERE load_id = %(before)s GROUP BY uin
),
reported AS (
    SELECT uin, greatest(sum(month1), sum(month2), sum(month3))::bigint AS persons,
           sum(total_wages)::bigint AS wages, bool_and(ownership = '1') AS federal
    FROM wages.establishment WHERE load_id = %(establishments)s AND meei <> '2' GROUP BY uin
),
in_time AS (
    SELECT uin, a.jobs, b.jobs AS jobs_before
    FROM account a FULL JOIN before b USING (uin)
    WHERE %(before)s::integer IS NOT NULL AND (a.jobs IS NULL OR b.jobs IS NULL)
),
beside AS (
    SELECT uin, a.jobs, a.wages, r.persons, r.wages AS reported, coalesce(r.federal, false) AS federal
    FROM account a FULL JOIN reported r USING (uin)
    WHERE %(establishments)s::integer IS NOT NULL
)
INSERT INTO wages.account_flag (load_id, edit, uin, run, loaded, compared)
SELECT %(load)s, CASE WHEN jobs IS NULL THEN 'vanished_account' ELSE 'new_account' END, uin, '', jobs, jobs_before
FROM in_time
UNION ALL
SELECT %(load)s, 'no_establishment', uin, '', wages, NULL
FROM beside WHERE reported IS NULL
UNION ALL
SELECT %(load)s, 'no_wage_records', uin, '', NULL, reported
FROM beside WHERE jobs IS NULL AND NOT federal AND reported > 0
UNION ALL
SELECT %(load)s, 'wages_apart', uin, '', wages, reported
FROM beside
WHERE abs(wages - reported) > %(apart_dollars)s AND abs(wages - reported) > %(apart_share)s * abs(reported)
UNION ALL
SELECT %(load)s, 'fewer_jobs', uin, '', jobs, persons
FROM beside
WHERE persons - jobs > %(apart_jobs)s AND persons - jobs > %(apart_share)s * persons
