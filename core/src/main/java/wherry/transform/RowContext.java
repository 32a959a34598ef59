package wherry.transform;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;

/** What is known of the rows of a batch besides their cells. */
public interface RowContext {
  DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

  /** What happened to the row; a loaded row is inserted. */
  Operation operation(int row);

  /** The row as it was before, {@link RowChange#NONE} when the log has no such image. */
  int before(int row);

  /** Whether the row is itself an image of what was before, and not of what is now. */
  boolean isBefore(int row);

  /** The value of a header, as text. */
  String header(OutputColumn.Header header, int row);

  /** Rows of a load: all inserted, now. */
  static RowContext ofLoad() {
    String now = TIMESTAMP.format(Instant.now());
    return new RowContext() {
      @Override
      public Operation operation(int row) {
        return Operation.INSERT;
      }

      @Override
      public int before(int row) {
        return RowChange.NONE;
      }

      @Override
      public boolean isBefore(int row) {
        return false;
      }

      @Override
      public String header(OutputColumn.Header header, int row) {
        return switch (header) {
          case AR_H_STREAM_POSITION, AR_H_USER, AR_H_CHANGE_SEQ -> "";
          case AR_H_TIMESTAMP, AR_H_COMMIT_TIMESTAMP -> now;
          case AR_H_OPERATION -> Operation.INSERT.name();
        };
      }
    };
  }
}
