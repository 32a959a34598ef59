package wherry.transform;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import wherry.expression.DmsFunctions;
import wherry.schema.Column;

/** The masks ("Using data masking to hide sensitive information", AWS DMS guide). */
final class Masks {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
  };

  private Masks() {}

  /** Each ASCII digit becomes the character. */
  static CellStep digits(char character) {
    return new Digits() {
      @Override
      byte replacement() {
        return (byte) character;
      }
    };
  }

  /** Each ASCII digit becomes one by chance. A number keeps its sign, its length and its type. */
  static CellStep randomDigits(Column column) {
    SecureRandom random = new SecureRandom();
    if (column.type().isInteger()) {
      return new RandomInteger(random, column);
    }
    boolean number = column.type() == wherry.schema.DataType.NUMERIC;
    return new Digits() {
      private boolean first;

      @Override
      public void apply(CellSlice cell) throws CellRefused {
        first = number && isWhole(cell);
        super.apply(cell);
      }

      @Override
      byte replacement() {
        int least = first ? 1 : 0;
        first = false;
        return (byte) ('0' + least + random.nextInt(10 - least));
      }
    };
  }

  /** Whether the number has more digits before its point than one, so that the first is not 0. */
  private static boolean isWhole(CellSlice cell) {
    int at = cell.bytes()[cell.start()] == '-' ? cell.start() + 1 : cell.start();
    return at + 1 < cell.end() && cell.bytes()[at + 1] != '.';
  }

  /** SHA-256 in 64 upper-case hexadecimal digits. */
  static CellStep hash() {
    MessageDigest digest = DmsFunctions.sha256();
    byte[] text = new byte[64];
    return cell -> {
      digest.update(cell.bytes(), cell.start(), cell.length());
      byte[] hash = digest.digest();
      for (int i = 0; i < hash.length; i++) {
        text[2 * i] = HEX[hash[i] >> 4 & 15];
        text[2 * i + 1] = HEX[hash[i] & 15];
      }
      cell.set(text, 0, text.length);
    };
  }

  private abstract static class Digits implements CellStep {
    private byte[] masked = new byte[64];

    abstract byte replacement();

    @Override
    public void apply(CellSlice cell) throws CellRefused {
      int length = cell.length();
      if (masked.length < length) {
        masked = Arrays.copyOf(masked, Math.max(length, 2 * masked.length));
      }
      for (int i = 0; i < length; i++) {
        byte b = cell.bytes()[cell.start() + i];
        masked[i] = b >= '0' && b <= '9' ? replacement() : b;
      }
      cell.set(masked, 0, length);
    }
  }

  /** As many digits as before, the first not 0, within the type's range. */
  private record RandomInteger(SecureRandom random, Column column) implements CellStep {
    @Override
    public void apply(CellSlice cell) {
      boolean negative = cell.bytes()[cell.start()] == '-';
      int digits = cell.length() - (negative ? 1 : 0);
      BigInteger least = digits == 1 ? BigInteger.ZERO : BigInteger.TEN.pow(digits - 1);
      BigInteger end =
          BigInteger.TEN.pow(digits).min(IntegerRange.of(column.type()).max().add(BigInteger.ONE));
      BigInteger span = end.subtract(least);
      BigInteger value;
      do {
        value = new BigInteger(span.bitLength(), random);
      } while (value.compareTo(span) >= 0);
      value = value.add(least);
      cell.set((negative ? value.negate() : value).toString());
    }
  }
}
