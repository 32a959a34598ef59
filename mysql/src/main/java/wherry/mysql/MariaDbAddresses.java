package wherry.mysql;

import java.nio.charset.StandardCharsets;
import wherry.row.RowBatchBuilder;

/**
 * MariaDB's UUID, INET6 and INET4: fixed bytes behind a length, zeros at the end left out
 * (FixedBinTypeBundle).
 */
final class MariaDbAddresses {
  private MariaDbAddresses() {}

  private static byte[] padded(byte[] bytes, int at, int length, int width) {
    byte[] value = new byte[width];
    System.arraycopy(bytes, at + 1, value, 0, length - 1);
    return value;
  }

  /**
   * Versions 1 to 5 are kept with their parts in reverse order, so that they sort by time
   * (UUID::record_to_memory).
   */
  record Uuid() implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 1 + bytes[at];
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      byte[] kept = padded(bytes, at, length, 16);
      byte[] value = kept;
      if ((kept[6] & -kept[8] & 0x80) != 0) {
        value = new byte[16];
        System.arraycopy(kept, 12, value, 0, 4);
        System.arraycopy(kept, 10, value, 4, 2);
        System.arraycopy(kept, 8, value, 6, 2);
        System.arraycopy(kept, 6, value, 8, 2);
        System.arraycopy(kept, 0, value, 10, 6);
      }
      cells.add(Gtid.uuid(value).getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  record Inet4() implements LoggedCell {
    @Override
    public int length(byte[] bytes, int at) {
      return 1 + bytes[at];
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      byte[] value = padded(bytes, at, length, 4);
      cells.add(dotted(value, 0).getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /**
   * The longest run of zeros, the first of equal ones, is {@code ::}; addresses of IPv4 end with
   * dots (Inet6::to_string).
   */
  record Inet6() implements LoggedCell {
    private static final int GROUPS = 8;

    @Override
    public int length(byte[] bytes, int at) {
      return 1 + bytes[at];
    }

    @Override
    public void decode(byte[] bytes, int at, int length, RowBatchBuilder cells) {
      byte[] value = padded(bytes, at, length, 16);
      cells.add(text(value).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String text(byte[] value) {
      int[] groups = new int[GROUPS];
      int gap = -1;
      int gapGroups = 0;
      int run = 0;
      for (int i = 0; i < GROUPS; i++) {
        groups[i] = (value[2 * i] & 0xFF) << 8 | (value[2 * i + 1] & 0xFF);
        run = groups[i] == 0 ? run + 1 : 0;
        if (run > gapGroups) {
          gapGroups = run;
          gap = i - run + 1;
        }
      }
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < GROUPS; i++) {
        if (i == gap) {
          text.append("::");
          i += gapGroups - 1;
          continue;
        }
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        boolean dotted = gap == 0 && (gapGroups == 6 || (gapGroups == 5 && groups[5] == 0xFFFF));
        if (i == 6 && dotted) {
          return text.append(dotted(value, 12)).toString();
        }
        text.append(Integer.toHexString(groups[i]));
      }
      return text.toString();
    }
  }

  private static String dotted(byte[] value, int at) {
    StringBuilder text = new StringBuilder();
    for (int i = at; i < at + 4; i++) {
      text.append(i == at ? "" : ".").append(value[i] & 0xFF);
    }
    return text.toString();
  }
}
