-- All tables and views by oid; eligible are those that a task may begin to follow: of users, and no partitions.
SELECT c.oid::bigint AS oid, n.nspname, c.relname,
       c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname !~ '^awsdms_' AS eligible
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
