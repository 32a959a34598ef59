-- One of every kind of object that a database may have, and some that depend on one another across schemas.
CREATE SCHEMA shop;
COMMENT ON SCHEMA shop IS 'what is sold';
CREATE SCHEMA "Odd.Name";
CREATE COLLATION shop.c_order FROM "C";
CREATE TYPE shop.mood AS ENUM ('sad', 'ok', 'it''s fine');
COMMENT ON TYPE shop.mood IS 'moods';
CREATE TYPE shop.address AS (street text, zip varchar(10));
CREATE TYPE shop.float_range AS RANGE (subtype = float8);
CREATE DOMAIN shop.positive AS integer DEFAULT 1 CONSTRAINT above_zero CHECK (VALUE > 0);
CREATE FUNCTION shop.double(i integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT i * 2';
CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Name: not; Type: A; Schema: HEADER; Owner: -
  NEW.note := coalesce(NEW.note, '') || '{fn now()} ? stamped;';
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION shop.stamp() IS 'fires';
CREATE PROCEDURE shop.nothing() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE AGGREGATE shop.product(integer) (SFUNC = int4mul, STYPE = integer, INITCOND = '1');
CREATE OPERATOR shop.<+> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4pl);
CREATE FUNCTION shop.to_mood(integer) RETURNS shop.mood LANGUAGE sql IMMUTABLE AS 'SELECT ''ok''::shop.mood';
CREATE CAST (integer AS shop.mood) WITH FUNCTION shop.to_mood(integer);
CREATE TEXT SEARCH CONFIGURATION shop.plain (COPY = pg_catalog.simple);
CREATE SEQUENCE shop.numbers START 100 INCREMENT 5 MAXVALUE 100000 CYCLE CACHE 3;
CREATE SEQUENCE shop.down INCREMENT -1 MINVALUE -1000 MAXVALUE -1;
CREATE TABLE shop.customer (
  id bigint GENERATED ALWAYS AS IDENTITY (START 1000 INCREMENT 2) PRIMARY KEY,
  name text COLLATE shop.c_order NOT NULL DEFAULT 'nobody',
  mood shop.mood DEFAULT 'ok',
  home shop.address,
  level shop.positive,
  weight numeric(8,3) CHECK (weight >= 0),
  twice integer GENERATED ALWAYS AS (shop.double(5)) STORED,
  note text,
  seen tstzrange,
  tags text[] NOT NULL DEFAULT '{}',
  CONSTRAINT named UNIQUE (name, mood) DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 80);
COMMENT ON TABLE shop.customer IS 'who buys';
COMMENT ON COLUMN shop.customer.name IS 'full name';
COMMENT ON CONSTRAINT named ON shop.customer IS 'nobody twice';
ALTER TABLE shop.customer ALTER COLUMN note SET STORAGE EXTERNAL;
CREATE TABLE shop.orders (
  id serial PRIMARY KEY,
  number integer DEFAULT nextval('shop.numbers'),
  customer bigint REFERENCES shop.customer ON DELETE CASCADE,
  parent integer REFERENCES shop.orders,
  total numeric,
  placed timestamptz DEFAULT '2026-01-01Z'
);
CREATE INDEX orders_open ON shop.orders USING btree (customer DESC, placed) INCLUDE (total) WHERE total > 0;
COMMENT ON INDEX shop.orders_open IS 'partial';
CREATE INDEX orders_expression ON shop.orders ((lower(total::text)));
CREATE INDEX customer_tags ON shop.customer USING gin (tags);
ALTER TABLE shop.customer ADD CONSTRAINT not_at_once EXCLUDE USING gist (seen WITH &&);
CREATE STATISTICS shop.together ON customer, number FROM shop.orders;
CREATE TABLE shop.events (id bigint, day date NOT NULL, what text, PRIMARY KEY (id, day, what)) PARTITION BY RANGE (day);
CREATE TABLE shop.events_2025 PARTITION OF shop.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE shop.events_2026 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (what);
CREATE TABLE shop.events_2026_a PARTITION OF shop.events_2026 FOR VALUES IN ('a');
CREATE TABLE shop.events_rest PARTITION OF shop.events DEFAULT;
CREATE INDEX events_what ON shop.events (what);
CREATE UNLOGGED TABLE shop.scratch (k integer PRIMARY KEY);
CREATE TABLE "Odd.Name"."weird table; --" ("select" integer PRIMARY KEY, "a""b" text);
CREATE VIEW shop.totals AS SELECT customer, sum(total) AS total FROM shop.orders GROUP BY customer;
CREATE VIEW shop.over AS SELECT * FROM shop.totals WHERE total > 10 WITH CASCADED CHECK OPTION;
DROP VIEW shop.over;
CREATE VIEW shop.rich WITH (security_barrier) AS SELECT * FROM shop.customer WHERE weight > 10 WITH LOCAL CHECK OPTION;
COMMENT ON VIEW shop.totals IS 'sums';
CREATE MATERIALIZED VIEW shop.per_day AS SELECT placed::date AS day, count(*) FROM shop.orders GROUP BY 1;
CREATE UNIQUE INDEX per_day_key ON shop.per_day (day);
CREATE MATERIALIZED VIEW shop.over_per_day AS SELECT sum(count) FROM shop.per_day;
CREATE MATERIALIZED VIEW shop.unfilled AS SELECT 1 AS one WITH NO DATA;
CREATE TRIGGER stamped BEFORE INSERT OR UPDATE OF note ON shop.customer FOR EACH ROW WHEN (NEW.note IS NOT NULL) EXECUTE FUNCTION shop.stamp();
CREATE TRIGGER off BEFORE INSERT ON shop.customer FOR EACH ROW EXECUTE FUNCTION shop.stamp();
ALTER TABLE shop.customer DISABLE TRIGGER off;
COMMENT ON TRIGGER stamped ON shop.customer IS 'stamps';
CREATE RULE no_delete AS ON DELETE TO shop.scratch DO INSTEAD NOTHING;
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.orders FOR SELECT USING (customer > 0);
ALTER TABLE "Odd.Name"."weird table; --" REPLICA IDENTITY FULL;
ALTER TABLE shop.orders CLUSTER ON orders_pkey;
CREATE FUNCTION shop.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION shop.on_ddl();
GRANT USAGE ON SCHEMA shop TO reader;
GRANT SELECT ON shop.customer TO reader WITH GRANT OPTION;
GRANT UPDATE (name) ON shop.customer TO reader;
GRANT USAGE ON SEQUENCE shop.numbers TO reader;
REVOKE EXECUTE ON FUNCTION shop.double(integer) FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO reader;
INSERT INTO shop.customer (name, weight, note) SELECT 'n' || i, i, 'x' FROM generate_series(1, 50) i;
INSERT INTO shop.orders (customer, total) SELECT 1000 + 2 * (i % 50), i FROM generate_series(1, 200) i;
INSERT INTO shop.events SELECT i, date '2025-06-01' + i, 'a' FROM generate_series(1, 300) i;
INSERT INTO "Odd.Name"."weird table; --" VALUES (1, 'x');
SELECT nextval('shop.down'), nextval('shop.down');
REFRESH MATERIALIZED VIEW shop.per_day;
REFRESH MATERIALIZED VIEW shop.over_per_day;
-- Last, as JDBC takes its semicolons for ends of statements only until here.
CREATE FUNCTION shop.body(i integer) RETURNS integer LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT i + 1; SELECT i + 2; END;
