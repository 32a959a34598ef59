package wherry.mysql;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/**
 * A table as SHOW CREATE TABLE prints it.
 *
 * @param clauses columns, keys and constraints in the server's order
 * @param options what stands behind them, partitions included
 */
record TableDefinition(TableId id, List<Clause> clauses, SqlPhrase options) {
  enum Kind {
    COLUMN,
    PRIMARY_KEY,
    UNIQUE_KEY,
    /** Any other index. */
    KEY,
    FOREIGN_KEY,
    CHECK,
    /** MariaDB's PERIOD FOR. */
    PERIOD
  }

  /**
   * @param name of the column, index or constraint
   */
  record Clause(Kind kind, String name, SqlPhrase sql) {
    boolean isIndex() {
      return kind == Kind.UNIQUE_KEY || kind == Kind.KEY;
    }

    /** The column that an index begins with; empty when it is an expression. */
    String firstColumn() {
      int open = sql.find("(");
      boolean named = open >= 0 && sql.word(open + 1).kind() == SqlPhrase.Kind.NAME;
      return named ? sql.word(open + 1).plain() : "";
    }
  }

  TableDefinition {
    clauses = List.copyOf(clauses);
  }

  /**
   * @throws DmsException SOURCE_TABLE_FAILED when the statement is not understood
   */
  static TableDefinition of(TableId id, String statement) {
    SqlPhrase sql = SqlPhrase.of(statement);
    int open = sql.find("(");
    if (!sql.startsWith("CREATE") || open < 0) {
      throw notUnderstood(id, statement);
    }
    int behind = sql.behindBrackets(open);
    List<Clause> clauses = new ArrayList<>();
    for (SqlPhrase part : sql.part(open + 1, behind - 1).parts()) {
      clauses.add(clause(id, part));
    }
    return new TableDefinition(id, clauses, sql.part(behind, sql.size()));
  }

  private static Clause clause(TableId id, SqlPhrase sql) {
    if (sql.word(0).kind() == SqlPhrase.Kind.NAME) {
      return new Clause(Kind.COLUMN, sql.word(0).plain(), sql);
    }
    String word = sql.word(0).text().toUpperCase(Locale.ROOT);
    return switch (word) {
      case "PRIMARY" -> new Clause(Kind.PRIMARY_KEY, "PRIMARY", sql);
      case "UNIQUE" -> new Clause(Kind.UNIQUE_KEY, sql.word(2).plain(), sql);
      case "KEY" -> new Clause(Kind.KEY, sql.word(1).plain(), sql);
      case "FULLTEXT", "SPATIAL", "VECTOR" -> new Clause(Kind.KEY, sql.word(2).plain(), sql);
      case "CHECK" -> new Clause(Kind.CHECK, "", sql);
      case "PERIOD" -> new Clause(Kind.PERIOD, sql.word(2).plain(), sql);
      case "CONSTRAINT" ->
          new Clause(
              sql.isAt(2, "FOREIGN") ? Kind.FOREIGN_KEY : Kind.CHECK, sql.word(1).plain(), sql);
      default -> throw notUnderstood(id, sql.text());
    };
  }

  private static DmsException notUnderstood(TableId id, String text) {
    return new DmsException(
        ErrorCode.SOURCE_TABLE_FAILED,
        id,
        "The definition of " + id + " is not understood: " + Shortened.text(text) + ".",
        null);
  }

  List<Clause> clauses(Kind kind) {
    return clauses.stream().filter(clause -> clause.kind() == kind).toList();
  }

  /** Columns whose values the server computes, of generated columns and of versions of rows. */
  Set<String> computedColumns() {
    return clauses(Kind.COLUMN).stream()
        .filter(column -> column.sql().has("GENERATED", "ALWAYS"))
        .map(Clause::name)
        .collect(Collectors.toSet());
  }

  /** The engine's name; empty when the server prints none. */
  String engine() {
    int at = options.find("ENGINE", "=");
    return at < 0 ? "" : options.word(at + 2).plain();
  }

  /**
   * Whether the clause is better added to a table that has its rows. A foreign key always: the
   * table that it names may not be there. An index where it is InnoDB's and nothing needs it
   * before: a table without a primary key is ordered by a unique one, and AUTO_INCREMENT wants its
   * column to lead some index.
   */
  boolean waitsForRows(Clause clause) {
    if (clause.kind() == Kind.FOREIGN_KEY) {
      return true;
    }
    if (!clause.isIndex() || !engine().equalsIgnoreCase("InnoDB")) {
      return false;
    }
    boolean keyless = clauses(Kind.PRIMARY_KEY).isEmpty();
    return !(keyless && clause.kind() == Kind.UNIQUE_KEY) && !isCountersIndex(clause);
  }

  private boolean isCountersIndex(Clause clause) {
    Optional<String> counter =
        clauses(Kind.COLUMN).stream()
            .filter(column -> column.sql().has("AUTO_INCREMENT"))
            .map(Clause::name)
            .findFirst();
    Predicate<Clause> leads = key -> counter.isPresent() && key.firstColumn().equals(counter.get());
    return leads.test(clause) && clauses(Kind.PRIMARY_KEY).stream().noneMatch(leads);
  }

  /** Creates the table without what waits for its rows. */
  String createStatement() {
    List<String> parts =
        clauses.stream()
            .filter(clause -> !waitsForRows(clause))
            .map(clause -> clause.sql().text())
            .toList();
    return "CREATE TABLE "
        + MySqlNames.quoted(id)
        + " (\n  "
        + String.join(",\n  ", parts)
        + "\n) "
        + options.text();
  }

  /**
   * How the table found on the target differs from this one, in words; empty when it does not.
   * Where the counter stands is no difference.
   */
  List<String> differences(TableDefinition found) {
    List<String> differences = new ArrayList<>();
    Set<String> there = comparable(found);
    Set<String> here = comparable(this);
    here.stream()
        .filter(clause -> !there.contains(clause))
        .forEach(clause -> differences.add("without " + clause));
    there.stream()
        .filter(clause -> !here.contains(clause))
        .forEach(clause -> differences.add("with " + clause));
    String options = withoutCounter().text();
    String optionsThere = found.withoutCounter().text();
    if (!options.equals(optionsThere)) {
      differences.add("with " + optionsThere + " in place of " + options);
    }
    return differences;
  }

  /** MySQL names the character set of a collation or does not, by how the column came to be. */
  private static Set<String> comparable(TableDefinition table) {
    Set<String> clauses = new LinkedHashSet<>();
    for (Clause clause : table.clauses) {
      SqlPhrase sql = clause.sql();
      int at = sql.find("CHARACTER", "SET");
      boolean implied = sql.isAt(at + 3, "COLLATE");
      clauses.add((at >= 0 && implied ? sql.with(at, at + 3, "") : sql).text());
    }
    return clauses;
  }

  private SqlPhrase withoutCounter() {
    int at = options.find("AUTO_INCREMENT", "=");
    return at < 0 ? options : options.with(at, at + 3, "");
  }
}
