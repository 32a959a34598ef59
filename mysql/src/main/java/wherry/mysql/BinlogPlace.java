package wherry.mysql;

import java.util.Optional;

/** Follows the events of a stream through the files of the log. Not thread-safe. */
final class BinlogPlace {
  private static final long OFFSET_BITS = 0xFFFFFFFFL;

  private String file;
  private long offset;
  private long begun;
  private Optional<GtidSet> gtids;

  BinlogPlace(BinlogPosition from) {
    this.file = from.file();
    this.offset = from.offset();
    this.begun = from.begun();
    this.gtids = from.gtids();
  }

  /** The end of the last event. */
  BinlogPosition now() {
    return new BinlogPosition(file, offset, begun, gtids);
  }

  /** Takes in the name of a transaction that has ended. */
  void ended(Gtid gtid) {
    gtids = gtid.isNamed() ? gtids.map(set -> set.plus(gtid)) : Optional.empty();
  }

  /** Takes in the next event and tells where it begins. */
  BinlogPosition pass(BinlogEvent event) {
    BinlogPosition begin = new BinlogPosition(file, offset, begun);
    if (event.inFile()) {
      // The header has 32 bits, but files grow beyond them in one large transaction.
      long end = (offset & ~OFFSET_BITS) | event.logPosition();
      offset = end < offset ? end + OFFSET_BITS + 1 : end;
      begin = new BinlogPosition(file, offset - event.length(), begun);
    }
    if (event.type() == BinlogEvent.FORMAT_DESCRIPTION) {
      begun = event.timestampSeconds();
    }
    if (event.inFile()) {
      passHead(event);
    }
    if (event.type() == BinlogEvent.ROTATE) {
      ByteCursor in = ByteCursor.of(event);
      offset = in.number(8);
      String next = in.text(in.remaining());
      begun = next.equals(file) ? begun : 0;
      file = next;
    }
    return begin;
  }

  /** Each file begins with the names of what is in those before it. */
  private void passHead(BinlogEvent event) {
    if (event.type() == BinlogEvent.PREVIOUS_GTIDS) {
      gtids = GtidSet.previous(event);
    } else if (event.type() == BinlogEvent.MARIADB_GTID_LIST) {
      gtids = Optional.of(GtidSet.list(event));
    }
  }
}
