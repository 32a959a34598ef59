-- Partitions of a partitioned table, those of every level, each behind the one that it is within.
WITH RECURSIVE tree AS (
    SELECT i.inhrelid AS oid, r.oid AS within, r.relnamespace AS home, 1 AS level
      FROM pg_catalog.pg_namespace n
      JOIN pg_catalog.pg_class r ON r.relnamespace = n.oid AND r.relname = ? AND r.relkind = 'p'
      JOIN pg_catalog.pg_inherits i ON i.inhparent = r.oid
     WHERE n.nspname = ?
    UNION ALL
    SELECT i.inhrelid, t.oid, t.home, t.level + 1
      FROM tree t
      JOIN pg_catalog.pg_class p ON p.oid = t.oid AND p.relkind = 'p'
      JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
), named AS (
    SELECT t.oid, t.within, t.level, c.reltuples, pg_catalog.format('%I.%I', n.nspname, c.relname) AS reference,
           CASE WHEN n.oid = t.home THEN '' ELSE n.nspname || '.' END || c.relname AS name,
           pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') AS readable
      FROM tree t
      JOIN pg_catalog.pg_class c ON c.oid = t.oid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
)
SELECT p.name, coalesce(w.name, '') AS within, p.reference, greatest(p.reltuples, 0)::bigint AS rows, p.readable
  FROM named p
  LEFT JOIN named w ON w.oid = p.within
 ORDER BY p.level, p.name
