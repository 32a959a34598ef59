-- SQL that SQLite and PostgreSQL both take. Times are milliseconds since 1970.

CREATE TABLE resource (
  arn TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  identifier TEXT NOT NULL,
  identifier_key TEXT NOT NULL,
  wire_json TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (kind, identifier_key)
);

CREATE INDEX resource_order ON resource (kind, created_at, arn);

CREATE TABLE secret (
  arn TEXT NOT NULL,
  name TEXT NOT NULL,
  sealed TEXT NOT NULL,
  PRIMARY KEY (arn, name)
);

CREATE TABLE tag (
  arn TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (arn, name)
);

CREATE TABLE event (
  id BIGINT NOT NULL PRIMARY KEY,
  happened_at BIGINT NOT NULL,
  source_type TEXT NOT NULL,
  source_id TEXT NOT NULL,
  categories TEXT NOT NULL,
  message TEXT NOT NULL
);

CREATE INDEX event_time ON event (happened_at);

CREATE TABLE access_key (
  id TEXT NOT NULL PRIMARY KEY,
  sealed_secret TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE connection (
  endpoint_arn TEXT NOT NULL,
  instance_arn TEXT NOT NULL,
  status TEXT NOT NULL,
  last_failure TEXT NOT NULL,
  tested_at BIGINT NOT NULL,
  attempt TEXT NOT NULL,
  PRIMARY KEY (endpoint_arn, instance_arn)
);

CREATE INDEX connection_instance ON connection (instance_arn);

CREATE TABLE schema_refresh (
  endpoint_arn TEXT NOT NULL PRIMARY KEY,
  instance_arn TEXT NOT NULL,
  status TEXT NOT NULL,
  last_failure TEXT NOT NULL,
  refreshed_at BIGINT NOT NULL
);

CREATE TABLE refreshed_schema (
  endpoint_arn TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (endpoint_arn, name)
);

CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE task_table (
  task_arn TEXT NOT NULL,
  schema_name TEXT NOT NULL,
  table_name TEXT NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (task_arn, schema_name, table_name)
);

CREATE TABLE task_run (
  task_arn TEXT NOT NULL PRIMARY KEY,
  json TEXT NOT NULL
);
