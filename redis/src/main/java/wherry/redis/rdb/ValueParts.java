package wherry.redis.rdb;

import java.io.IOException;
import java.util.List;

/** Takes a value in parts, in the order in which they come. */
public interface ValueParts {
  /** The next bytes of a string; the array is used again. */
  void string(byte[] bytes, int offset, int length) throws IOException;

  /** The next element of a list, from its head. */
  void element(byte[] element) throws IOException;

  /** A member of a set. */
  void member(byte[] member) throws IOException;

  /**
   * A member of a sorted set.
   *
   * @param score as ZADD takes it
   */
  void scored(byte[] member, byte[] score) throws IOException;

  /**
   * A field of a hash.
   *
   * @param expiresAt milliseconds since 1970, -1 when it does not expire
   */
  void field(byte[] field, byte[] value, long expiresAt) throws IOException;

  /** The next entry of a stream. */
  void entry(StreamId id, List<byte[]> fieldsAndValues) throws IOException;

  /** What a stream remembers, after all its entries. */
  void stream(StreamState state) throws IOException;

  /** A group of a stream, after the stream's state. */
  void group(byte[] name, StreamId lastDelivered, long entriesRead) throws IOException;

  /** A consumer of a group, whether or not something waits for it. */
  void consumer(byte[] group, byte[] consumer) throws IOException;

  /** An entry that a consumer has not acknowledged. */
  void pending(byte[] group, byte[] consumer, StreamId id, long deliveredAt, long deliveries)
      throws IOException;

  /**
   * The ID of an entry; both numbers are unsigned.
   *
   * @param milliseconds its time
   */
  record StreamId(long milliseconds, long sequence) {
    @Override
    public String toString() {
      return Long.toUnsignedString(milliseconds) + "-" + Long.toUnsignedString(sequence);
    }
  }

  /**
   * What XINFO STREAM tells.
   *
   * @param length entries that are there
   * @param entriesAdded -1 where the source does not count them (before 7.0)
   */
  record StreamState(long length, StreamId last, StreamId maxDeleted, long entriesAdded) {}
}
