package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * What the user may do, as SHOW GRANTS tells it; asked for so that a missing privilege is told
 * before a load, not in it.
 */
final class MySqlGrants {
  private static final Pattern GRANT =
      Pattern.compile("GRANT (.+?) ON (?:TABLE )?(\\S+|`.*`\\.\\S+) TO .*");

  private record Grant(Set<String> privileges, String on) {}

  private final MySqlSettings settings;
  private final List<Grant> grants = new ArrayList<>();

  private MySqlGrants(MySqlSettings settings) {
    this.settings = settings;
  }

  static MySqlGrants of(MySqlSession session) throws SQLException {
    MySqlGrants grants = new MySqlGrants(session.settings());
    String roles = "";
    if (!session.server().mariaDb() && session.server().atLeast(8, 0)) {
      String current =
          session.queryOne("SELECT current_role()", row -> row.getString(1)).orElse("NONE");
      roles =
          current.equals("NONE") || current.isEmpty() ? "" : " FOR CURRENT_USER() USING " + current;
    }
    session.query("SHOW GRANTS" + roles, row -> row.getString(1)).forEach(grants::add);
    return grants;
  }

  private void add(String line) {
    Matcher matcher = GRANT.matcher(line);
    if (matcher.matches()) {
      Set<String> privileges = new TreeSet<>();
      for (String privilege : matcher.group(1).replaceAll("\\([^)]*\\)", "").split(",", -1)) {
        privileges.add(privilege.strip().toUpperCase(Locale.ROOT));
      }
      grants.add(new Grant(privileges, matcher.group(2)));
    }
  }

  /** Whether the user has the privilege on everything. */
  boolean everywhere(String privilege) {
    return grants.stream().anyMatch(grant -> grant.on().equals("*.*") && covers(grant, privilege));
  }

  /** Whether the user has the privilege on at least something. */
  boolean somewhere(String privilege) {
    return grants.stream().anyMatch(grant -> covers(grant, privilege));
  }

  /**
   * Whether the user has the privilege on all of a database; {@code _} and {@code %} in a grant are
   * wildcards.
   */
  boolean on(String database, String privilege) {
    return everywhere(privilege)
        || grants.stream().anyMatch(grant -> names(grant, database) && covers(grant, privilege));
  }

  /**
   * @throws DmsException naming the statement that grants what is missing
   */
  void need(String database, List<String> privileges) {
    List<String> missing =
        privileges.stream().filter(privilege -> !on(database, privilege)).toList();
    if (!missing.isEmpty()) {
      throw missing(missing, MySqlNames.quoted(database) + ".*");
    }
  }

  /** As {@link #need}, but a grant on a table of the database will do. */
  void needWithin(String database, List<String> privileges) {
    need(
        database,
        privileges.stream()
            .filter(privilege ->
                grants.stream()
                    .noneMatch(grant ->
                        covers(grant, privilege)
                            && grant.on().startsWith(MySqlNames.quoted(database) + ".")))
            .toList());
  }

  void needSomewhere(List<String> privileges) {
    List<String> missing = privileges.stream().filter(privilege -> !somewhere(privilege)).toList();
    if (!missing.isEmpty()) {
      throw missing(missing, "*.*");
    }
  }

  void needEverywhere(List<String> privileges) {
    List<String> missing = privileges.stream().filter(privilege -> !everywhere(privilege)).toList();
    if (!missing.isEmpty()) {
      throw missing(missing, "*.*");
    }
  }

  private DmsException missing(List<String> privileges, String on) {
    return new DmsException(
        ErrorCode.PRIVILEGE_MISSING,
        "The user "
            + settings.where()
            + " lacks "
            + String.join(", ", privileges)
            + " on "
            + on
            + ". Run: GRANT "
            + String.join(", ", privileges)
            + " ON "
            + on
            + " TO "
            + MySqlNames.literal(settings.user())
            + ";");
  }

  private static boolean covers(Grant grant, String privilege) {
    return grant.privileges().contains("ALL PRIVILEGES")
        || grant.privileges().contains("ALL")
        || grant.privileges().contains(privilege);
  }

  private static boolean names(Grant grant, String database) {
    String on = grant.on();
    if (!on.endsWith(".*")) {
      return false;
    }
    return matches(on.substring(0, on.length() - 2).replace("`", ""), database);
  }

  /** Whether a database's name in a grant, which may be a pattern, names this database. */
  static boolean matches(String name, String database) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '\\' && i + 1 < name.length()) {
        pattern.append(Pattern.quote(String.valueOf(name.charAt(++i))));
      } else if (c == '%') {
        pattern.append(".*");
      } else if (c == '_') {
        pattern.append('.');
      } else {
        pattern.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(pattern.toString(), Pattern.CASE_INSENSITIVE)
        .matcher(database)
        .matches();
  }
}
