package wherry.mysql;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A view, routine, trigger or event as its server prints it.
 *
 * @param table that a trigger hangs on; empty for others
 * @param statement in the letters of whoever created it
 * @param settings of the session that created it
 */
record StoredDefinition(
    Kind kind, String database, String name, String table, String statement, Settings settings) {
  /** Of the server's header; the rest of the statement is not looked at. */
  private static final Pattern DEFINER =
      Pattern.compile(
          "^(CREATE (?:OR REPLACE )?(?:ALGORITHM=\\w+ )?)DEFINER=((?:`(?:[^`]|``)*`)(?:@`(?:[^`]|``)*`)?) ");

  enum Kind {
    VIEW,
    PROCEDURE,
    FUNCTION,
    PACKAGE,
    PACKAGE_BODY,
    TRIGGER,
    EVENT;

    /** {@code PACKAGE BODY}. */
    String sql() {
      return name().replace('_', ' ');
    }

    /** MariaDB's, of its Oracle mode. */
    boolean isPackage() {
      return this == PACKAGE || this == PACKAGE_BODY;
    }

    /** {@code package body}. */
    String words() {
      return sql().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What decides over the meaning of a statement beside its letters ("SHOW CREATE PROCEDURE");
   * empty where it does not.
   *
   * @param client character_set_client
   * @param connection collation_connection
   * @param database the collation that its database had then
   * @param timeZone of an event
   */
  record Settings(
      String sqlMode, String client, String connection, String database, String timeZone) {}

  /** With the table in it when it hangs on one; not quoted. */
  String fullName() {
    return database + (table.isEmpty() ? "" : "." + table) + "." + name;
  }

  /** Quoted, with its database. */
  String quotedName() {
    return MySqlNames.quoted(database) + "." + MySqlNames.quoted(name);
  }

  /** As the server quotes it, {@code `app`@`%`}; empty when it says none. */
  String definer() {
    var matcher = DEFINER.matcher(statement);
    return matcher.find() ? matcher.group(2) : "";
  }

  /** Owned by whoever creates it. */
  StoredDefinition withoutDefiner() {
    String plain = DEFINER.matcher(statement).replaceFirst("$1");
    return new StoredDefinition(kind, database, name, table, plain, settings);
  }

  /** The same, in place of what has its name. */
  StoredDefinition replacing() {
    String replacing = statement.replaceFirst("^CREATE ", "CREATE OR REPLACE ");
    return new StoredDefinition(kind, database, name, table, replacing, settings);
  }

  /** Whether both do the same, whoever owns them. */
  boolean isLike(StoredDefinition other) {
    return withoutDefiner().statement.equals(other.withoutDefiner().statement)
        && Objects.equals(settings.sqlMode(), other.settings.sqlMode());
  }
}
