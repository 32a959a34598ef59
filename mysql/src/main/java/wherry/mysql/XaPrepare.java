package wherry.mysql;

import java.util.HexFormat;

/**
 * The end of an XA transaction's changes ("XA_prepare_event" in MySQL's internals manual): a byte
 * that says whether it is committed at once, then the transaction's format, the lengths of its two
 * names, and these.
 *
 * @param committed XA COMMIT … ONE PHASE
 * @param id as statements of the log write it, {@code x'6f6e65',x'',1}
 */
record XaPrepare(boolean committed, String id) {
  static XaPrepare of(BinlogEvent event) {
    ByteCursor in = ByteCursor.of(event);
    boolean committed = in.oneByte() != 0;
    long format = in.number(4);
    int globalBytes = (int) in.number(4);
    int branchBytes = (int) in.number(4);
    HexFormat hex = HexFormat.of();
    return new XaPrepare(
        committed,
        "x'"
            + hex.formatHex(in.take(globalBytes))
            + "',x'"
            + hex.formatHex(in.take(branchBytes))
            + "',"
            + (int) format);
  }
}
