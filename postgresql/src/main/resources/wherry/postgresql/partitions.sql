-- Partitioned tables, and the partitions below them that hold rows; of these whether there are any, where sizes are asked for,
-- whether one was made apart and attached later, and whether it got another file while this query ran, whose size waits for locks and looks
-- at the newest file, not at the query's. What is attached is older than its place, or, in one transaction, has all of its columns written
-- again by the command that gives it its place (MergeAttributesIntoExisting), where CREATE TABLE ... PARTITION OF writes them before.
WITH RECURSIVE tree AS (
    SELECT w.root::oid AS root, w.root::oid AS member, NULL::xid AS placed, 0::bigint AS placed_by
      FROM unnest(?::bigint[]) AS w (root)
    UNION ALL
    SELECT t.root, i.inhrelid, i.xmin, i.cmin::text::bigint
      FROM tree t
      JOIN pg_catalog.pg_inherits i ON i.inhparent = t.member
)
SELECT t.root::bigint AS root, t.member::bigint AS member, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
       c.relfilenode::bigint AS file,
       coalesce(CASE WHEN ? AND t.member <> t.root THEN pg_catalog.pg_relation_size(c.oid) > 0 END, true) AS holds_rows,
       t.member <> t.root AND pg_catalog.pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode AS moved,
       t.placed <> y.xmin
           OR NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                           WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.xmin = t.placed AND a.cmin::text::bigint < t.placed_by) AS attached,
       CASE WHEN t.member = t.root THEN
           (SELECT coalesce(pg_catalog.hashtextextended(pg_catalog.string_agg(a.attnum || ' ' || a.atttypid || ' ' || a.atttypmod, ',' ORDER BY a.attnum), 0)::text, '')
              FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0) END AS columns,
       pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()) AS horizon
  FROM tree t
  JOIN pg_catalog.pg_class c ON c.oid = t.member
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_type y ON y.oid = c.reltype
 WHERE CASE WHEN t.member <> t.root THEN c.relkind = 'r' ELSE c.relkind = 'p' END
