package wherry.redis.migration;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import wherry.redis.protocol.Reply;

/**
 * SHA-256 of a value that comes in parts. Where the order of elements means something it is the
 * digest of all in their order; otherwise the sum of the digests of each.
 */
final class ValueDigest {
  private final MessageDigest digest = sha256();
  private final long[] sum = new long[4];
  private long elements;

  /** The next part of a string. */
  void addPart(byte[] bytes) {
    digest.update(bytes);
    elements += bytes.length;
  }

  /** The next element of a list, or whatever else comes in order; arrays with all they hold. */
  void addInOrder(Reply element) {
    update(element);
    elements++;
  }

  /** A member and its score, which servers write in different forms: 3.1 or 3.1000000000000001. */
  void addScored(Reply member, Reply score) {
    update(member);
    digest.update(
        ByteBuffer.allocate(Long.BYTES)
            .putLong(Double.doubleToLongBits(score(score.toString())))
            .array());
    elements++;
  }

  private static double score(String text) {
    return switch (text) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  /** A member of a set, or a field and its value, in whatever order they come. */
  void addAnyhow(List<Reply> element) {
    element.forEach(this::update);
    ByteBuffer one = ByteBuffer.wrap(digest.digest());
    for (int i = 0; i < sum.length; i++) {
      sum[i] += one.getLong();
    }
    elements++;
  }

  /** How many elements have come, for a string bytes. */
  long elements() {
    return elements;
  }

  String finish() {
    ByteBuffer all = ByteBuffer.allocate((sum.length + 1) * Long.BYTES);
    for (long part : sum) {
      all.putLong(part);
    }
    digest.update(all.putLong(elements).array());
    return HexFormat.of().formatHex(digest.digest());
  }

  private void update(Reply reply) {
    switch (reply) {
      case Reply.Bytes bytes -> {
        length(bytes.bytes().length);
        digest.update(bytes.bytes());
      }
      case Reply.Number number -> {
        byte[] text = Long.toString(number.value()).getBytes(StandardCharsets.US_ASCII);
        length(text.length);
        digest.update(text);
      }
      case Reply.Array array -> {
        length(array.items().size());
        array.items().forEach(this::update);
      }
      case Reply.Nil nil -> length(-1);
      case Reply.Failure failure -> throw new IllegalStateException(failure.message());
    }
  }

  /** Lengths are part of it, so that {@code ab, c} is not {@code a, bc}. */
  private void length(int length) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JVM has SHA-256", e);
    }
  }
}
