package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectReport.Outcome;
import wherry.connector.PrepareMode;
import wherry.mysql.TableDefinition.Clause;
import wherry.mysql.TableDefinition.Kind;
import wherry.mysql.TableTranslation.Translated;
import wherry.schema.TableId;

/** Creates tables, and adds to them later what their rows need not pass through. */
final class TableCarrier {
  private final ObjectCatalog target;
  private final MySqlSession session;
  private final TableTranslation translation;
  private final boolean printsAlike;

  /**
   * @param printsAlike whether both servers are of one kind and version, so that they print a table
   *     alike
   */
  TableCarrier(ObjectCatalog target, TableTranslation translation, boolean printsAlike) {
    this.target = target;
    this.session = target.session();
    this.translation = translation;
    this.printsAlike = printsAlike;
  }

  /** Sets the session up for statements that were other servers' definitions. */
  static void prepare(MySqlSession session) throws SQLException {
    if (session.server().mariaDb()) {
      trySet(session, "system_versioning_alter_history='KEEP'");
    } else {
      trySet(session, "sql_generate_invisible_primary_key=OFF");
    }
    // A bare TIMESTAMP would update itself.
    trySet(session, "explicit_defaults_for_timestamp=ON");
  }

  /** A variable that this version lacks, or this user may not set, was never needed much. */
  private static void trySet(MySqlSession session, String assignment) throws SQLException {
    try {
      session.execute("SET SESSION " + assignment);
    } catch (SQLException e) {
      if (MySqlFailure.isConnection(e)) {
        throw e;
      }
    }
  }

  /**
   * Creates the table without its secondary indexes and foreign keys, or makes way for it first.
   */
  ObjectReport create(TableDefinition source, PrepareMode preparation) throws SQLException {
    Translated wanted = translation.translate(source);
    TableId id = source.id();
    try {
      Optional<TableDefinition> found = target.table(id);
      if (found.isPresent() && preparation == PrepareMode.DROP_AND_CREATE) {
        session.execute("DROP TABLE " + MySqlNames.quoted(id));
        found = Optional.empty();
      }
      if (found.isPresent()) {
        if (preparation == PrepareMode.TRUNCATE_BEFORE_LOAD) {
          for (String statement : TablePreparation.emptying(session, id)) {
            session.execute(statement);
          }
        }
        return ObjectReport.present("table", id.toString());
      }
      session.execute("USE " + MySqlNames.quoted(id.schema()));
      session.executeVerbatim(wanted.table().createStatement());
      return new ObjectReport(
          "table", id.toString(), Outcome.CARRIED, String.join(" ", wanted.notes()));
    } catch (SQLException e) {
      return left("table", id.toString(), e);
    }
  }

  /**
   * Adds the secondary indexes that the table lacks, in as few passes over its rows as possible.
   */
  List<ObjectReport> addIndexes(TableDefinition source) throws SQLException {
    Translated wanted = translation.translate(source);
    Optional<TableDefinition> found = target.table(source.id());
    List<ObjectReport> reports = new ArrayList<>(leftOut(source, wanted));
    if (found.isEmpty()) {
      return reports;
    }
    Set<String> there = names(found.get(), Clause::isIndex);
    List<Clause> together = new ArrayList<>();
    List<Clause> alone = new ArrayList<>();
    for (Clause index : wanted.table().clauses()) {
      if (!index.isIndex()) {
        continue;
      }
      if (!there.contains(index.name().toLowerCase(Locale.ROOT))) {
        // InnoDB builds one full-text index at a time.
        (index.sql().startsWith("FULLTEXT") ? alone : together).add(index);
      } else if (wanted.table().waitsForRows(index)) {
        reports.add(ObjectReport.present("index", name(source.id(), index)));
      }
    }
    reports.addAll(add(source.id(), "index", together));
    for (Clause index : alone) {
      reports.addAll(add(source.id(), "index", List.of(index)));
    }
    return reports;
  }

  /** Foreign keys are not checked while they are added: the source has, for the same rows. */
  List<ObjectReport> addForeignKeys(TableDefinition source) throws SQLException {
    Optional<TableDefinition> found = target.table(source.id());
    if (found.isEmpty()) {
      return List.of();
    }
    List<ObjectReport> reports = new ArrayList<>();
    Set<String> there = names(found.get(), clause -> clause.kind() == Kind.FOREIGN_KEY);
    List<Clause> missing = new ArrayList<>();
    for (Clause key : source.clauses(Kind.FOREIGN_KEY)) {
      TableId parent = parent(source.id(), key);
      if (there.contains(key.name().toLowerCase(Locale.ROOT))) {
        reports.add(ObjectReport.present("foreign key", name(source.id(), key)));
      } else if (target.table(parent).isEmpty()) {
        reports.add(
            ObjectReport.left(
                "foreign key",
                name(source.id(), key),
                "It refers to "
                    + parent
                    + ", which is not on the target. Select that table too, or add the key by hand: "
                    + alter(source.id(), List.of(key))
                    + ";"));
      } else {
        missing.add(key);
      }
    }
    reports.addAll(add(source.id(), "foreign key", missing));
    return reports;
  }

  private static TableId parent(TableId table, Clause key) {
    int at = key.sql().find("REFERENCES") + 1;
    String first = key.sql().word(at).plain();
    return key.sql().isAt(at + 1, ".")
        ? new TableId(first, key.sql().word(at + 2).plain())
        : new TableId(table.schema(), first);
  }

  /**
   * Says how the finished table differs from the source's, where that is not reported already.
   *
   * @param left names of indexes, checks and foreign keys that are reported as left
   */
  Optional<ObjectReport> compare(TableDefinition source, Set<String> left) throws SQLException {
    if (!printsAlike) {
      return Optional.empty();
    }
    Optional<TableDefinition> found = target.table(source.id());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    TableDefinition wanted = translation.translate(source).table();
    List<Clause> expected =
        wanted.clauses().stream()
            .filter(clause -> !left.contains(name(source.id(), clause)))
            .toList();
    List<String> differences =
        new TableDefinition(wanted.id(), expected, wanted.options()).differences(found.get());
    return differences.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ObjectReport(
                "table",
                source.id().toString(),
                Outcome.PRESENT,
                "It differs from the source's: " + String.join("; ", differences) + "."));
  }

  ObjectReport planned(TableDefinition source) {
    return new ObjectReport(
        "table",
        source.id().toString(),
        Outcome.PLANNED,
        String.join(" ", translation.translate(source).notes()));
  }

  /** The indexes and foreign keys that come after the rows, and what the target cannot have. */
  List<ObjectReport> plannedClauses(TableDefinition source) {
    Translated wanted = translation.translate(source);
    List<ObjectReport> reports = new ArrayList<>();
    for (Clause clause : wanted.table().clauses()) {
      if (wanted.table().waitsForRows(clause)) {
        String kind = clause.kind() == Kind.FOREIGN_KEY ? "foreign key" : "index";
        reports.add(ObjectReport.planned(kind, name(source.id(), clause)));
      }
    }
    reports.addAll(leftOut(source, wanted));
    return reports;
  }

  private static List<ObjectReport> leftOut(TableDefinition source, Translated wanted) {
    List<ObjectReport> reports = new ArrayList<>();
    wanted
        .leftOut()
        .forEach((clause, why) ->
            reports.add(
                ObjectReport.left(
                    clause.kind() == Kind.CHECK ? "check" : "index",
                    name(source.id(), clause),
                    why + ": " + clause.sql().text() + ".")));
    return reports;
  }

  private List<ObjectReport> add(TableId table, String kind, List<Clause> clauses)
      throws SQLException {
    if (clauses.isEmpty()) {
      return List.of();
    }
    try {
      session.execute("USE " + MySqlNames.quoted(table.schema()));
      session.executeVerbatim(alter(table, clauses));
      return clauses.stream()
          .map(clause -> ObjectReport.carried(kind, name(table, clause)))
          .toList();
    } catch (SQLException e) {
      if (clauses.size() == 1 || MySqlFailure.isConnection(e)) {
        return List.of(left(kind, name(table, clauses.get(0)), e));
      }
      // One that is refused must not keep the others out.
      List<ObjectReport> reports = new ArrayList<>();
      for (Clause clause : clauses) {
        reports.addAll(add(table, kind, List.of(clause)));
      }
      return reports;
    }
  }

  private static String alter(TableId table, List<Clause> clauses) {
    return "ALTER TABLE "
        + MySqlNames.quoted(table)
        + " ADD "
        + String.join(", ADD ", clauses.stream().map(clause -> clause.sql().text()).toList());
  }

  private static Set<String> names(TableDefinition table, Predicate<Clause> wanted) {
    return table.clauses().stream()
        .filter(wanted)
        .map(clause -> clause.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  private static String name(TableId table, Clause clause) {
    return table + "." + clause.name();
  }

  private static ObjectReport left(String kind, String name, SQLException e) throws SQLException {
    if (MySqlFailure.isConnection(e)) {
      throw e;
    }
    return ObjectReport.left(kind, name, MySqlFailure.said(e) + ".");
  }
}
