package wherry.postgresql;

import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import wherry.connector.TableRoute;
import wherry.schema.Column;

/** The statements that change rows of one table by their key, one by one or as a set. */
record ChangeSql(TableRoute route) {
  /** Which row {@link #one} has chosen; a ctid says where a row is in one partition. */
  static final String IS_ONE = "own.ctid = one.place AND own.tableoid = one.partition";

  /** Types whose operator = finds values alike that are not the same. */
  private static final Set<String> LOOSELY_EQUAL = Set.of("xml", "citext", "public.citext");

  String table() {
    return PostgresNames.quote(route.target().id());
  }

  String column(int index) {
    return PostgresNames.quote(route.target().columns().get(index).name());
  }

  String deleteByKey() {
    return "DELETE FROM %s WHERE %s".formatted(table(), equal(route.key(), column -> "?"));
  }

  /**
   * @param by columns that identify a row, their parameters after those of the columns to set
   */
  String updateBy(List<Integer> by, List<Integer> columns) {
    return "UPDATE %s SET %s WHERE %s"
        .formatted(table(), set(columns, column -> "?"), equal(by, column -> "?"));
  }

  String countBy(List<Integer> by) {
    return "SELECT count(*) FROM %s WHERE %s".formatted(table(), equal(by, column -> "?"));
  }

  String deleteStaged(String stage) {
    return "DELETE FROM %s AS own USING %s AS staged WHERE %s"
        .formatted(table(), inKeyOrder(stage), staged(route.key()));
  }

  /**
   * @param by columns that identify a row
   */
  String updateStaged(List<Integer> by, List<Integer> columns, String stage) {
    return "UPDATE %s AS own SET %s FROM %s AS staged WHERE %s"
        .formatted(
            table(),
            set(columns, column -> "staged." + column(column)),
            inKeyOrder(stage),
            staged(by));
  }

  /** COPY sets GENERATED ALWAYS identity columns without being asked. */
  String insert(List<Integer> columns) {
    String names = columns.stream().map(this::column).collect(Collectors.joining(", "));
    String values = columns.stream().map(column -> "?").collect(Collectors.joining(", "));
    return "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)"
        .formatted(table(), names, values);
  }

  /** Chooses one row of those that a condition finds. */
  String one(String condition) {
    return "WITH one AS (SELECT tableoid AS partition, ctid AS place FROM %s WHERE %s LIMIT 1)"
        .formatted(table(), condition);
  }

  /**
   * The condition that a column is NULL or has the value of a parameter. Without a key, types that
   * have no operator =, or one that compares by area or case, are compared as the server's text of
   * both.
   */
  String hasValue(int index, boolean isNull) {
    if (isNull) {
      return column(index) + " IS NULL";
    }
    if (!route.key().isEmpty()) {
      return column(index) + " = ?";
    }
    Column column = route.target().columns().get(index);
    boolean asText =
        switch (column.meaning()) {
          case JSON, ARRAY, LITERAL, HSTORE -> true;
          case PLAIN,
              INSTANT,
              JSONB,
              UUID,
              BITS,
              VARBITS,
              TIME_SPAN,
              INTERVAL,
              YEAR,
              ENUM,
              SET,
              FIXED_CHAR,
              MONEY,
              GEOMETRY ->
              LOOSELY_EQUAL.contains(column.nativeType().name());
        };
    return asText
        ? "%s::text = (?::%s)::text".formatted(column(index), column.nativeType().name())
        : column(index) + " = ?";
  }

  /**
   * Neighbours in the index one after the other: a third less work for the server. Texts are sorted
   * by their bytes, for a locale's order costs more than it gives.
   */
  private String inKeyOrder(String stage) {
    String order =
        route.key().stream()
            .map(key -> column(key) + (isCollated(key) ? " COLLATE \"C\"" : ""))
            .collect(Collectors.joining(", "));
    return "(SELECT * FROM %s ORDER BY %s)".formatted(stage, order);
  }

  private boolean isCollated(int column) {
    String type = route.target().columns().get(column).nativeType().name();
    return type.equals("text") || type.startsWith("character") || type.equals("bpchar");
  }

  private String staged(List<Integer> by) {
    return by.stream()
        .map(column -> "own." + column(column) + " = staged." + column(column))
        .collect(Collectors.joining(" AND "));
  }

  private String equal(List<Integer> columns, IntFunction<String> value) {
    return columns.stream()
        .map(column -> column(column) + " = " + value.apply(column))
        .collect(Collectors.joining(" AND "));
  }

  String set(List<Integer> columns, IntFunction<String> value) {
    return columns.stream()
        .map(column -> column(column) + " = " + value.apply(column))
        .collect(Collectors.joining(", "));
  }
}
