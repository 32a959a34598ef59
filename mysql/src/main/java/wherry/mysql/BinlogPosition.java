package wherry.mysql;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wherry.change.Position;

/**
 * A place in the binary log, {@code binlog.000024:373}.
 *
 * @param file base name, a dot and a number of at least six digits
 * @param offset of the next event, in bytes
 * @param begun when the file was begun, in seconds of the source's clock, as its first event says;
 *     0 when unknown. The text has it behind {@code :@}. Not part of the order: it tells the file
 *     from one of the same name, of another server or after RESET MASTER
 * @param gtids the transactions before it, by which other servers find their place; the text has
 *     them behind {@code =}. Empty when unknown; not part of the order either
 */
record BinlogPosition(String file, long offset, long begun, Optional<GtidSet> gtids)
    implements Position {
  /** A checkpoint that AWS DMS has made goes on behind the place: {@code file:1975:-1:2002:…}. */
  private static final Pattern FORM =
      Pattern.compile(
          "([^\\s:/@]+\\.[0-9]{6,18}):([0-9]{1,18})(?::@([0-9]{1,12})(?:=(\\S*))?|:\\S*)?");

  BinlogPosition(String file, long offset, long begun) {
    this(file, offset, begun, Optional.empty());
  }

  /**
   * @throws IllegalArgumentException when the text is not {@code file:offset}
   */
  static BinlogPosition parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no binary-log position; one looks like binlog.000024:373");
    }
    long begun = matcher.group(3) == null ? 0 : Long.parseLong(matcher.group(3));
    Optional<GtidSet> gtids = Optional.ofNullable(matcher.group(4)).flatMap(GtidSet::parse);
    return new BinlogPosition(matcher.group(1), Long.parseLong(matcher.group(2)), begun, gtids);
  }

  @Override
  public String text() {
    String stamp = begun == 0 && gtids.isEmpty() ? "" : ":@" + begun;
    return file + ":" + offset + stamp + gtids.map(set -> "=" + set.text()).orElse("");
  }

  /** By the file's number, which grows beyond six digits, then by offset. */
  @Override
  public int compareTo(Position other) {
    if (!(other instanceof BinlogPosition that)) {
      throw new IllegalArgumentException(
          "A binary-log position does not compare with " + other.text());
    }
    int byFile = Long.compare(fileNumber(), that.fileNumber());
    return byFile != 0 ? byFile : Long.compare(offset, that.offset);
  }

  private long fileNumber() {
    return Long.parseLong(file.substring(file.lastIndexOf('.') + 1));
  }
}
