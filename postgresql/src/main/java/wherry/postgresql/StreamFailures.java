package wherry.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/** Says why the stream broke off: whether the log is still there decides what can be done. */
final class StreamFailures {
  private final PostgresSessions sessions;
  private final ReplicationSlot slot;

  StreamFailures(PostgresSessions sessions, ReplicationSlot slot) {
    this.sessions = sessions;
    this.slot = slot;
  }

  /** A failure while reading; a server that is down is asked nothing. */
  DmsException reading(SQLException e) {
    try (Connection session = sessions.open()) {
      slot.usable(session);
    } catch (DmsException gone) {
      if (gone.code() == ErrorCode.LOG_LOST) {
        gone.addSuppressed(e);
        return gone;
      }
    } catch (SQLException unreachable) {
      e.addSuppressed(unreachable);
    }
    return broken(e);
  }

  /** A failure to start. */
  DmsException starting(SQLException e) {
    return switch (PostgresFailures.state(e)) {
      case "42501" -> ReplicationSlot.replicationMissing(sessions.settings(), e);
      case "55006" -> new DmsException(ErrorCode.BUSY, message("is read by another session", e), e);
      case "55000" -> new DmsException(ErrorCode.LOG_LOST, message("cannot be read", e), e);
      default -> broken(e);
    };
  }

  private DmsException broken(SQLException e) {
    boolean undefined = PostgresFailures.state(e).equals("42704");
    ErrorCode code =
        undefined
            ? ErrorCode.SETTING_INVALID
            : PostgresFailures.environment(e).orElse(ErrorCode.CONNECTION_FAILED);
    String advice =
        undefined
            ? " The publication is younger than this place of the log: create it before the slot, or"
                + " begin behind it."
            : "";
    return new DmsException(code, message("broke off", e) + advice, e);
  }

  private String message(String what, SQLException e) {
    return "The log of the source %s through replication slot %s %s: %s"
        .formatted(sessions.settings().place(), slot.name(), what, PostgresFailures.said(e));
  }
}
