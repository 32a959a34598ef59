-- All or one, of tables, views, foreign tables and partitioned tables with their partitions; each with the parent whose partition it is.
SELECT c.oid::bigint AS oid, n.nspname, c.relname, c.relkind, coalesce(i.inhparent, 0)::bigint AS partition_of,
       EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS has_columns
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
 WHERE c.relkind IN ('r', 'p', 'f', 'v')
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
   AND c.relname !~ '^awsdms_'
   AND n.nspname = coalesce(?, n.nspname)
   AND c.relname = coalesce(?, c.relname)
 ORDER BY n.nspname, c.relname
