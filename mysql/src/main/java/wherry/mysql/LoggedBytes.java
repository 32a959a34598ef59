package wherry.mysql;

import java.util.Arrays;
import wherry.row.RowBatchBuilder;

/** Text, binary strings, ENUM and SET of row events. */
final class LoggedBytes {
  private LoggedBytes() {}

  /** Bytes that are cells as they are, behind a length of {@code lengthBytes}. */
  record Counted(int lengthBytes) implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return lengthBytes + Math.toIntExact(LittleEndian.unsigned(bytes, at, lengthBytes));
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      cells.add(bytes, at + lengthBytes, length - lengthBytes);
    }
  }

  /** Text of a character set that is not UTF-8 already. */
  record Converted(Counted value, CharacterSet charset) implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return value.length(bytes, at);
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      int prefix = value.lengthBytes();
      charset.toUtf8(bytes, at + prefix, length - prefix, cells);
    }
  }

  /** BINARY(width): the log leaves out the zeros at the end. */
  record FixedBinary(Counted value, int width) implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return value.length(bytes, at);
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      int given = length - value.lengthBytes();
      cells.reserve(width);
      int to = cells.used();
      System.arraycopy(bytes, at + value.lengthBytes(), cells.slab(), to, given);
      Arrays.fill(cells.slab(), to + given, to + width, (byte) 0);
      cells.commit(width);
    }
  }

  /** ENUM: the label's number, 0 for the empty text of an invalid value. */
  @SuppressWarnings("ArrayRecordComponent") // Nobody changes or compares them.
  record Enumerated(int bytesOfValue, byte[][] labels) implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return bytesOfValue;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      int number = (int) LittleEndian.unsigned(bytes, at, bytesOfValue);
      if (number > labels.length) {
        throw new IllegalArgumentException(
            "an ENUM has the value " + number + " of " + labels.length + " labels");
      }
      cells.add(number == 0 ? new byte[0] : labels[number - 1]);
    }
  }

  /** SET: a bit for each label. */
  @SuppressWarnings("ArrayRecordComponent") // Nobody changes or compares them.
  record Labelled(int bytesOfValue, byte[][] labels) implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return bytesOfValue;
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      long bits = LittleEndian.unsigned(bytes, at, bytesOfValue);
      int size = 0;
      for (int i = 0; i < labels.length; i++) {
        if ((bits >>> i & 1) != 0) {
          size += (size == 0 ? 0 : 1) + labels[i].length;
        }
      }
      cells.reserve(size + labels.length);
      int start = cells.used();
      int to = start;
      for (int i = 0; i < labels.length; i++) {
        if ((bits >>> i & 1) != 0) {
          if (to > start) {
            cells.slab()[to++] = ',';
          }
          System.arraycopy(labels[i], 0, cells.slab(), to, labels[i].length);
          to += labels[i].length;
        }
      }
      cells.commit(to - start);
    }
  }
}
