-- All columns that the given relations ever had, dropped ones too; attgenerated came with 12, atthasmissing with 11: read by their names.
SELECT a.attrelid::bigint AS relation, a.attnum, a.attname, a.atttypid::bigint AS type, a.atttypmod AS modifier, a.attisdropped,
       coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') AS generated,
       CASE WHEN a.atthasmissing THEN pg_catalog.array_to_string(a.attmissingval::text::text[], '') END AS missing
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0
 ORDER BY a.attrelid, a.attnum
