package wherry.redis.rdb;

/**
 * CRC-64 as Redis uses it (crc64.c: Jones polynomial, reflected, no initial or final inversion),
 * eight bytes at a time.
 */
public final class Crc64 {
  private static final long POLYNOMIAL = 0x95ac9329ac4bc9b5L;
  private static final long[][] TABLES = tables();

  private Crc64() {}

  /** The sum of more bytes, continuing one; the sum of nothing is 0. */
  public static long update(long crc, byte[] bytes, int offset, int length) {
    long sum = crc;
    int i = offset;
    int end = offset + length;
    for (; i + 8 <= end; i += 8) {
      sum =
          TABLES[7][(int) (sum ^ bytes[i]) & 0xff]
              ^ TABLES[6][(int) (sum >>> 8 ^ bytes[i + 1]) & 0xff]
              ^ TABLES[5][(int) (sum >>> 16 ^ bytes[i + 2]) & 0xff]
              ^ TABLES[4][(int) (sum >>> 24 ^ bytes[i + 3]) & 0xff]
              ^ TABLES[3][(int) (sum >>> 32 ^ bytes[i + 4]) & 0xff]
              ^ TABLES[2][(int) (sum >>> 40 ^ bytes[i + 5]) & 0xff]
              ^ TABLES[1][(int) (sum >>> 48 ^ bytes[i + 6]) & 0xff]
              ^ TABLES[0][(int) (sum >>> 56 ^ bytes[i + 7]) & 0xff];
    }
    for (; i < end; i++) {
      sum = TABLES[0][(int) (sum ^ bytes[i]) & 0xff] ^ sum >>> 8;
    }
    return sum;
  }

  private static long[][] tables() {
    long[][] tables = new long[8][256];
    for (int value = 0; value < 256; value++) {
      long crc = value;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ POLYNOMIAL;
      }
      tables[0][value] = crc;
    }
    for (int value = 0; value < 256; value++) {
      for (int table = 1; table < 8; table++) {
        long before = tables[table - 1][value];
        tables[table][value] = tables[0][(int) before & 0xff] ^ before >>> 8;
      }
    }
    return tables;
  }
}
