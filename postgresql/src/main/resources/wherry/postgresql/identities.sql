-- What the log holds of the given tables' old rows; for a partitioned table, which of its partitions hold less than it promises.
WITH RECURSIVE wanted AS (
    SELECT c.oid
      FROM ROWS FROM (unnest(?::text[]), unnest(?::text[])) AS w (nspname, relname)
      JOIN pg_catalog.pg_namespace n ON n.nspname = w.nspname
      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.relname
), tree AS (
    SELECT oid AS root, oid AS member FROM wanted
    UNION ALL
    SELECT t.root, i.inhrelid
      FROM tree t
      JOIN pg_catalog.pg_class c ON c.oid = t.member AND c.relkind = 'p'
      JOIN pg_catalog.pg_inherits i ON i.inhparent = t.member
), described AS (
    SELECT t.root, c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident,
           pg_catalog.pg_has_role(c.relowner, 'USAGE') AS owned,
           (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum)
              FROM pg_catalog.pg_index i
              JOIN pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place) ON k.place <= i.indnkeyatts
              JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
             WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
               AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END) AS columns
      FROM tree t
      JOIN pg_catalog.pg_class c ON c.oid = t.member
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
)
SELECT r.oid::bigint AS oid, r.nspname, r.relname, r.relkind, r.relpersistence, r.relreplident, r.owned, r.columns,
       r.relkind <> 'p' OR pg_catalog.current_setting('server_version_num')::int >= 130000 AS publishable,
       (SELECT pg_catalog.array_agg(pg_catalog.format('%I.%I', l.nspname, l.relname) ORDER BY l.nspname, l.relname)
          FROM described l
         WHERE l.root = r.root AND l.oid <> r.root AND l.relkind <> 'p' AND l.relreplident <> 'f'
           AND (r.relreplident = 'f' OR l.columns IS NULL)) AS lacking,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute a
         WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
           AND (a.attgenerated = 'v'
                OR a.attgenerated = 's' AND pg_catalog.current_setting('server_version_num')::int < 180000)) AS unlogged
  FROM described r
 WHERE r.oid = r.root
