package wherry.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import wherry.connector.ObjectReport;

/**
 * Carries the rights on selected databases of accounts that the target has too. Accounts are not
 * made: who may log in, and how, is not the databases' business.
 */
final class GrantCarrier {
  /** Accounts that the servers make for themselves. */
  private static final Set<String> OWN =
      Set.of("mysql.sys", "mysql.session", "mysql.infoschema", "mariadb.sys", "PUBLIC");

  /**
   * @param host empty for a role of MariaDB; those of MySQL are accounts
   */
  private record Account(String user, String host) {
    /** As SHOW GRANTS FOR wants it. */
    String quoted() {
      return MySqlNames.quoted(user) + (host.isEmpty() ? "" : "@" + MySqlNames.quoted(host));
    }

    @Override
    public String toString() {
      return host.isEmpty() ? "role " + user : user + "@" + host;
    }
  }

  private final MySqlSession source;
  private final MySqlSession target;
  private final List<String> databases;

  /**
   * @param databases that are carried
   */
  GrantCarrier(MySqlSession source, MySqlSession target, List<String> databases) {
    this.source = source;
    this.target = target;
    this.databases = List.copyOf(databases);
  }

  List<ObjectReport> carry() throws SQLException {
    Set<Account> here;
    Set<Account> there;
    try {
      here = accounts(source);
      there = accounts(target);
    } catch (SQLException e) {
      return List.of(
          left("grants", "all accounts", e, " The user needs SELECT ON mysql.* on both sides."));
    }
    List<ObjectReport> reports = new ArrayList<>();
    for (Account account : here) {
      try {
        for (String grant :
            source.query("SHOW GRANTS FOR " + account.quoted(), row -> row.getString(1))) {
          Optional<String> on = object(SqlPhrase.of(grant));
          if (on.isPresent()) {
            reports.add(give(grant, account, account + " on " + on.get(), there));
          }
        }
      } catch (SQLException e) {
        reports.add(left("grants", account.toString(), e, ""));
      }
    }
    return reports;
  }

  private ObjectReport give(String grant, Account account, String name, Set<Account> there)
      throws SQLException {
    if (!there.contains(account)) {
      String why =
          "The target has no "
              + (account.host().isEmpty() ? "" : "account ")
              + account
              + ". Create it, then run there: "
              + grant
              + ";";
      return ObjectReport.left("grant", name, why);
    }
    try {
      target.executeVerbatim(grant);
      return ObjectReport.carried("grant", name);
    } catch (SQLException e) {
      return left("grant", name, e, " It is: " + grant + ";");
    }
  }

  private static Set<Account> accounts(MySqlSession session) throws SQLException {
    return session
        .query(
            "SELECT user, host FROM mysql.user ORDER BY user, host",
            row -> new Account(row.getString(1), row.getString(2)))
        .stream()
        .filter(account -> !OWN.contains(account.user()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** What the grant is on, when that lies in a carried database. */
  private Optional<String> object(SqlPhrase grant) {
    int on = grant.find("ON");
    if (on < 0) {
      return Optional.empty(); // A role.
    }
    int at = on + 1;
    while (at < grant.size() && grant.word(at).kind() == SqlPhrase.Kind.PLAIN) {
      at++; // TABLE, PROCEDURE, PACKAGE BODY …
    }
    int to = grant.find("TO");
    if (at >= grant.size() || grant.word(at).is("*") || to < at) {
      return Optional.empty();
    }
    String database = grant.word(at).plain();
    boolean carried = databases.stream().anyMatch(name -> MySqlGrants.matches(database, name));
    return carried ? Optional.of(grant.part(at, to).text()) : Optional.empty();
  }

  private static ObjectReport left(String kind, String name, SQLException e, String advice)
      throws SQLException {
    if (MySqlFailure.isConnection(e)) {
      throw e;
    }
    return ObjectReport.left(kind, name, MySqlFailure.said(e) + "." + advice);
  }
}
