-- The cells in force of one state and quarter: statewide and every county, 999 included, all sizes together. Text, so
-- that an empty value stays empty.
SELECT area_fips, own_code, industry_code, agglvl_code, size_code, disclosure_code AS status, year, qtr,
       coalesce(qtrly_estabs::text, '') AS establishments,
       coalesce(month1_emplvl::text, '') AS month1,
       coalesce(month2_emplvl::text, '') AS month2,
       coalesce(month3_emplvl::text, '') AS month3,
       coalesce(total_qtrly_wages::text, '') AS total_wages,
       coalesce(taxable_qtrly_wages::text, '') AS taxable_wages,
       coalesce(qtrly_contributions::text, '') AS contributions,
       coalesce(avg_wkly_wage::text, '') AS avg_wkly_wage
FROM summaries.published_quarter
WHERE area_fips >= %(state)s || '000' AND area_fips <= %(state)s || '999' AND year = %(year)s AND qtr = %(qtr)s
  AND size_code = '0'
