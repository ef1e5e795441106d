-- Accounts and units of a load of establishments that are flagged. MEEI: 1, 4, 6 single, 2 master, 3 and 5 worksites.
WITH unit AS (
    SELECT *, meei = '2' AS is_master, meei IN ('3', '5') AS is_worksite,
           (month1::bigint + month2 + month3) AS person_months
    FROM wages.establishment WHERE load_id = %(load)s
),
account AS (
    SELECT uin, bool_or(is_master) AS has_master, bool_or(is_worksite) AS has_worksites,
           count(*) FILTER (WHERE meei IN ('1', '6')) AS singles,
           sum(month3) FILTER (WHERE is_master) AS master_persons, sum(month3) FILTER (WHERE is_worksite) AS persons,
           sum(total_wages) FILTER (WHERE is_master) AS master_wages,
           sum(total_wages) FILTER (WHERE is_worksite) AS wages,
           sum(month3) FILTER (WHERE NOT is_master) AS employment
    FROM unit GROUP BY uin
),
before AS (
    SELECT uin, sum(month3) AS employment
    FROM wages.establishment WHERE load_id = %(before)s AND meei <> '2' GROUP BY uin
),
in_time AS (
    SELECT uin, a.employment, b.employment AS employment_before, a.singles IS NOT NULL AS is_here
    FROM account a FULL JOIN before b USING (uin)
    WHERE %(before)s::integer IS NOT NULL AND (a.singles IS NULL OR b.uin IS NULL)
),
-- average weekly wage on the logarithm's scale, and the outer fences of the load
weekly AS (
    SELECT uin, run, wage, ln(wage) AS scale
    FROM unit, LATERAL (SELECT total_wages * 3.0::float8 / (13 * nullif(person_months, 0)) AS wage) AS average
    WHERE NOT is_master AND person_months > 0 AND total_wages > 0
),
fourth AS MATERIALIZED ( -- once, whatever the planner believes: it takes new rows for a few
    SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY scale) AS lower,
           percentile_cont(0.75) WITHIN GROUP (ORDER BY scale) AS upper
    FROM weekly HAVING count(*) >= %(fewest)s
),
found AS (
    SELECT CASE WHEN is_here THEN 'new_account' ELSE 'vanished_account' END AS edit, uin, '' AS run,
           employment AS loaded, employment_before AS compared
    FROM in_time
    UNION ALL
    SELECT 'unit_twice', uin, run, count(*), 1 FROM unit GROUP BY uin, run HAVING count(*) > 1
    UNION ALL
    SELECT 'meei_and_run', uin, run, meei::bigint, NULL
    FROM unit WHERE (meei IN ('1', '2', '6') AND run <> '00000') OR (is_worksite AND run = '00000')
    UNION ALL
    SELECT 'master_without_units', uin, '', NULL, NULL FROM account WHERE has_master AND NOT has_worksites
    UNION ALL
    SELECT 'units_without_master', uin, '', NULL, NULL FROM account WHERE has_worksites AND NOT has_master
    UNION ALL
    SELECT 'master_apart', uin, '', master_wages, wages
    FROM account
    WHERE has_master AND has_worksites AND (master_wages <> wages OR master_persons <> persons)
    UNION ALL
    SELECT 'several_single_units', uin, '', singles, 1 FROM account WHERE singles > 1
    UNION ALL
    SELECT 'wages_no_employment', uin, run, total_wages, 0
    FROM unit WHERE NOT is_master AND person_months = 0 AND total_wages <> 0
    UNION ALL
    SELECT 'employment_no_wages', uin, run, 0, person_months
    FROM unit WHERE NOT is_master AND person_months > 0 AND total_wages = 0
    UNION ALL
    SELECT 'month_jump', uin, run, later, earlier
    FROM unit, LATERAL (VALUES (month1, month2), (month2, month3)) AS pair (earlier, later)
    WHERE NOT is_master AND abs(later - earlier) >= %(jump_persons)s
      AND greatest(later, earlier) >= %(jump_times)s * least(later, earlier)
    UNION ALL
    SELECT 'taxable_over_total', uin, run, taxable_wages, total_wages
    FROM unit WHERE NOT is_master AND taxable_wages > total_wages
    UNION ALL
    SELECT CASE WHEN scale > upper THEN 'high_weekly_wage' ELSE 'low_weekly_wage' END, uin, run, round(wage),
           round(exp(CASE WHEN scale > upper THEN upper + %(multiplier)s * (upper - lower)
                          ELSE lower - %(multiplier)s * (upper - lower) END))
    FROM weekly, fourth
    WHERE scale > upper + %(multiplier)s * (upper - lower) OR scale < lower - %(multiplier)s * (upper - lower)
)
INSERT INTO wages.account_flag (load_id, edit, uin, run, loaded, compared)
-- once, though both pairs of months may jump: the larger jump
SELECT %(load)s, edit, uin, run, (array_agg(loaded ORDER BY abs(loaded - compared) DESC NULLS LAST))[1],
       (array_agg(compared ORDER BY abs(loaded - compared) DESC NULLS LAST))[1]
FROM found
GROUP BY edit, uin, run
