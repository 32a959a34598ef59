package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/** Statements that stay prepared in the server, as many as StatementCacheSize says. */
final class PreparedStatements {
  private final Connection session;
  private final int statementsMax;
  private final Map<String, PreparedStatement> kept = new LinkedHashMap<>(16, 0.75f, true);

  PreparedStatements(Connection session, int statementsMax) {
    this.session = session;
    this.statementsMax = statementsMax;
  }

  @FunctionalInterface
  interface Use<T> {
    T of(PreparedStatement statement) throws SQLException;
  }

  <T> T use(String sql, Use<T> use) throws SQLException {
    if (statementsMax == 0) {
      try (PreparedStatement once = session.prepareStatement(sql)) {
        return use.of(once);
      }
    }
    PreparedStatement statement = kept.get(sql);
    if (statement == null) {
      statement = prepare(sql);
    }
    return use.of(statement);
  }

  private PreparedStatement prepare(String sql) throws SQLException {
    if (kept.size() == statementsMax) {
      Iterator<PreparedStatement> eldest = kept.values().iterator();
      eldest.next().close();
      eldest.remove();
    }
    PreparedStatement statement = session.prepareStatement(sql);
    statement.unwrap(PGStatement.class).setPrepareThreshold(1);
    kept.put(sql, statement);
    return statement;
  }

  /** As texts of a type that the server infers from where each stands. */
  static void bind(PreparedStatement statement, List<@Nullable String> values) throws SQLException {
    for (int i = 0; i < values.size(); i++) {
      statement.setObject(i + 1, values.get(i), Types.OTHER);
    }
  }
}
