-- Cells that a later file of the same areas (or industry), periods and sizes replaces; each file knows how many of its
-- rows are still in force.
WITH gone AS (
    DELETE FROM summaries.{table}
    WHERE year = ANY(%(years)s) AND year || qtr = ANY(%(periods)s) AND size_code = ANY(%(sizes)s)
      AND (%(areas)s::text[] IS NULL OR area_fips = ANY(%(areas)s::text[]))
      AND (%(industries)s::text[] IS NULL OR industry_code = ANY(%(industries)s::text[]))
    RETURNING file_id
),
counted AS (
    SELECT file_id, count(*) AS rows FROM gone GROUP BY file_id
)
UPDATE summaries.published_file f
SET rows_in_force = f.rows_in_force - c.rows
FROM counted c
WHERE f.id = c.file_id
RETURNING c.rows;
