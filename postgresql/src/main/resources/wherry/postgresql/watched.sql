-- Tables whose changes are logged, by oid.
SELECT c.oid::bigint AS oid, n.nspname, c.relname, c.relispartition
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND c.relpersistence = 'p'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
   AND c.relname !~ '^awsdms_'
