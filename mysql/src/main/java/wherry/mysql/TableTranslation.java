package wherry.mysql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import wherry.mysql.TableDefinition.Clause;

/**
 * Makes of a table's definition one that the target understands: engines and collations that it
 * lacks, and what only the other server of the family knows. Whatever is changed is told.
 */
final class TableTranslation {
  /**
   * @param notes what was changed, one sentence each
   * @param leftOut clauses that have no equal, and why
   */
  record Translated(TableDefinition table, List<String> notes, Map<Clause, String> leftOut) {}

  private static final String DIRECTORY_NOTE = "names a place on the source's machine";

  private final MySqlServer source;
  private final MySqlServer target;
  private final MySqlCollations collations;
  private final Set<String> engines;

  /**
   * @param engines that the target has
   */
  TableTranslation(
      MySqlServer source, MySqlServer target, MySqlCollations collations, Set<String> engines) {
    this.source = source;
    this.target = target;
    this.collations = collations;
    Set<String> anyCase = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    anyCase.addAll(engines);
    this.engines = anyCase;
  }

  Translated translate(TableDefinition table) {
    return new Translation(table).run();
  }

  /** One table. */
  private final class Translation {
    private final TableDefinition table;
    private final Set<String> notes = new LinkedHashSet<>();
    private final Map<Clause, String> leftOut = new LinkedHashMap<>();

    Translation(TableDefinition table) {
      this.table = table;
    }

    Translated run() {
      List<Clause> clauses = new ArrayList<>();
      for (Clause clause : table.clauses()) {
        SqlPhrase sql = withKnownCollations(clause.sql());
        if (source.mariaDb() != target.mariaDb()) {
          sql = source.mariaDb() ? forMySql(clause, sql) : forMariaDb(clause, sql);
        }
        if (sql.size() > 0) {
          clauses.add(new Clause(clause.kind(), clause.name(), sql));
        }
      }
      SqlPhrase options = options();
      return new Translated(
          new TableDefinition(table.id(), clauses, options), List.copyOf(notes), leftOut);
    }

    private SqlPhrase options() {
      SqlPhrase options = withKnownEngine(withKnownCollations(table.options()));
      for (String place : List.of("DATA", "INDEX")) {
        options = without(options, DIRECTORY_NOTE, true, place, "DIRECTORY");
      }
      options = without(options, "names a tablespace of the source", true, "TABLESPACE");
      if (source.mariaDb() != target.mariaDb()) {
        options = source.mariaDb() ? optionsForMySql(options) : optionsForMariaDb(options);
      }
      return options;
    }

    private SqlPhrase withKnownCollations(SqlPhrase sql) {
      SqlPhrase known = sql;
      int at = known.findInside(0, "COLLATE");
      while (at >= 0) {
        int value = known.isAt(at + 1, "=") ? at + 2 : at + 1;
        String collation = known.word(value).plain();
        String charset = collation.replaceFirst("_.*", "");
        String equivalent = collations.equivalent(charset, collation);
        if (!equivalent.equals(collation)) {
          notes.add(
              "The target does not know the collation "
                  + collation
                  + "; "
                  + equivalent
                  + " stands for it.");
          known = known.with(value, value + 1, equivalent);
        }
        at = known.findInside(value, "COLLATE");
      }
      return known;
    }

    private SqlPhrase withKnownEngine(SqlPhrase options) {
      SqlPhrase known = options;
      int at = known.findInside(0, "ENGINE", "=");
      while (at >= 0) {
        String engine = known.word(at + 2).plain();
        if (!engines.contains(engine)) {
          notes.add("The target has no engine " + engine + "; the table is InnoDB's there.");
          known = known.with(at + 2, at + 3, "InnoDB");
          known = without(known, "is of " + engine + " only", true, "ROW_FORMAT");
          at = known.findInside(0, "ENGINE", "=");
        }
        at = known.findInside(at + 1, "ENGINE", "=");
      }
      return known;
    }

    /** Without these words, the value behind them included, wherever they stand. */
    private SqlPhrase without(SqlPhrase sql, String why, boolean valued, String... words) {
      SqlPhrase left = sql;
      int at = left.findInside(0, words);
      while (at >= 0) {
        int end = at + words.length;
        if (valued) {
          end += left.isAt(end, "=") ? 2 : 1;
        }
        notes.add("Left out: " + left.part(at, end).text() + ", which " + why + ".");
        left = left.with(at, end, "");
        at = left.findInside(at, words);
      }
      return left;
    }

    private SqlPhrase forMariaDb(Clause clause, SqlPhrase sql) {
      String why = "MariaDB does not know";
      return switch (clause.kind()) {
        case COLUMN -> {
          SqlPhrase column = sql;
          if (sql.isAt(1, "json")) {
            notes.add(
                "The column " + clause.name() + " is text that is checked to be JSON in MariaDB.");
          }
          for (String attribute :
              List.of(
                  "SRID",
                  "COLUMN_FORMAT",
                  "STORAGE",
                  "ENGINE_ATTRIBUTE",
                  "SECONDARY_ENGINE_ATTRIBUTE")) {
            column = without(column, why, true, attribute);
          }
          yield without(column, why, false, "NOT", "SECONDARY");
        }
        case CHECK -> sql.has("NOT", "ENFORCED") ? leaveOut(clause, why + " NOT ENFORCED") : sql;
        case PRIMARY_KEY, UNIQUE_KEY, KEY -> {
          int open = sql.find("(");
          boolean expression =
              sql.part(open + 1, sql.behindBrackets(open) - 1).parts().stream()
                  .anyMatch(part -> part.startsWith("("));
          if (expression) {
            yield leaveOut(clause, why + " indexes over expressions");
          }
          int invisible = sql.find("INVISIBLE");
          SqlPhrase key =
              without(
                  invisible < 0 ? sql : sql.with(invisible, invisible + 1, "IGNORED"),
                  why,
                  true,
                  "ENGINE_ATTRIBUTE");
          yield without(key, why, true, "SECONDARY_ENGINE_ATTRIBUTE");
        }
        case FOREIGN_KEY, PERIOD -> sql;
      };
    }

    private SqlPhrase leaveOut(Clause clause, String why) {
      leftOut.put(clause, why);
      return new SqlPhrase(List.of());
    }

    private SqlPhrase optionsForMariaDb(SqlPhrase sql) {
      SqlPhrase options =
          translated(sql, "ENCRYPTION", value -> value.equals("Y") ? "ENCRYPTED=YES" : "");
      options =
          translated(
              options,
              "COMPRESSION",
              value -> value.equalsIgnoreCase("none") ? "" : "PAGE_COMPRESSED=1");
      for (String option :
          List.of(
              "AUTOEXTEND_SIZE",
              "ENGINE_ATTRIBUTE",
              "SECONDARY_ENGINE_ATTRIBUTE",
              "SECONDARY_ENGINE")) {
        options = without(options, "MariaDB does not know", true, option);
      }
      return options;
    }

    /**
     * @param equal what stands for the option's value; empty when it says what is so anyway
     */
    private SqlPhrase translated(SqlPhrase options, String option, UnaryOperator<String> equal) {
      int at = options.find(option, "=");
      return at < 0 ? options : translated(options, at, equal.apply(options.word(at + 2).plain()));
    }

    private SqlPhrase translated(SqlPhrase options, int at, String equal) {
      if (!equal.isEmpty()) {
        notes.add(options.part(at, at + 3).text() + " is " + equal + " on the target.");
      }
      return options.with(at, at + 3, equal);
    }

    private SqlPhrase forMySql(Clause clause, SqlPhrase sql) {
      return switch (clause.kind()) {
        case COLUMN -> columnForMySql(sql);
        case UNIQUE_KEY, PRIMARY_KEY, KEY -> {
          if (sql.findInside(0, "WITHOUT", "OVERLAPS") >= 0) {
            yield leaveOut(clause, "MySQL does not know WITHOUT OVERLAPS");
          }
          int ignored = sql.find("IGNORED");
          yield ignored < 0 ? sql : sql.with(ignored, ignored + 1, "INVISIBLE");
        }
        case PERIOD -> {
          notes.add("Left out: " + sql.text() + ", which MySQL does not know.");
          yield new SqlPhrase(List.of());
        }
        case CHECK, FOREIGN_KEY -> sql;
      };
    }

    private SqlPhrase columnForMySql(SqlPhrase sql) {
      String why = "MySQL does not know";
      if (sql.has("GENERATED", "ALWAYS", "AS", "ROW")) {
        notes.add(
            "Left out: the column "
                + sql.word(0).plain()
                + ", because MySQL keeps no versions of rows.");
        return new SqlPhrase(List.of());
      }
      SqlPhrase column = without(sql, why, false, "WITHOUT", "SYSTEM", "VERSIONING");
      column = without(column, why, true, "REF_SYSTEM_ID");
      column = without(column, why, false, "COMPRESSED");
      String type = column.word(1).text();
      String replacement = MySqlTypes.withoutMariaDbTypes(type);
      if (!replacement.equals(type)) {
        notes.add(
            "The column "
                + column.word(0).plain()
                + " is "
                + replacement
                + ", because MySQL does not know "
                + type
                + ".");
        column = column.with(1, 2, replacement);
      }
      return withMySqlDefault(column);
    }

    /**
     * MySQL wants an expression in brackets ("Explicit Default Handling", "Implicit"), and any
     * default of TEXT, BLOB, JSON and GEOMETRY to be one.
     */
    private SqlPhrase withMySqlDefault(SqlPhrase column) {
      int at = column.find("DEFAULT") + 1;
      if (at == 0 || at >= column.size()) {
        return column;
      }
      SqlPhrase.Word first = column.word(at);
      boolean function = at + 1 < column.size() && column.isAt(at + 1, "(");
      if (first.is("nextval")) {
        notes.add(
            "The column "
                + column.word(0).plain()
                + " has no default, because MySQL has no sequences; it was "
                + column.part(at, column.behindBrackets(at + 1)).text()
                + ".");
        return column.with(at - 1, column.behindBrackets(at + 1), "");
      }
      if (function && !first.is("current_timestamp")) {
        int end = column.behindBrackets(at + 1);
        return column.with(at, end, "(" + column.part(at, end).text() + ")");
      }
      boolean unbounded = column.word(1).text().matches("(?i)(tiny|medium|long)?(text|blob)|json");
      if (first.kind() == SqlPhrase.Kind.STRING && unbounded) {
        return column.with(at, at + 1, "(" + first.text() + ")");
      }
      return column;
    }

    private SqlPhrase optionsForMySql(SqlPhrase sql) {
      SqlPhrase options = sql;
      int partition = options.find("PARTITION", "BY", "SYSTEM_TIME");
      if (partition >= 0) {
        notes.add(
            "The partitions are left out: "
                + Shortened.text(options.part(partition, options.size()).text()));
        options = options.part(0, partition);
      }
      if (options.has("WITH", "SYSTEM", "VERSIONING")) {
        options =
            without(
                options,
                "MySQL does not know; what rows were before is not carried",
                false,
                "WITH",
                "SYSTEM",
                "VERSIONING");
      }
      for (int at = 0; at < options.size(); at++) {
        if (options.word(at).kind() == SqlPhrase.Kind.NAME && options.isAt(at + 1, "=")) {
          options = attributeForMySql(options, at);
          at--;
        }
      }
      for (String option : List.of("PAGE_CHECKSUM", "TRANSACTIONAL")) {
        options = without(options, "MySQL does not know", true, option);
      }
      return options;
    }

    /** MariaDB writes the attributes of engines as quoted names. */
    private SqlPhrase attributeForMySql(SqlPhrase options, int at) {
      String value = options.word(at + 2).plain().toUpperCase(Locale.ROOT);
      boolean on = Set.of("YES", "ON", "1").contains(value);
      return switch (options.word(at).plain().toUpperCase(Locale.ROOT)) {
        case "ENCRYPTED" -> translated(options, at, on ? "ENCRYPTION='Y'" : "");
        case "PAGE_COMPRESSED" -> translated(options, at, on ? "COMPRESSION='zlib'" : "");
        default -> {
          String written = options.part(at, at + 3).text();
          notes.add("Left out: " + written + ", which MySQL does not know.");
          yield options.with(at, at + 3, "");
        }
      };
    }
  }
}
