package wherry.mysql;

import java.time.Instant;
import java.util.HexFormat;

/**
 * How a transaction is named among all servers that have it, and when it was committed.
 *
 * @param source MySQL's server UUID, MariaDB's domain; empty for a transaction without a name
 * @param server of MariaDB; empty for MySQL
 */
record Gtid(String source, long number, String server, Instant committedAt) {
  /** Between number and time stamps: a type and two numbers for parallel replicas. */
  private static final int PARALLEL_BYTES = 1 + 16;

  private static final int TIME_BYTES = 7;

  /** The first bit of the seven bytes: another time stamp, of the first server, follows. */
  private static final long HAS_ORIGINAL = 1L << 55;

  static Gtid unnamed(Instant committedAt) {
    return new Gtid("", 0, "", committedAt);
  }

  boolean isNamed() {
    return !source.isEmpty();
  }

  /** MySQL's {@code uuid:n}, MariaDB's {@code domain-server-n}; empty for none. */
  String text() {
    if (!isNamed()) {
      return "";
    }
    return server.isEmpty() ? source + ":" + number : source + "-" + server + "-" + number;
  }

  /** "Gtid_event" of MySQL 8.0, with the time of the commit in microseconds since 8.0.1. */
  static Gtid mySql(BinlogEvent event) {
    ByteCursor in = ByteCursor.of(event);
    Instant committedAt = Instant.ofEpochSecond(event.timestampSeconds());
    if (event.type() == BinlogEvent.GTID_TAGGED) {
      return unnamed(committedAt);
    }
    in.skip(1);
    String uuid = uuid(in.take(16));
    long number = in.number(8);
    if (in.remaining() >= PARALLEL_BYTES + TIME_BYTES) {
      in.skip(PARALLEL_BYTES);
      long microseconds = in.number(TIME_BYTES) & ~HAS_ORIGINAL;
      committedAt =
          Instant.ofEpochSecond(microseconds / 1_000_000, microseconds % 1_000_000 * 1000);
    }
    return event.type() == BinlogEvent.GTID
        ? new Gtid(uuid, number, "", committedAt)
        : unnamed(committedAt);
  }

  static String uuid(byte[] bytes) {
    HexFormat hex = HexFormat.of();
    return String.join(
        "-",
        hex.formatHex(bytes, 0, 4),
        hex.formatHex(bytes, 4, 6),
        hex.formatHex(bytes, 6, 8),
        hex.formatHex(bytes, 8, 10),
        hex.formatHex(bytes, 10, 16));
  }

  /** "GTID_EVENT" of MariaDB: number, domain, flags; the server stands in the header. */
  static Gtid mariaDb(BinlogEvent event) {
    ByteCursor in = ByteCursor.of(event);
    long number = in.number(8);
    long domain = in.number(4);
    return new Gtid(
        Long.toString(domain),
        number,
        Long.toString(event.serverId()),
        Instant.ofEpochSecond(event.timestampSeconds()));
  }

  static int mariaDbFlags(BinlogEvent event) {
    return event.bytes()[event.start() + 12] & 0xFF;
  }
}
