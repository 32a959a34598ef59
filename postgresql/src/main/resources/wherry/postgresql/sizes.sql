-- Kind, rows and pages of the given relations; those of a partitioned table are the sums of its partitions.
WITH RECURSIVE wanted AS (
    SELECT c.oid, c.relkind, n.oid AS schema, n.nspname, c.relname
      FROM ROWS FROM (unnest(?::text[]), unnest(?::text[])) AS w (nspname, relname)
      JOIN pg_catalog.pg_namespace n ON n.nspname = w.nspname
      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.relname
), tree AS (
    SELECT oid AS root, oid AS leaf, relkind FROM wanted
    UNION ALL
    SELECT t.root, c.oid, c.relkind
      FROM tree t
      JOIN pg_catalog.pg_inherits i ON i.inhparent = t.leaf AND t.relkind = 'p'
      JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
), leaves AS (
    SELECT t.root, t.relkind, c.reltuples::float8 AS rows_then, c.relpages AS pages_then, c.relnatts,
           CASE WHEN t.relkind = 'r' THEN coalesce(pg_catalog.pg_relation_size(c.oid), 0)
                     / pg_catalog.current_setting('block_size')::int ELSE 0 END AS pages
      FROM tree t
      JOIN pg_catalog.pg_class c ON c.oid = t.leaf
)
SELECT w.nspname, w.relname, w.relkind,
       pg_catalog.has_schema_privilege(w.schema, 'USAGE') AND pg_catalog.has_any_column_privilege(w.oid, 'SELECT') AS readable,
       EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = w.oid AND coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') <> '') AS generated,
       bool_or(l.relkind = 'f') AS has_foreign,
       max(l.pages) AS pages,
       sum(CASE WHEN l.relkind = 'p' THEN 0
                WHEN l.rows_then > 0 AND l.pages_then > 0 AND l.pages > 0 THEN l.rows_then * l.pages / l.pages_then
                WHEN l.rows_then > 0 THEN l.rows_then
                WHEN l.pages > 0 THEN l.pages * 8192.0 / (28 + 12 * l.relnatts)
                ELSE 0 END)::bigint AS rows
  FROM wanted w
  JOIN leaves l ON l.root = w.oid
 GROUP BY w.oid, w.schema, w.relkind, w.nspname, w.relname
