package wherry.expression.sqlite;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.Function;
import wherry.expression.DmsFunctions;

/** The functions of AWS DMS that SQLite lacks, for one connection. */
final class DmsSqlFunctions {
  // Fundamental types (sqlite3.h).
  private static final int INTEGER = 1;
  private static final int REAL = 2;
  private static final int TEXT = 3;
  private static final int BLOB = 4;
  private static final int NULL = 5;

  private DmsSqlFunctions() {}

  static void register(Connection connection) throws SQLException {
    Function.create(connection, "hash_sha256", new Sha256(), 1, Function.FLAG_DETERMINISTIC);
    Function.create(connection, "replaceChars", new ReplaceChars(), 3, Function.FLAG_DETERMINISTIC);
    Function.create(
        connection,
        "operation_indicator",
        new OperationIndicator(),
        4,
        Function.FLAG_DETERMINISTIC);
  }

  private static final class Sha256 extends Function {
    @Override
    protected void xFunc() throws SQLException {
      switch (value_type(0)) {
        case NULL -> result();
        case BLOB -> result(DmsFunctions.hashSha256(bytes(value_blob(0))));
        default -> result(DmsFunctions.hashSha256(value_text(0).getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  private static final class ReplaceChars extends Function {
    @Override
    protected void xFunc() throws SQLException {
      if (value_type(0) == NULL || value_type(1) == NULL || value_type(2) == NULL) {
        result();
      } else {
        result(DmsFunctions.replaceChars(value_text(0), value_text(1), value_text(2)));
      }
    }
  }

  /** (operation, on_delete, on_update, on_insert); the operation is added by the rule's parser. */
  private static final class OperationIndicator extends Function {
    @Override
    protected void xFunc() throws SQLException {
      int chosen =
          switch (String.valueOf(value_text(0))) {
            case "DELETE" -> 1;
            case "UPDATE" -> 2;
            default -> 3;
          };
      switch (value_type(chosen)) {
        case INTEGER -> result(value_long(chosen));
        case REAL -> result(value_double(chosen));
        case TEXT -> result(value_text(chosen));
        case BLOB -> result(bytes(value_blob(chosen)));
        default -> result();
      }
    }
  }

  /** SQLite has no bytes at all for an empty blob. */
  private static byte[] bytes(byte @org.jspecify.annotations.Nullable [] blob) {
    return blob == null ? new byte[0] : blob;
  }
}
