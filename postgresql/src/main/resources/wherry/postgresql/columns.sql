-- Columns of the given relations; what a domain is based on, to the bottom. attgenerated came with 12: read by its name.
WITH RECURSIVE resolved AS (
    SELECT a.attrelid, a.attnum, a.atttypid AS typid, a.atttypmod AS typmod, false AS domain_not_null
      FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT r.attrelid, r.attnum, t.typbasetype,
           CASE WHEN r.typmod = -1 THEN t.typtypmod ELSE r.typmod END, r.domain_not_null OR t.typnotnull
      FROM resolved r
      JOIN pg_catalog.pg_type t ON t.oid = r.typid AND t.typtype = 'd'
)
SELECT a.attrelid::bigint AS relation, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) AS native_type,
       a.attnotnull OR r.domain_not_null AS not_null,
       coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') <> '' AS generated,
       a.atthasdef OR a.attidentity <> '' AS has_default,
       t.typname AS base_name, t.typtype AS base_kind, t.typcategory AS base_category,
       tn.nspname = 'pg_catalog' AS base_built_in, r.typmod AS base_modifier,
       (SELECT pg_catalog.array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
          FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels
  FROM resolved r
  JOIN pg_catalog.pg_attribute a ON a.attrelid = r.attrelid AND a.attnum = r.attnum
  JOIN pg_catalog.pg_type t ON t.oid = r.typid AND t.typtype <> 'd'
  JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
 ORDER BY a.attrelid, a.attnum
