-- Back to "nothing known", before the rules are applied to another establishment load.
UPDATE wages.unit
SET county = NULL, county_share = NULL, ownership = NULL, place_source = 'none',
    naics = '999999', naics_share = NULL, naics_units = 0, naics_vintage = '', naics_source = 'none'
WHERE load_id = %(records)s AND (naics_source <> 'none' OR place_source <> 'none');
