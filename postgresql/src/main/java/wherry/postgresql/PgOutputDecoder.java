package wherry.postgresql;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import wherry.schema.TableId;

/**
 * Takes pgoutput's messages apart, protocol versions 1 and 2 (PostgreSQL manual, 54.9 "Logical
 * Replication Message Formats"). A function of the bytes alone: it knows no connection, for what a
 * catalogue says now is not what was true at this place of the log.
 *
 * <p>Owned by one thread.
 */
final class PgOutputDecoder {
  /** Microseconds from 1970 to 2000, where PostgreSQL's clock begins. */
  private static final long EPOCH_MICROSECONDS = 946_684_800_000_000L;

  /** What messages say. The tuples are valid during the call only. */
  interface Changes {
    /**
     * @param commitLsn of the commit's record, which is still to come
     * @param committedAt microseconds since 1970
     */
    void begin(int xid, long commitLsn, long committedAt);

    /**
     * @param endLsn behind the commit's record
     */
    void commit(long endLsn);

    void relation(LoggedRelation relation);

    void insert(int relation, Tuple row);

    /**
     * @param old what the log has of the row as it was; its tuple is meaningless for NONE
     */
    void update(int relation, OldRow old, Tuple before, Tuple after);

    void delete(int relation, OldRow old, Tuple before);

    void truncate(int[] relations);
  }

  /** What the log holds of a row before its change. */
  enum OldRow {
    /** Nothing: what identifies the row has not changed. */
    NONE,
    /** What identifies the row; the other columns read as NULL and are not. */
    KEY,
    WHOLE
  }

  private final Changes changes;
  private final Tuple before = new Tuple();
  private final Tuple after = new Tuple();

  PgOutputDecoder(Changes changes) {
    this.changes = changes;
  }

  /** The server's microseconds since 2000 as microseconds since 1970. */
  static long sinceEpoch(long serverTime) {
    return EPOCH_MICROSECONDS + serverTime;
  }

  /**
   * @param start where the message's type is
   * @param streamed whether it is part of a transaction sent before its end, where messages carry
   *     the xid of their (sub)transaction behind their type
   */
  void decode(byte[] message, int start, boolean streamed) {
    int at = start + (streamed ? 5 : 1);
    switch (message[start]) {
      case 'I' -> {
        after.read(message, at + 5);
        changes.insert(Bytes.int32(message, at), after);
      }
      case 'U' -> update(message, at);
      case 'D' -> {
        before.read(message, at + 5);
        changes.delete(Bytes.int32(message, at), oldRow(message[at + 4]), before);
      }
      case 'B' ->
          changes.begin(
              Bytes.int32(message, at + 16),
              Bytes.int64(message, at),
              sinceEpoch(Bytes.int64(message, at + 8)));
      case 'C' -> changes.commit(Bytes.int64(message, at + 9));
      case 'R' -> changes.relation(relation(message, at));
      case 'T' -> truncate(message, at);
      case 'M', 'O', 'Y' -> {
        // Messages of others, origins and the names of types: nothing that a row needs.
      }
      default ->
          throw new IllegalStateException(
              "The log holds a message of unknown type " + (char) message[start]);
    }
  }

  /** Int32 relation, then possibly {@code K} or {@code O} with a tuple, then {@code N} with one. */
  private void update(byte[] message, int at) {
    OldRow old = oldRow(message[at + 4]);
    int next = old == OldRow.NONE ? at + 4 : before.read(message, at + 5);
    after.read(message, next + 1);
    changes.update(Bytes.int32(message, at), old, before, after);
  }

  private static OldRow oldRow(byte kind) {
    return switch (kind) {
      case 'K' -> OldRow.KEY;
      case 'O' -> OldRow.WHOLE;
      default -> OldRow.NONE;
    };
  }

  /** Int32 number of relations, Int8 options, then the relations. */
  private void truncate(byte[] message, int at) {
    int[] relations = new int[Bytes.int32(message, at)];
    for (int i = 0; i < relations.length; i++) {
      relations[i] = Bytes.int32(message, at + 5 + 4 * i);
    }
    changes.truncate(relations);
  }

  /**
   * Int32 oid, String namespace, String name, Int8 identity, Int16 number of columns, and for each
   * Int8 flags, String name, Int32 type, Int32 modifier.
   */
  private static LoggedRelation relation(byte[] message, int start) {
    int schemaEnd = stringEnd(message, start + 4);
    int nameEnd = stringEnd(message, schemaEnd + 1);
    TableId id =
        new TableId(text(message, start + 4, schemaEnd), text(message, schemaEnd + 1, nameEnd));
    int count = Bytes.int16(message, nameEnd + 2);
    List<LoggedRelation.Column> columns = new ArrayList<>(count);
    int at = nameEnd + 4;
    for (int i = 0; i < count; i++) {
      int end = stringEnd(message, at + 1);
      columns.add(
          new LoggedRelation.Column(
              (message[at] & 1) != 0,
              text(message, at + 1, end),
              Bytes.int32(message, end + 1),
              Bytes.int32(message, end + 5)));
      at = end + 9;
    }
    return new LoggedRelation(
        Bytes.int32(message, start), id, (char) message[nameEnd + 1], columns);
  }

  private static int stringEnd(byte[] message, int start) {
    int at = start;
    while (message[at] != 0) {
      at++;
    }
    return at;
  }

  private static String text(byte[] message, int start, int end) {
    return new String(message, start, end - start, StandardCharsets.UTF_8);
  }
}
