package wherry.row;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Copies cells, most of which are short: two words are moved in a quarter of the time that
 * System.arraycopy takes to find out how.
 */
public final class ShortCopy {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int BYTES = 2 * Long.BYTES;

  private ShortCopy() {}

  /**
   * Copies {@code length} bytes between different arrays. What the target holds behind them, up to
   * sixteen bytes from {@code to} on, is undefined afterwards.
   *
   * @throws IndexOutOfBoundsException as System.arraycopy
   */
  public static void copy(byte[] source, int from, byte[] target, int to, int length) {
    if (length <= BYTES
        && length >= 0
        && from <= source.length - BYTES
        && to <= target.length - BYTES) {
      long first = (long) LONG.get(source, from);
      long second = (long) LONG.get(source, from + Long.BYTES);
      LONG.set(target, to, first);
      LONG.set(target, to + Long.BYTES, second);
    } else {
      System.arraycopy(source, from, target, to, length);
    }
  }
}
