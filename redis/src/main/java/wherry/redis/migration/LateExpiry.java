package wherry.redis.migration;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import wherry.redis.protocol.Command;

/**
 * Until it is promoted, a target must not expire anything by itself: it is behind the source, where
 * the key may have been given more time meanwhile. A replica does not, it waits for the source's
 * DEL; our target is a primary and would. So every expiry is written {@link #DELAY_MILLISECONDS}
 * later than it is, and put right when the migration is completed (D28).
 */
final class LateExpiry {
  /** 139 years, in whole seconds; what expires beyond half of it from now is one of ours. */
  static final long DELAY_MILLISECONDS = 4_400_000_000_000L;

  private static final long DELAY_SECONDS = DELAY_MILLISECONDS / 1000;

  private LateExpiry() {}

  static byte[] delayed(long milliseconds) {
    return Command.bytes(Long.toString(milliseconds + DELAY_MILLISECONDS));
  }

  static boolean isDelayed(long expiresAt, long now) {
    return expiresAt > now + DELAY_MILLISECONDS / 2;
  }

  /**
   * Delays what a command of the stream says about expiry, in place. Servers send most of it as
   * PEXPIREAT and PXAT; older ones pass on what the client has sent.
   */
  static void delay(String name, byte[][] arguments) {
    switch (name) {
      case "PEXPIREAT", "PEXPIRE" -> add(arguments, 2, DELAY_MILLISECONDS);
      case "EXPIREAT", "EXPIRE", "SETEX" -> add(arguments, 2, DELAY_SECONDS);
      case "PSETEX" -> add(arguments, 2, DELAY_MILLISECONDS);
      case "SET" -> delayOptions(arguments, 3);
      case "GETEX" -> delayOptions(arguments, 2);
      case "RESTORE" -> {
        if (!text(arguments[2]).equals("0")) {
          add(arguments, 2, DELAY_MILLISECONDS);
        }
      }
      default -> {}
    }
  }

  private static void delayOptions(byte[][] arguments, int from) {
    for (int i = from; i + 1 < arguments.length; i++) {
      switch (text(arguments[i]).toUpperCase(Locale.ROOT)) {
        case "PX", "PXAT" -> {
          add(arguments, i + 1, DELAY_MILLISECONDS);
          return;
        }
        case "EX", "EXAT" -> {
          add(arguments, i + 1, DELAY_SECONDS);
          return;
        }
        default -> {}
      }
    }
  }

  private static void add(byte[][] arguments, int index, long delay) {
    arguments[index] = Command.bytes(Long.toString(Long.parseLong(text(arguments[index])) + delay));
  }

  private static String text(byte[] argument) {
    return new String(argument, StandardCharsets.US_ASCII);
  }
}
