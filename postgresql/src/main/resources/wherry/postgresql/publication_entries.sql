-- The entries by which a publication holds tables: of the table, of one that it is a partition of, of a schema, or all tables.
-- An entry depends on the publication and on what it holds, in every version; one that is taken out and put back has a new oid
-- and is of another transaction. All tables are held for as long as the publication stands.
WITH RECURSIVE tree AS (
    SELECT w.oid::oid AS relation, w.oid::oid AS member
      FROM unnest(?::bigint[]) AS w (oid)
    UNION ALL
    SELECT t.relation, i.inhparent
      FROM tree t
      JOIN pg_catalog.pg_class c ON c.oid = t.member AND c.relispartition
      JOIN pg_catalog.pg_inherits i ON i.inhrelid = t.member
), holding AS (
    SELECT t.relation, 'pg_catalog.pg_class'::regclass AS catalogue, t.member AS object
      FROM tree t
    UNION ALL
    SELECT t.relation, 'pg_catalog.pg_namespace'::regclass, c.relnamespace
      FROM tree t
      JOIN pg_catalog.pg_class c ON c.oid = t.member
), published AS (
    SELECT p.oid, p.puballtables FROM pg_catalog.pg_publication p WHERE p.pubname = ?
)
SELECT h.relation::bigint AS relation, entry.objid::bigint AS entry, entry.xmin::text::bigint AS made
  FROM published p
  JOIN pg_catalog.pg_depend entry
    ON entry.refclassid = 'pg_catalog.pg_publication'::regclass AND entry.refobjid = p.oid
  JOIN pg_catalog.pg_depend held ON held.classid = entry.classid AND held.objid = entry.objid
  JOIN holding h ON h.catalogue = held.refclassid AND h.object = held.refobjid
UNION
SELECT t.relation::bigint, p.oid::bigint, NULL
  FROM tree t
  JOIN published p ON p.puballtables
