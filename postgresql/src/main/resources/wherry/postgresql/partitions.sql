-- Partitions that hold rows, below the given tables; whether one was made apart and attached later (its row type is older than its place).
WITH RECURSIVE tree AS (
    SELECT w.root::oid AS root, w.root::oid AS member, NULL::xid AS placed
      FROM unnest(?::bigint[]) AS w (root)
    UNION ALL
    SELECT t.root, i.inhrelid, i.xmin
      FROM tree t
      JOIN pg_catalog.pg_inherits i ON i.inhparent = t.member
)
SELECT t.root::bigint AS root, c.oid::bigint AS leaf, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
       c.relfilenode::bigint AS file, coalesce(pg_catalog.pg_relation_size(c.oid), 0) AS bytes, t.placed <> y.xmin AS attached
  FROM tree t
  JOIN pg_catalog.pg_class c ON c.oid = t.member AND c.relkind = 'r'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_type y ON y.oid = c.reltype
