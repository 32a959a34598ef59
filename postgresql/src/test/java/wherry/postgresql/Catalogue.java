package wherry.postgresql;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import wherry.sandbox.PostgresServer;

/**
 * Everything that a database defines, as one line for each fact, read from pg_catalog without the
 * program that carries it: what two databases do not share is the difference of their catalogues.
 * Control tables of tasks are left out.
 */
public final class Catalogue {
  private static final String USER_SCHEMAS =
      "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
  private static final String NOT_OURS = " AND c.relname !~ '^awsdms_'";
  private static final String RELATIONS =
      " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
          + USER_SCHEMAS
          + NOT_OURS
          + " AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid ="
          + " 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')";

  /** By kind, a query of one column. */
  private static final Map<String, String> QUERIES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "schema",
                  "SELECT format('%s acl %s comment %s', nspname, nspacl, obj_description(n.oid,"
                      + " 'pg_namespace')) FROM pg_namespace n WHERE "
                      + USER_SCHEMAS),
              Map.entry(
                  "relation",
                  "SELECT format('%s kind %s persistence %s partition %s of %s options %s rls %s %s"
                      + " replident %s acl %s comment %s', c.oid::regclass, relkind,"
                      + " relpersistence, pg_get_expr(relpartbound, c.oid), (SELECT"
                      + " string_agg(inhparent::regclass::text, ',' ORDER BY inhseqno) FROM"
                      + " pg_inherits WHERE inhrelid = c.oid), reloptions, relrowsecurity,"
                      + " relforcerowsecurity, relreplident, relacl, obj_description(c.oid,"
                      + " 'pg_class'))"
                      + RELATIONS),
              Map.entry(
                  "column",
                  "SELECT format('%s.%s at %s %s null %s default %s identity %s generated %s"
                      + " collation %s storage %s comment %s acl %s', c.oid::regclass, attname,"
                      + " row_number() OVER (PARTITION BY c.oid ORDER BY attnum),"
                      + " format_type(atttypid, atttypmod), NOT attnotnull,"
                      + " pg_get_expr(adbin, adrelid), attidentity, attgenerated,"
                      + " attcollation::regcollation, attstorage, col_description(c.oid, attnum),"
                      + " attacl) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN"
                      + " pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attrdef ON adrelid ="
                      + " attrelid AND adnum = attnum WHERE "
                      + USER_SCHEMAS
                      + NOT_OURS
                      + " AND attnum > 0 AND NOT attisdropped AND relkind <> 'S'"),
              Map.entry(
                  "view",
                  "SELECT format('%s populated %s %s', c.oid::regclass, relispopulated,"
                      + " pg_get_viewdef(c.oid))"
                      + RELATIONS
                      + " AND relkind IN ('v', 'm')"),
              Map.entry(
                  "constraint",
                  "SELECT format('%s.%s %s valid %s comment %s', k.conrelid::regclass, conname,"
                      + " pg_get_constraintdef(k.oid), convalidated, obj_description(k.oid,"
                      + " 'pg_constraint')) FROM pg_constraint k JOIN pg_namespace n ON n.oid ="
                      + " k.connamespace LEFT JOIN pg_class c ON c.oid = k.conrelid WHERE "
                      + USER_SCHEMAS
                      + " AND coalesce(c.relname, '') !~ '^awsdms_'"),
              Map.entry(
                  "index",
                  "SELECT format('%s clustered %s comment %s', pg_get_indexdef(c.oid),"
                      + " indisclustered, obj_description(c.oid, 'pg_class')) FROM pg_index i JOIN"
                      + " pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid ="
                      + " c.relnamespace WHERE "
                      + USER_SCHEMAS
                      + NOT_OURS),
              Map.entry(
                  "trigger",
                  "SELECT format('%s enabled %s comment %s', pg_get_triggerdef(t.oid), tgenabled,"
                      + " obj_description(t.oid, 'pg_trigger')) FROM pg_trigger t WHERE NOT"
                      + " tgisinternal"),
              Map.entry(
                  "event trigger",
                  "SELECT format('%s %s %s', evtname, evtevent, evtfoid::regproc) FROM"
                      + " pg_event_trigger"),
              Map.entry("rule", "SELECT definition FROM pg_rules WHERE schemaname !~ '^pg_'"),
              Map.entry("policy", "SELECT format('%s', p) FROM pg_policies p"),
              Map.entry(
                  "routine",
                  "SELECT format('%s acl %s comment %s', pg_get_functiondef(p.oid), proacl,"
                      + " obj_description(p.oid, 'pg_proc')) FROM pg_proc p JOIN pg_namespace n ON"
                      + " n.oid = pronamespace WHERE "
                      + USER_SCHEMAS
                      + " AND prokind <> 'a' AND NOT"
                      + " EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')"),
              Map.entry(
                  "aggregate",
                  "SELECT format('%s %s', p.oid::regprocedure, (SELECT format('%s %s %s',"
                      + " aggtransfn, agginitval, aggtranstype::regtype) FROM pg_aggregate WHERE"
                      + " aggfnoid = p.oid)) FROM pg_proc p JOIN pg_namespace n ON n.oid ="
                      + " pronamespace WHERE "
                      + USER_SCHEMAS
                      + " AND prokind = 'a'"),
              Map.entry(
                  "type",
                  "SELECT format('%s kind %s base %s default %s acl %s labels %s comment %s',"
                      + " t.oid::regtype, typtype, typbasetype::regtype, typdefault, typacl, (SELECT"
                      + " string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE"
                      + " enumtypid = t.oid), obj_description(t.oid, 'pg_type')) FROM pg_type t JOIN"
                      + " pg_namespace n ON n.oid = typnamespace WHERE "
                      + USER_SCHEMAS
                      + " AND typname !~ '^_?awsdms_'"),
              Map.entry(
                  "sequence",
                  "SELECT format('%s %s', schemaname || '.' || sequencename, p) FROM pg_sequences p"
                      + " WHERE sequencename !~ '^awsdms_'"),
              Map.entry(
                  "extension", "SELECT format('%s %s', extname, extversion) FROM pg_extension"),
              Map.entry(
                  "statistics", "SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s"),
              Map.entry(
                  "operator",
                  "SELECT format('%s %s', o.oid::regoperator, oprcode) FROM pg_operator o JOIN"
                      + " pg_namespace n ON n.oid = oprnamespace WHERE "
                      + USER_SCHEMAS),
              Map.entry(
                  "cast",
                  "SELECT format('%s %s %s', castsource::regtype, casttarget::regtype,"
                      + " castfunc::regproc) FROM pg_cast WHERE oid >= 16384"),
              Map.entry(
                  "collation",
                  "SELECT format('%s %s %s', collname, collprovider, collcollate) FROM pg_collation"
                      + " c JOIN pg_namespace n ON n.oid = collnamespace WHERE "
                      + USER_SCHEMAS),
              Map.entry(
                  "text search",
                  "SELECT format('%s', cfgname) FROM pg_ts_config c JOIN pg_namespace n ON n.oid ="
                      + " cfgnamespace WHERE "
                      + USER_SCHEMAS),
              Map.entry(
                  "default grants",
                  "SELECT format('%s %s %s', defaclnamespace::regnamespace, defaclobjtype,"
                      + " defaclacl) FROM pg_default_acl")));

  private Catalogue() {}

  /** By kind, the facts that only one of two databases has, with a sign telling which. */
  public static SortedMap<String, TreeSet<String>> difference(
      PostgresServer one, String database, PostgresServer other, String otherDatabase) {
    SortedMap<String, TreeSet<String>> differences = new TreeMap<>();
    QUERIES.forEach((kind, query) -> {
      TreeSet<String> here = new TreeSet<>(Databases.rows(one, database, query));
      TreeSet<String> there = new TreeSet<>(Databases.rows(other, otherDatabase, query));
      TreeSet<String> only = new TreeSet<>();
      here.stream().filter(fact -> !there.contains(fact)).forEach(fact -> only.add("- " + fact));
      there.stream().filter(fact -> !here.contains(fact)).forEach(fact -> only.add("+ " + fact));
      if (!only.isEmpty()) {
        differences.put(kind, only);
      }
    });
    return differences;
  }

  /** How many facts of each kind a database has; a kind without any would be no test of it. */
  static SortedMap<String, Integer> counts(PostgresServer server, String database) {
    SortedMap<String, Integer> counts = new TreeMap<>();
    QUERIES.forEach(
        (kind, query) -> counts.put(kind, Databases.rows(server, database, query).size()));
    return counts;
  }
}
