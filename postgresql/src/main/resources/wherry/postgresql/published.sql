-- What a publication leaves out; row filters and column lists came with 15, the root with 13: read by their names.
SELECT p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate AS all_operations,
       coalesce(pg_catalog.to_jsonb(p) ->> 'pubviaroot', 'true') = 'true' AS via_root,
       EXISTS (SELECT
                 FROM pg_catalog.pg_publication_rel r
                WHERE r.prpubid = p.oid
                  AND (pg_catalog.to_jsonb(r) ->> 'prqual' IS NOT NULL
                       OR pg_catalog.to_jsonb(r) ->> 'prattrs' IS NOT NULL)) AS selective
  FROM pg_catalog.pg_publication p
 WHERE p.pubname = ?
