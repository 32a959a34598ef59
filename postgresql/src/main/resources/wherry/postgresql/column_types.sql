-- What columns of these types are; what a domain is based on, to the bottom.
WITH RECURSIVE wanted AS (
    SELECT w.type::oid AS type, w.modifier, w.place
      FROM ROWS FROM (unnest(?::bigint[]), unnest(?::int[])) WITH ORDINALITY AS w (type, modifier, place)
), resolved AS (
    SELECT place, type AS typid, modifier AS typmod, false AS not_null FROM wanted
    UNION ALL
    SELECT r.place, t.typbasetype, CASE WHEN r.typmod = -1 THEN t.typtypmod ELSE r.typmod END, r.not_null OR t.typnotnull
      FROM resolved r
      JOIN pg_catalog.pg_type t ON t.oid = r.typid AND t.typtype = 'd'
)
SELECT w.place, pg_catalog.format_type(w.type, w.modifier) AS native_type, r.not_null,
       t.typname AS base_name, t.typtype AS base_kind, t.typcategory AS base_category,
       tn.nspname = 'pg_catalog' AS base_built_in, r.typmod AS base_modifier,
       (SELECT pg_catalog.array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
          FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels
  FROM wanted w
  JOIN resolved r ON r.place = w.place
  JOIN pg_catalog.pg_type t ON t.oid = r.typid AND t.typtype <> 'd'
  JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
 ORDER BY w.place
