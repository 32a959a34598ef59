-- What belongs to the database itself, and why it is not carried. Values of settings may be secrets.
SELECT 'large objects', count(*)::text, 'they belong to no table; carry them with pg_dump --blobs.'
  FROM pg_catalog.pg_largeobject_metadata
HAVING count(*) > 0
UNION ALL
SELECT 'database setting',
       pg_catalog.split_part(setting, '=', 1)
         || CASE setrole WHEN 0 THEN '' ELSE ' of ' || pg_catalog.pg_get_userbyid(setrole) END,
       'it belongs to the database, not to what is in it; run ALTER DATABASE (or ALTER ROLE … IN DATABASE) … SET on the target.'
  FROM pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) AS setting
 WHERE setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
UNION ALL
SELECT 'database comment', datname, 'it belongs to the database, not to what is in it; run COMMENT ON DATABASE on the target.'
  FROM pg_catalog.pg_database
 WHERE datname = pg_catalog.current_database() AND pg_catalog.shobj_description(oid, 'pg_database') IS NOT NULL
UNION ALL
SELECT 'database grants', datname, 'they belong to the database, not to what is in it; run GRANT … ON DATABASE on the target.'
  FROM pg_catalog.pg_database
 WHERE datname = pg_catalog.current_database() AND datacl IS NOT NULL
