-- A load's totals by ownership beside published QCEW (statewide, all industries, by owner: level 51). Wage records count
-- jobs beside mean monthly employment; they hold no federal workers, so only owners 2, 3 and 5 are compared.
WITH of_records AS (
    SELECT ownership, sum(jobs) AS jobs, sum(wages) AS wages
    FROM wages.employer_quarter
    WHERE %(kind)s = 'wage_records' AND load_id = %(load)s
    GROUP BY ownership
),
of_establishments AS (
    SELECT ownership, count(*) AS establishments, sum(month1) AS month1, sum(month2) AS month2, sum(month3) AS month3,
           sum(total_wages) AS wages
    FROM wages.establishment
    WHERE %(kind)s = 'establishments' AND load_id = %(load)s AND meei <> '2'
    GROUP BY ownership
),
loaded AS (
    SELECT ownership, measure, value
    FROM of_records, LATERAL (VALUES ('employment', jobs), ('total_wages', wages)) AS m (measure, value)
    UNION ALL
    SELECT ownership, measure, value
    FROM of_establishments, LATERAL (VALUES ('establishments', establishments), ('month1', month1),
        ('month2', month2), ('month3', month3), ('total_wages', wages)) AS m (measure, value)
),
published AS (
    SELECT own_code AS ownership, measure, value, disclosure_code
    FROM summaries.published_quarter p, LATERAL (VALUES
        ('employment', round((p.month1_emplvl + p.month2_emplvl + p.month3_emplvl) / 3.0, 1)),
        ('establishments', p.qtrly_estabs), ('month1', p.month1_emplvl), ('month2', p.month2_emplvl),
        ('month3', p.month3_emplvl), ('total_wages', p.total_qtrly_wages)) AS m (measure, value)
    WHERE p.area_fips = %(state)s || '000' AND p.year = %(quarter)s / 10 AND p.qtr = (%(quarter)s %% 10)::text
      AND p.industry_code = '10' AND p.agglvl_code = '51' AND p.size_code = '0'
      AND (p.own_code <> '1' OR %(kind)s = 'establishments')
      AND (measure IN ('employment', 'total_wages') OR %(kind)s = 'establishments')
      AND (measure <> 'employment' OR %(kind)s = 'wage_records')
)
INSERT INTO summaries.published_comparison (load_id, ownership, measure, loaded, published, disclosure_code)
SELECT %(load)s, ownership, measure, coalesce(l.value, 0),
       CASE WHEN p.disclosure_code <> 'N' OR p.measure = 'establishments' THEN p.value END, p.disclosure_code
FROM loaded l
FULL JOIN published p USING (ownership, measure)
