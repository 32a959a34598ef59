-- How a slot stands; wal_status came with 13, invalidation_reason with 17: read by their names.
SELECT s.slot_type, s.plugin, s.database, s.database = pg_catalog.current_database() AS here,
       s.active_pid, s.confirmed_flush_lsn::text AS confirmed,
       coalesce(pg_catalog.to_jsonb(s) ->> 'wal_status', '') AS wal_status,
       coalesce(pg_catalog.to_jsonb(s) ->> 'invalidation_reason', '') AS invalidation
  FROM pg_catalog.pg_replication_slots s
 WHERE s.slot_name = ?
