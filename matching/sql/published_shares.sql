-- How many cells of each level of a table published QCEW has, how many of them it withholds, and their employment.
-- One row per level: areas (all, state, county, kinds of groups of counties) x digits of NAICS (0: the industries asked
-- for together) x owners (each, together).
WITH asked AS (
    -- which rows make up a level: their digits, and their code as a pattern
    SELECT * FROM unnest(%(levels)s::int[], %(digits)s::int[], %(patterns)s::text[]) AS a (level, digits, pattern)
),
period AS (
    SELECT * FROM unnest(%(states)s::text[], %(years)s::int[], %(qtrs)s::text[]) AS p (state, year, qtr)
),
group_of AS (
    -- counties put together: which group of each kind a county belongs to
    SELECT * FROM unnest(%(kinds)s::text[], %(members)s::text[], %(group_codes)s::text[]) AS g (kind, county, code)
),
row_of_level AS (
    SELECT a.level, p.area_fips, p.industry_code, p.own_code, p.qtrly_estabs, p.disclosure_code = 'N' AS withheld,
           p.area_fips LIKE '__000' AS statewide,
           (p.month1_emplvl + p.month2_emplvl + p.month3_emplvl) / 3 AS jobs
    FROM period
    JOIN summaries.published_quarter p
      ON p.area_fips >= period.state || '000' AND p.area_fips <= period.state || '999'
     AND p.year = period.year AND p.qtr = period.qtr
    JOIN asked a
      ON p.agglvl_code IN ((50 + CASE a.digits WHEN 0 THEN 1 ELSE a.digits + 2 END)::text,
                           CASE WHEN %(counties)s THEN (70 + CASE a.digits WHEN 0 THEN 1 ELSE a.digits + 2 END)::text END)
     AND p.industry_code ~ a.pattern
    WHERE p.size_code = '0' AND p.disclosure_code <> '-' AND p.own_code = ANY (%(owners)s)
),
placed AS (
    -- every row stands in its own area, a statewide one also in the total of all states, a county's also in its groups;
    -- together and, where asked, by owner
    SELECT level, area.areas, area.code AS area, CASE WHEN level = 0 THEN '' ELSE industry_code END AS industry,
           owner.owners, owner.code AS owner, qtrly_estabs, own_code, industry_code, area_fips, withheld, jobs
    FROM row_of_level,
         LATERAL (SELECT CASE WHEN statewide THEN 'state' ELSE 'county' END, area_fips
                  UNION ALL SELECT 'all', '' WHERE statewide
                  UNION ALL SELECT g.kind, g.code FROM group_of g WHERE g.county = area_fips) AS area (areas, code),
         LATERAL (VALUES ('each', own_code), ('together', '')) AS owner (owners, code)
    WHERE owner.owners = 'together' OR %(by_owner)s
),
cell AS (
    -- a cell that QCEW does not publish as such follows the part of it with the most establishments
    SELECT level, areas, owners, sum(jobs) FILTER (WHERE NOT withheld) AS jobs,
           (array_agg(withheld ORDER BY qtrly_estabs DESC, area_fips, own_code, industry_code))[1] AS withheld
    FROM placed
    GROUP BY level, areas, area, industry, owners, owner
)
SELECT areas, level, owners, count(*), count(*) FILTER (WHERE withheld),
       coalesce(sum(jobs) FILTER (WHERE NOT withheld), 0)::bigint
FROM cell
GROUP BY areas, level, owners
