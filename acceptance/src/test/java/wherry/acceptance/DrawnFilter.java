package wherry.acceptance;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Filters drawn by lot for a table (id int, n int, x varchar(10), d date), and random changes of
 * it.
 *
 * @param json the array of a selection rule
 * @param where the same as SQL, by the formula of docs/mappings.md
 */
record DrawnFilter(String json, String where) {
  private static final int KEYS = 40;

  static DrawnFilter of(Random random) {
    List<String> filters = new ArrayList<>();
    List<String> conditions = new ArrayList<>();
    for (String column : List.of("n", "x", "d").subList(0, 1 + random.nextInt(3))) {
      DrawnFilter one = of(column, random);
      filters.add(one.json());
      conditions.add(one.where());
    }
    return new DrawnFilter("[" + String.join(",", filters) + "]", String.join(" AND ", conditions));
  }

  private static DrawnFilter of(String column, Random random) {
    List<String> json = new ArrayList<>();
    List<String> alternatives = new ArrayList<>();
    List<String> narrowing = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      String value = value(column, random);
      String end = value(column, random);
      switch (random.nextInt(8)) {
        case 0 -> add("lte", column + " <= '" + value + "'", alternatives, json, value, end);
        case 1 -> add("gte", column + " >= '" + value + "'", alternatives, json, value, end);
        case 2, 3 ->
            add(
                "between",
                column + " BETWEEN '" + value + "' AND '" + end + "'",
                alternatives,
                json,
                value,
                end);
        case 4 -> add("eq", column + " = '" + value + "'", alternatives, json, value, end);
        case 5 -> add("null", column + " IS NULL", alternatives, json, value, end);
        case 6 -> add("noteq", column + " <> '" + value + "'", narrowing, json, value, end);
        default ->
            add(
                "notbetween",
                "(" + column + " < '" + value + "' OR " + column + " > '" + end + "')",
                narrowing,
                json,
                value,
                end);
      }
    }
    List<String> all = new ArrayList<>(narrowing);
    if (!alternatives.isEmpty()) {
      all.add("(" + String.join(" OR ", alternatives) + ")");
    }
    return new DrawnFilter(
        "{\"filter-type\":\"source\",\"column-name\":\"%s\",\"filter-conditions\":[%s]}"
            .formatted(column, String.join(",", json)),
        String.join(" AND ", all));
  }

  private static void add(
      String operator, String sql, List<String> to, List<String> json, String value, String end) {
    to.add(sql);
    json.add(
        "{\"filter-operator\":\"%s\",\"value\":\"%s\",\"start-value\":\"%s\",\"end-value\":\"%s\"}"
            .formatted(operator, value, value, end));
  }

  private static String value(String column, Random random) {
    return switch (column) {
      case "n" -> Integer.toString(random.nextInt(10));
      case "x" -> "abcdefgh".substring(0, 1 + random.nextInt(8));
      default -> "2024-02-%02d".formatted(1 + random.nextInt(29));
    };
  }

  /** Statements that insert, change, move and delete rows of {@code {drawn}}. */
  static String[] changes(int count, int firstKey, Random random) {
    return IntStream.range(0, count)
        .mapToObj(i -> {
          int key = random.nextInt(KEYS);
          return switch (random.nextInt(6)) {
            case 0 -> "DELETE FROM {drawn} WHERE id = " + key;
            case 1 -> "INSERT INTO {drawn} VALUES (%d, %s)".formatted(firstKey + i, row(random));
            case 2 ->
                "UPDATE {drawn} SET id = %d, n = %s WHERE id = %d"
                    .formatted(firstKey + i, cell("n", random), key);
            default -> {
              String column = List.of("n", "x", "d").get(random.nextInt(3));
              yield "UPDATE {drawn} SET %s = %s WHERE id = %d"
                  .formatted(column, cell(column, random), key);
            }
          };
        })
        .toArray(String[]::new);
  }

  static String[] rows(Random random) {
    return IntStream.range(0, KEYS)
        .mapToObj(key -> "INSERT INTO {drawn} VALUES (%d, %s)".formatted(key, row(random)))
        .toArray(String[]::new);
  }

  private static String row(Random random) {
    return cell("n", random) + ", " + cell("x", random) + ", " + cell("d", random);
  }

  private static String cell(String column, Random random) {
    return random.nextInt(6) == 0 ? "NULL" : "'" + value(column, random) + "'";
  }
}
