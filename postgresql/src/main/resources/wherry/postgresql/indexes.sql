-- Indexes of the given relations by column name; indnkeyatts came with 11: before it, all columns are key columns.
SELECT i.indrelid::bigint AS relation, c.relname AS name, i.indisprimary, i.indisunique,
       i.indimmediate AS immediate,
       am.amname = 'btree' AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT i.indisexclusion AS plain,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY k.place)
          FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE k.place <= coalesce((pg_catalog.to_jsonb(i) ->> 'indnkeyatts')::int, i.indnatts)) AS columns,
       (SELECT pg_catalog.array_agg((o.options & 1) = 1 ORDER BY o.place)
          FROM pg_catalog.unnest(i.indoption::int2[]) WITH ORDINALITY AS o (options, place)) AS descending
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_am am ON am.oid = c.relam
 WHERE i.indrelid = ANY (?::oid[]) AND i.indisvalid
 ORDER BY i.indrelid, i.indisprimary DESC, c.relname
