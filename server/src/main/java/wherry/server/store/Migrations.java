package wherry.server.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Brings the file's tables up to what this build knows, one numbered script after the other, each
 * in its own transaction.
 */
final class Migrations {
  /** In order; the n-th brings version n. A script that has been released never changes. */
  private static final List<String> SCRIPTS = List.of("V1__metadata.sql");

  private final Path file;

  Migrations(Path file) {
    this.file = file;
  }

  void apply(Connection connection) throws SQLException {
    Sql sql = new Sql(connection);
    sql.update(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY,"
            + " applied_at BIGINT NOT NULL)");
    int version =
        sql.first("SELECT COALESCE(MAX(version), 0) FROM schema_version", row -> row.getInt(1))
            .orElse(0);
    if (version > SCRIPTS.size()) {
      throw new StoreException(
          "The metadata store "
              + file
              + " is of version "
              + version
              + ", this build knows up to "
              + SCRIPTS.size()
              + ". It was written by a newer build: start that one, or restore a backup of the data"
              + " directory.");
    }
    for (int next = version + 1; next <= SCRIPTS.size(); next++) {
      step(connection, next);
    }
  }

  private static void step(Connection connection, int version) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      for (String command : commands(SCRIPTS.get(version - 1))) {
        statement.execute(command);
      }
      new Sql(connection)
          .update("INSERT INTO schema_version VALUES (?, ?)", version, System.currentTimeMillis());
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /** Commands end with a semicolon at the end of a line; comments take whole lines. */
  private static List<String> commands(String script) {
    String text =
        text(script)
            .lines()
            .filter(line -> !line.startsWith("--"))
            .collect(Collectors.joining("\n"));
    return Arrays.stream(text.split(";(\\n|$)"))
        .map(String::strip)
        .filter(command -> !command.isEmpty())
        .toList();
  }

  private static String text(String script) {
    try (InputStream resource = Migrations.class.getResourceAsStream(script)) {
      if (resource == null) {
        throw new StoreException("The build lacks its migration script " + script + ".");
      }
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
