package wherry.redis.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes commands as RESP arrays of bulk strings. */
public final class Command {
  private Command() {}

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The arguments as bytes. */
  public static byte[][] of(String... arguments) {
    byte[][] bytes = new byte[arguments.length][];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = bytes(arguments[i]);
    }
    return bytes;
  }

  /** Appends a whole command. */
  public static void write(ByteArrayOutputStream out, byte[]... arguments) {
    writeHeader(out, arguments.length);
    for (byte[] argument : arguments) {
      writeArgument(out, argument);
    }
  }

  /** Appends what says how many arguments follow. */
  public static void writeHeader(ByteArrayOutputStream out, int arguments) {
    writeLine(out, '*', arguments);
  }

  public static void writeArgument(ByteArrayOutputStream out, byte[] argument) {
    writeLine(out, '$', argument.length);
    out.write(argument, 0, argument.length);
    out.write('\r');
    out.write('\n');
  }

  /** Appends {@code *3}, {@code $5} and the like with the line's end. */
  public static void writeLine(ByteArrayOutputStream out, char kind, int number) {
    out.write(kind);
    if (number < 10) {
      out.write('0' + number);
    } else {
      byte[] digits = Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
      out.write(digits, 0, digits.length);
    }
    out.write('\r');
    out.write('\n');
  }
}
