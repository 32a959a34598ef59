package wherry.postgresql;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.change.Cut;
import wherry.change.SourceTransaction;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * What a snapshot has seen, by the rule with which the server itself decides: a transaction is seen
 * when it had ended as the snapshot was taken (PostgreSQL manual, 9.28.6 "Transaction ID and
 * Snapshot Information Functions").
 *
 * @param from every commit before it is seen; some of those behind it are seen too
 * @param until no commit at or behind it is seen
 * @param xmax the first transaction that had not begun, with its epoch
 * @param running transactions before {@code xmax} that had not ended, ascending
 */
record PostgresCut(Lsn from, Lsn until, long xmax, long[] running) implements Cut {
  private static final Pattern TEXT =
      Pattern.compile("([0-9A-F]+/[0-9A-F]+):([0-9A-F]+/[0-9A-F]+):(\\d+):([\\d,]*)");

  /**
   * @param snapshot {@code xmin:xmax:xip,xip}, as pg_current_snapshot() says it
   */
  static PostgresCut of(Lsn from, Lsn until, String snapshot) {
    String[] parts = snapshot.split(":", -1);
    return new PostgresCut(from, until, Long.parseLong(parts[1]), running(parts[2]));
  }

  static PostgresCut parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new DmsException(
          ErrorCode.LOG_CHANGED, "Not what a PostgreSQL snapshot has seen: " + text);
    }
    return new PostgresCut(
        Lsn.parse(parts.group(1)),
        Lsn.parse(parts.group(2)),
        Long.parseLong(parts.group(3)),
        running(parts.group(4)));
  }

  private static long[] running(String list) {
    return list.isEmpty()
        ? new long[0]
        : Arrays.stream(list.split(",")).mapToLong(Long::parseLong).sorted().toArray();
  }

  @Override
  public boolean contains(SourceTransaction transaction) {
    if (transaction.at().compareTo(until) >= 0) {
      return false;
    }
    return sees(withEpoch(Integer.parseUnsignedInt(transaction.id())));
  }

  private boolean sees(long xid) {
    return xid < xmax && Arrays.binarySearch(running, xid) < 0;
  }

  /**
   * Whether a transaction has ended since.
   *
   * @param xid of a row of the catalogue, which may be older than numbers go back
   * @param next the first transaction that has not begun
   */
  boolean isFollowedBy(int xid, long next) {
    long whole = withEpoch(xid);
    return whole < next && !sees(whole);
  }

  /**
   * The log has only the lower half of a transaction's number. One that committed before the
   * snapshot is less than 2^31 numbers away from it, as all that the server still tells apart are.
   */
  private long withEpoch(int xid) {
    return xmax + (xid - (int) xmax);
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(from.text()).append(':').append(until.text()).append(':').append(xmax).append(':');
    for (int i = 0; i < running.length; i++) {
      text.append(i == 0 ? "" : ",").append(running[i]);
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PostgresCut cut && text().equals(cut.text());
  }

  @Override
  public int hashCode() {
    return text().hashCode();
  }

  @Override
  public String toString() {
    return text();
  }
}
