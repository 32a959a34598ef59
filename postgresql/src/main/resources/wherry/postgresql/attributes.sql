-- All columns that the given relations ever had, dropped ones too. A column is filled when rows that are older than it may have
-- got a value without a change: by a constant default (atthasmissing, told for plain tables alone), or by a rewrite with a volatile one
-- or with what generates the column.
-- What generates a column is compared as the server keeps it, where columns have numbers and their names may change.
-- The constant is the one element of the array attmissingval, whose text is read as an array of text where a comma separates elements.
SELECT a.attrelid::bigint AS relation, a.attnum, a.attname, a.atttypid::bigint AS type, a.atttypmod AS modifier, a.attisdropped,
       a.attgenerated AS generated,
       a.atthasmissing OR a.attidentity <> '' OR a.attgenerated <> ''
           OR a.atthasdef
              AND (c.relkind = 'p'
                   OR pg_catalog.regexp_replace(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '::[a-z ]+\([0-9, ]+\)', '', 'g') ~ '\(') AS filled,
       CASE WHEN a.atthasmissing AND t.typdelim = ',' THEN (a.attmissingval::text::text[])[1] END AS missing,
       CASE WHEN a.attgenerated <> '' THEN pg_catalog.hashtextextended(d.adbin::text, 0)::text END AS generation
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0
 ORDER BY a.attrelid, a.attnum
