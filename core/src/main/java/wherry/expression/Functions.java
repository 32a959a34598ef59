package wherry.expression;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * The functions that are compiled: those of SQLite as its func.c has them, and three of AWS DMS.
 * Arguments are texts or integers; what SQLite would convert from a REAL is left to SQLite.
 */
final class Functions {
  private static final byte[] UPPER_HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  private Functions() {}

  /** A function that makes a new text; NULL when an argument is. */
  abstract static class OfTexts extends Node {
    final SqlValue[] arguments;
    final TextBuffer result = new TextBuffer();
    private final Node[] nodes;

    OfTexts(Node... nodes) {
      this.nodes = nodes;
      this.arguments = new SqlValue[nodes.length];
      for (int i = 0; i < nodes.length; i++) {
        arguments[i] = new SqlValue();
      }
    }

    @Override
    int classes() {
      return StorageClasses.TEXT;
    }

    @Override
    final void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      boolean sawNull = false;
      for (int i = 0; i < nodes.length; i++) {
        nodes[i].evaluate(inputs, row, arguments[i]);
        sawNull |= arguments[i].isNull();
      }
      if (sawNull) {
        into.setNull();
        return;
      }
      result.clear();
      apply(into);
    }

    abstract void apply(SqlValue into);

    /** The argument as a TEXT, which an INTEGER is made. */
    final SqlValue text(int argument) {
      SqlValue value = arguments[argument];
      if (value.type() == SqlValue.Type.INTEGER) {
        TextBuffer digits = new TextBuffer();
        digits.add(value);
        digits.giveTo(value);
      }
      return value;
    }
  }

  /** {@code ||}. */
  static final class Concatenate extends OfTexts {
    Concatenate(Node left, Node right) {
      super(left, right);
    }

    @Override
    void apply(SqlValue into) {
      result.add(arguments[0]);
      result.add(arguments[1]);
      result.giveTo(into);
    }
  }

  /** lower and upper: ASCII only. */
  static final class Case extends OfTexts {
    private final boolean upper;

    Case(boolean upper, Node text) {
      super(text);
      this.upper = upper;
    }

    @Override
    void apply(SqlValue into) {
      result.add(arguments[0]);
      byte[] bytes = result.bytes();
      for (int i = 0; i < result.length(); i++) {
        byte b = bytes[i];
        if (upper ? b >= 'a' && b <= 'z' : b >= 'A' && b <= 'Z') {
          bytes[i] = (byte) (b ^ 0x20);
        }
      }
      result.giveTo(into);
    }
  }

  /** trim, ltrim, rtrim: all characters of the second argument, else blanks. */
  static final class Trim extends OfTexts {
    private final boolean left;
    private final boolean right;

    Trim(boolean left, boolean right, Node text, Node characters) {
      super(text, characters);
      this.left = left;
      this.right = right;
    }

    @Override
    void apply(SqlValue into) {
      result.add(arguments[0]);
      byte[] bytes = result.bytes();
      int start = 0;
      int end = result.length();
      for (int n = 1; left && n > 0; start += n) {
        n = matches(bytes, start, end, true);
      }
      for (int n = 1; right && n > 0; end -= n) {
        n = matches(bytes, start, end, false);
      }
      into.setText(bytes, start, end);
    }

    /** Bytes of the character at the start or end, if it is one of those to be cut; else 0. */
    private int matches(byte[] bytes, int start, int end, boolean atStart) {
      SqlValue set = text(1);
      int setEnd = untilNul(set.bytes(), set.start(), set.end());
      for (int at = set.start(); at < setEnd; ) {
        int next = nextCharacter(set.bytes(), at, setEnd);
        int length = next - at;
        int from = atStart ? start : end - length;
        if (length <= end - start && equal(set.bytes(), at, bytes, from, length)) {
          return length;
        }
        at = next;
      }
      return 0;
    }
  }

  /** replace of a pattern that is not empty. */
  static final class Replace extends OfTexts {
    Replace(Node text, Node pattern, Node replacement) {
      super(text, pattern, replacement);
    }

    @Override
    void apply(SqlValue into) {
      SqlValue text = arguments[0];
      SqlValue pattern = text(1);
      SqlValue replacement = arguments[2];
      int length = pattern.length();
      int at = text.start();
      while (at < text.end()) {
        if (length <= text.end() - at
            && equal(text.bytes(), at, pattern.bytes(), pattern.start(), length)) {
          result.add(replacement);
          at += length;
        } else {
          result.add(text.bytes()[at++]);
        }
      }
      result.giveTo(into);
    }
  }

  /**
   * replaceChars of AWS DMS: each character that is the i-th of the second text becomes the i-th of
   * the third, the first of it where it is shorter, nothing where it is empty.
   */
  static final class ReplaceCharacters extends OfTexts {
    ReplaceCharacters(Node text, Node characters, Node replacements) {
      super(text, characters, replacements);
    }

    @Override
    void apply(SqlValue into) {
      byte[] replaced =
          DmsFunctions.replaceChars(string(0), string(1), string(2))
              .getBytes(StandardCharsets.UTF_8);
      into.setText(replaced, 0, replaced.length);
    }

    private String string(int argument) {
      SqlValue value = text(argument);
      return new String(value.bytes(), value.start(), value.length(), StandardCharsets.UTF_8);
    }
  }

  /** substr of a text, counted in characters from 1, from the end when negative. */
  static final class Substring extends OfTexts {
    private final boolean hasLength;

    Substring(Node... arguments) {
      super(arguments);
      this.hasLength = arguments.length == 3;
    }

    @Override
    void apply(SqlValue into) {
      result.add(arguments[0]);
      byte[] bytes = result.bytes();
      int end = untilNul(bytes, 0, result.length());
      long skip = arguments[1].integer();
      long take = hasLength ? arguments[2].integer() : Integer.MAX_VALUE;
      if (skip < 0) {
        skip += characters(bytes, 0, end);
        if (skip < 0) {
          take = take < 0 ? 0 : take + skip;
          skip = 0;
        }
      } else if (skip > 0) {
        skip--;
      } else if (take > 0) {
        take--;
      }
      if (take < 0) {
        take = take < -skip ? skip : -take;
        skip -= take;
      }
      int from = 0;
      for (; from < end && skip > 0; skip--) {
        from = nextCharacter(bytes, from, end);
      }
      int to = from;
      for (; to < end && take > 0; take--) {
        to = nextCharacter(bytes, to, end);
      }
      into.setText(bytes, from, to);
    }
  }

  /** length: characters up to the first NUL, bytes of a blob, digits of an integer. */
  static final class Length extends OfTexts {
    Length(Node value) {
      super(value);
    }

    @Override
    int classes() {
      return StorageClasses.INTEGER;
    }

    @Override
    void apply(SqlValue into) {
      SqlValue value = arguments[0];
      result.add(value);
      int end =
          value.type() == SqlValue.Type.BLOB
              ? result.length()
              : characters(result.bytes(), 0, untilNul(result.bytes(), 0, result.length()));
      into.set((long) end);
    }
  }

  /** hash_sha256: upper-case hexadecimal of SHA-256, as data-masking-hash-mask has it. */
  static final class Sha256 extends OfTexts {
    private final MessageDigest digest = DmsFunctions.sha256();

    Sha256(Node value) {
      super(value);
    }

    @Override
    void apply(SqlValue into) {
      result.add(arguments[0]);
      digest.update(result.bytes(), 0, result.length());
      byte[] hash = digest.digest();
      result.clear();
      hex(hash, 0, hash.length, result);
      result.giveTo(into);
    }
  }

  /** hex of a text or blob; of NULL it is empty. */
  static final class Hex extends Node {
    private final Node operand;
    private final TextBuffer result = new TextBuffer();

    Hex(Node operand) {
      this.operand = operand;
    }

    @Override
    int classes() {
      return StorageClasses.TEXT;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      operand.evaluate(inputs, row, into);
      result.clear();
      if (!into.isNull()) {
        hex(into.bytes(), into.start(), into.end(), result);
      }
      result.giveTo(into);
    }
  }

  /** max and min of several values; NULL when one is. */
  static final class Extreme extends Node {
    private final boolean greatest;
    private final Node[] nodes;
    private final SqlValue candidate = new SqlValue();

    Extreme(boolean greatest, Node... nodes) {
      this.greatest = greatest;
      this.nodes = nodes;
    }

    @Override
    int classes() {
      int classes = 0;
      for (Node node : nodes) {
        classes |= node.classes();
      }
      return classes;
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      nodes[0].evaluate(inputs, row, into);
      for (int i = 1; i < nodes.length; i++) {
        // Behind a NULL, too: SQLite has all arguments before it calls, and each may fail.
        nodes[i].evaluate(inputs, row, candidate);
        if (into.isNull()) {
          continue;
        }
        // Of equal ones max keeps the first and min takes the last (func.c, minmaxFunc).
        int order = candidate.isNull() ? 0 : into.compare(candidate);
        if (candidate.isNull() || (greatest ? order < 0 : order >= 0)) {
          into.set(candidate);
        }
      }
    }
  }

  static final class Absolute extends Node {
    private final Node operand;

    Absolute(Node operand) {
      this.operand = operand;
    }

    @Override
    int classes() {
      return operand.classes();
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      operand.evaluate(inputs, row, into);
      switch (into.type()) {
        case NULL -> {}
        case INTEGER -> {
          if (into.integer() == Long.MIN_VALUE) {
            throw new ExpressionException("integer overflow");
          }
          into.set(Math.abs(into.integer()));
        }
        case REAL -> into.set(into.real() < 0 ? -into.real() : into.real());
        case TEXT, BLOB -> throw notANumber(into);
      }
    }
  }

  /** {@code NULL} when both are equal, else the first. */
  static final class NullIf extends Node {
    private final Node first;
    private final Node second;
    private final SqlValue compared = new SqlValue();

    NullIf(Node first, Node second) {
      this.first = first;
      this.second = second;
    }

    @Override
    int classes() {
      return first.classes();
    }

    @Override
    void evaluate(ExpressionEvaluator.Inputs inputs, int row, SqlValue into) {
      first.evaluate(inputs, row, into);
      second.evaluate(inputs, row, compared);
      if (into.compare(compared) == 0) {
        into.setNull();
      }
    }
  }

  static void hex(byte[] bytes, int start, int end, TextBuffer into) {
    for (int i = start; i < end; i++) {
      into.add(UPPER_HEX[bytes[i] >> 4 & 15]);
      into.add(UPPER_HEX[bytes[i] & 15]);
    }
  }

  /** Behind the character at {@code at} (SQLITE_SKIP_UTF8). */
  private static int nextCharacter(byte[] bytes, int at, int end) {
    int next = at + 1;
    if ((bytes[at] & 0xC0) == 0xC0) {
      while (next < end && (bytes[next] & 0xC0) == 0x80) {
        next++;
      }
    }
    return next;
  }

  private static int characters(byte[] bytes, int start, int end) {
    int count = 0;
    for (int at = start; at < end; at = nextCharacter(bytes, at, end)) {
      count++;
    }
    return count;
  }

  private static int untilNul(byte[] bytes, int start, int end) {
    int at = start;
    while (at < end && bytes[at] != 0) {
      at++;
    }
    return at;
  }

  private static boolean equal(byte[] a, int aStart, byte[] b, int bStart, int length) {
    for (int i = 0; i < length; i++) {
      if (a[aStart + i] != b[bStart + i]) {
        return false;
      }
    }
    return true;
  }
}
