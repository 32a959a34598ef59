package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import wherry.connector.ObjectReport;
import wherry.connector.ObjectReport.Outcome;
import wherry.mysql.StoredDefinition.Kind;

/**
 * Creates views, routines, triggers and events with the letters that their server prints, each
 * under the settings of the session that has created it there: sql_mode, character set, collations
 * and time zone are kept with it and decide what it does.
 */
final class StoredCarrier {
  /** ER_SPECIFIC_ACCESS_DENIED_ERROR: only some may create what is to be somebody else's. */
  private static final int DEFINER_REFUSED = 1227;

  /** A table, column or routine that is not there, or a view of such: it may come yet. */
  private static final Set<Integer> MISSING_PART = Set.of(1146, 1356, 1305, 1054);

  /** Warnings that tell of what a user has to know: a missing definer, an event that is over. */
  private static final Set<Integer> TELLING = Set.of(1449, 1544, 1588);

  private final ObjectCatalog target;
  private final MySqlSession session;
  private final MySqlCollations collations;
  private final boolean printsAlike;
  private final boolean replaces;
  private final Map<String, String> knownModes = new LinkedHashMap<>();

  /**
   * @param printsAlike whether both servers are of one kind and version
   * @param replaces whether an object of the same name and another definition gives way
   */
  StoredCarrier(
      ObjectCatalog target, MySqlCollations collations, boolean printsAlike, boolean replaces) {
    this.target = target;
    this.session = target.session();
    this.collations = collations;
    this.printsAlike = printsAlike;
    this.replaces = replaces;
  }

  List<ObjectReport> carry(List<StoredDefinition> definitions) throws SQLException {
    List<ObjectReport> reports = new ArrayList<>();
    for (StoredDefinition definition : definitions) {
      reports.add(attempt(definition).report());
    }
    return reports;
  }

  /**
   * Creates views, again and again those of which a part was missing, until no more can be: so a
   * view comes after those that it reads, whatever they are called. Nobody can create a view upon
   * one whose definer is missing; so all begin as ours, and get their definers the last one first.
   */
  List<ObjectReport> carryViews(List<StoredDefinition> views) throws SQLException {
    List<ObjectReport> reports = new ArrayList<>();
    List<StoredDefinition> left = new ArrayList<>(views);
    Deque<StoredDefinition> created = new ArrayDeque<>();
    while (!left.isEmpty()) {
      List<StoredDefinition> waiting = new ArrayList<>();
      List<ObjectReport> refused = new ArrayList<>();
      for (StoredDefinition view : left) {
        Attempt attempt = attempt(view.withoutDefiner());
        if (attempt.mayCome()) {
          waiting.add(view);
          refused.add(attempt.report());
        } else if (attempt.report().outcome() == Outcome.CARRIED) {
          created.push(view);
        } else {
          reports.add(attempt.report());
        }
      }
      if (waiting.size() == left.size()) {
        reports.addAll(refused);
        break;
      }
      left = waiting;
    }
    for (StoredDefinition view : created) {
      reports.add(replace(view));
    }
    return reports;
  }

  private ObjectReport replace(StoredDefinition view) throws SQLException {
    try {
      return carried(view, create(view.replacing()));
    } catch (SQLException e) {
      if (MySqlFailure.isConnection(e)) {
        throw e;
      }
      return ObjectReport.left(
          "view",
          view.fullName(),
          "It is there, but not with its definer "
              + view.definer()
              + ": "
              + MySqlFailure.said(e)
              + ".");
    }
  }

  /**
   * @param mayCome whether it failed for want of another object
   */
  private record Attempt(ObjectReport report, boolean mayCome) {}

  private Attempt attempt(StoredDefinition wanted) throws SQLException {
    if (wanted.kind().isPackage() && !session.server().mariaDb()) {
      String why = "MySQL has no packages. Make its routines routines of their own.";
      return new Attempt(ObjectReport.left(wanted.kind().words(), wanted.fullName(), why), false);
    }
    try {
      Optional<StoredDefinition> found =
          target.find(wanted.kind(), wanted.database(), wanted.name(), wanted.table());
      if (found.isPresent()) {
        boolean equal = printsAlike && found.get().isLike(wanted);
        if (equal || !replaces) {
          return new Attempt(present(wanted, printsAlike && !equal), false);
        }
        session.execute("DROP " + wanted.kind().sql() + " " + wanted.quotedName());
      }
      return new Attempt(carried(wanted, create(wanted)), false);
    } catch (SQLException e) {
      if (MySqlFailure.isConnection(e)) {
        throw e;
      }
      ObjectReport left =
          ObjectReport.left(wanted.kind().words(), wanted.fullName(), MySqlFailure.said(e) + ".");
      return new Attempt(left, MISSING_PART.contains(e.getErrorCode()));
    }
  }

  private static ObjectReport present(StoredDefinition wanted, boolean different) {
    return new ObjectReport(
        wanted.kind().words(),
        wanted.fullName(),
        Outcome.PRESENT,
        different ? "It differs from the source's; drop it to have that one." : "");
  }

  private static ObjectReport carried(StoredDefinition wanted, List<String> remarks) {
    return new ObjectReport(
        wanted.kind().words(), wanted.fullName(), Outcome.CARRIED, String.join(" ", remarks));
  }

  private List<String> create(StoredDefinition wanted) throws SQLException {
    List<String> remarks = new ArrayList<>();
    session.execute("USE " + MySqlNames.quoted(wanted.database()));
    Optional<String> databaseCollation = changeDatabase(wanted);
    try {
      enter(wanted.settings(), remarks);
      try {
        run(wanted);
      } catch (SQLException e) {
        if (e.getErrorCode() != DEFINER_REFUSED || wanted.definer().isEmpty()) {
          throw e;
        }
        run(wanted.withoutDefiner());
        remarks.add(
            "Its definer is "
                + session.settings().user()
                + " in place of "
                + wanted.definer()
                + ", because the server said: "
                + MySqlFailure.said(e)
                + ".");
      }
      remarks.addAll(warnings(wanted));
    } finally {
      leave();
      if (databaseCollation.isPresent()) {
        collateDatabase(wanted.database(), databaseCollation.get());
      }
    }
    return remarks;
  }

  /** The driver would send UTF-8; the server now expects the creator's character set. */
  private void run(StoredDefinition definition) throws SQLException {
    session.executeVerbatim(encoded(definition.statement(), definition.settings().client()));
  }

  private byte[] encoded(String statement, String charset) throws SQLException {
    boolean ascii = statement.chars().allMatch(c -> c < 0x80);
    if (ascii || charset.isEmpty() || charset.startsWith("utf8")) {
      return statement.getBytes(StandardCharsets.UTF_8);
    }
    return session
        .queryOne(
            "SELECT CAST(CONVERT(_utf8mb4 0x"
                + HexFormat.of().formatHex(statement.getBytes(StandardCharsets.UTF_8))
                + " USING "
                + MySqlNames.quoted(charset)
                + ") AS BINARY)",
            row -> row.getBytes(1))
        .orElseThrow();
  }

  private void enter(StoredDefinition.Settings settings, List<String> remarks) throws SQLException {
    // The driver breaks the connection when it hears of a character set other than UTF-8.
    session.execute("SET SESSION session_track_system_variables=''");
    if (!settings.timeZone().isEmpty()) {
      session.execute("SET SESSION time_zone=" + MySqlNames.literal(settings.timeZone()));
    }
    String mode = knownMode(settings.sqlMode());
    if (!mode.equalsIgnoreCase(settings.sqlMode())) {
      remarks.add(
          "Its sql_mode is '"
              + mode
              + "', because the target does not know all of '"
              + settings.sqlMode()
              + "'.");
    }
    session.execute("SET SESSION sql_mode=" + MySqlNames.literal(mode));
    if (!settings.connection().isEmpty()) {
      String collation = known(settings.connection());
      if (!collation.equals(settings.connection())) {
        remarks.add(
            "Its collation_connection is "
                + collation
                + ", because the target does not know "
                + settings.connection()
                + ".");
      }
      session.execute("SET SESSION collation_connection=" + MySqlNames.literal(collation));
      session.execute("SET SESSION character_set_client=" + MySqlNames.literal(settings.client()));
    }
  }

  private String known(String collation) {
    return collations.equivalent(collation.replaceFirst("_.*", ""), collation);
  }

  private void leave() throws SQLException {
    session.execute("SET NAMES utf8mb4");
    session.execute(MySqlSession.STRICT);
    session.execute("SET SESSION time_zone='+00:00'");
  }

  /** What the target knows of a sql_mode. */
  private String knownMode(String mode) throws SQLException {
    String known = knownModes.get(mode);
    if (known == null) {
      List<String> words = new ArrayList<>();
      for (String word : mode.split(",", -1)) {
        try {
          session.execute("SET SESSION sql_mode=" + MySqlNames.literal(word));
          words.add(word);
        } catch (SQLException e) {
          if (MySqlFailure.isConnection(e)) {
            throw e;
          }
        }
      }
      known = String.join(",", words);
      knownModes.put(mode, known);
    }
    return known;
  }

  /**
   * A routine remembers the collation that its database had, and no statement sets it but ALTER
   * DATABASE.
   *
   * @return what to set it back to; empty when it was right
   */
  private Optional<String> changeDatabase(StoredDefinition wanted) throws SQLException {
    if (wanted.settings().database().isEmpty()) {
      return Optional.empty();
    }
    String collation = known(wanted.settings().database());
    Optional<String> now =
        session
            .queryOne(
                "SELECT default_collation_name FROM information_schema.schemata WHERE schema_name = ?",
                row -> row.getString(1),
                wanted.database())
            .filter(found -> !found.equals(collation));
    if (now.isPresent()) {
      collateDatabase(wanted.database(), collation);
    }
    return now;
  }

  private void collateDatabase(String database, String collation) throws SQLException {
    session.execute(
        "ALTER DATABASE "
            + MySqlNames.quoted(database)
            + " COLLATE "
            + MySqlNames.quoted(collation));
  }

  private List<String> warnings(StoredDefinition wanted) throws SQLException {
    List<String> warnings = new ArrayList<>();
    session.query(
        "SHOW WARNINGS",
        row -> {
          if (TELLING.contains(row.getInt(2))) {
            warnings.add(row.getString(3) + ".");
          }
          return 1;
        });
    boolean gone =
        wanted.kind() == Kind.EVENT
            && target.find(wanted.kind(), wanted.database(), wanted.name(), "").isEmpty();
    if (gone) {
      warnings.add("Its time is over, so the server did not keep it.");
    }
    return warnings;
  }
}
