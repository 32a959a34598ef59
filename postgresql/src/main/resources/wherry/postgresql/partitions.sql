-- Partitions that hold rows, below the given tables; whether one was made apart and attached later (its row type is older than its place),
-- whether it got another file while this query ran, whose size waits for locks and looks at the newest file, not at the query's;
-- and whether its file is new rather than copied: TRUNCATE begins one without counted pages, VACUUM FULL and CLUSTER count what they have copied.
WITH RECURSIVE tree AS (
    SELECT w.root::oid AS root, w.root::oid AS member, NULL::xid AS placed,
           (SELECT pg_catalog.md5(pg_catalog.string_agg(a.attnum || ' ' || a.atttypid || ' ' || a.atttypmod, ',' ORDER BY a.attnum))
              FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = w.root::oid AND a.attnum > 0) AS columns
      FROM unnest(?::bigint[]) AS w (root)
    UNION ALL
    SELECT t.root, i.inhrelid, i.xmin, t.columns
      FROM tree t
      JOIN pg_catalog.pg_inherits i ON i.inhparent = t.member
)
SELECT t.root::bigint AS root, c.oid::bigint AS leaf, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
       c.relfilenode::bigint AS file, c.reltablespace::bigint AS tablespace,
       coalesce(pg_catalog.pg_relation_size(c.oid), 0) AS bytes,
       pg_catalog.pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode AS moved, t.placed <> y.xmin AS attached, t.columns,
       c.relpages = 0 OR greatest(pg_catalog.pg_stat_get_last_analyze_time(c.oid), pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid))
           > pg_catalog.clock_timestamp() - interval '1 minute' AS fresh
  FROM tree t
  JOIN pg_catalog.pg_class c ON c.oid = t.member AND c.relkind = 'r'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_type y ON y.oid = c.reltype
