package wherry.mysql;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectReport.Outcome;
import wherry.mysql.TableDefinition.Kind;
import wherry.schema.TableId;

/** Moves AUTO_INCREMENT and MariaDB's sequences to where the source's stand, never back. */
final class ObjectCounters {
  private final MySqlSession source;
  private final MySqlSession target;

  ObjectCounters(MySqlSession source, MySqlSession target) {
    this.source = source;
    this.target = target;
  }

  /**
   * Beyond the source's counter, and beyond the largest number that is there: an UPDATE that sets a
   * larger one does not move the counter along.
   *
   * @return empty when the table has no counter, or is not on the target
   */
  Optional<ObjectReport> moveAutoIncrement(TableDefinition table) throws SQLException {
    Optional<String> column =
        table.clauses(Kind.COLUMN).stream()
            .filter(clause -> clause.sql().has("AUTO_INCREMENT"))
            .map(TableDefinition.Clause::name)
            .findFirst();
    if (column.isEmpty()) {
      return Optional.empty();
    }
    try {
      Optional<BigDecimal> now = next(target, table.id());
      if (now.isEmpty()) {
        return Optional.empty();
      }
      BigDecimal largest =
          target
              .queryOne(
                  "SELECT coalesce(max("
                      + MySqlNames.quoted(column.get())
                      + "), 0) FROM "
                      + MySqlNames.quoted(table.id()),
                  row -> row.getBigDecimal(1))
              .orElse(BigDecimal.ZERO);
      BigDecimal wanted =
          next(source, table.id()).orElse(BigDecimal.ONE).max(largest.add(BigDecimal.ONE));
      if (wanted.compareTo(now.get()) > 0) {
        target.execute(
            "ALTER TABLE "
                + MySqlNames.quoted(table.id())
                + " AUTO_INCREMENT="
                + wanted.toBigInteger());
      }
      return Optional.of(
          at(table.id() + "." + column.get(), wanted.max(now.get()).toBigInteger().toString()));
    } catch (SQLException e) {
      return Optional.of(left("auto_increment", table.id() + "." + column.get(), e));
    }
  }

  private static ObjectReport at(String name, String next) {
    return new ObjectReport(
        "auto_increment", name, Outcome.CARRIED, "The next number is " + next + ".");
  }

  /** What the next row gets; empty when there is no such table or it does not count. */
  private static Optional<BigDecimal> next(MySqlSession session, TableId table)
      throws SQLException {
    return session
        .query(
            "SELECT coalesce(auto_increment, 1) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            row -> row.getBigDecimal(1),
            table.schema(),
            table.name())
        .stream()
        .findFirst();
  }

  /** A sequence gives on the target what its source has not given yet, nor put aside to give. */
  ObjectReport moveSequence(TableId sequence) throws SQLException {
    String name = MySqlNames.quoted(sequence);
    try {
      List<String> state = new ArrayList<>();
      source.query(
          "SELECT next_not_cached_value, cycle_count FROM " + name,
          row -> {
            state.add(row.getString(1));
            state.add(row.getString(2));
            return 1;
          });
      // Answers NULL, and does nothing, when the sequence is beyond that already.
      target.query(
          "SELECT setval(" + name + ", " + state.get(0) + ", 0, " + state.get(1) + ")",
          row -> row.getString(1) == null);
      return ObjectReport.carried("sequence value", sequence.toString());
    } catch (SQLException e) {
      return left("sequence value", sequence.toString(), e);
    }
  }

  private static ObjectReport left(String kind, String name, SQLException e) throws SQLException {
    if (MySqlFailure.isConnection(e)) {
      throw e;
    }
    return ObjectReport.left(kind, name, MySqlFailure.said(e) + ".");
  }
}
