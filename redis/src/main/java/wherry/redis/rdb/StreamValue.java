package wherry.redis.rdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import wherry.redis.protocol.ByteInput;
import wherry.redis.protocol.MalformedException;
import wherry.redis.rdb.ValueParts.StreamId;
import wherry.redis.rdb.ValueParts.StreamState;

/** A stream's entries and groups (rdb.c, rdbLoadObject; t_stream.c, "listpack format"). */
final class StreamValue {
  private static final int DELETED = 1;
  private static final int SAME_FIELDS = 2;

  /** When and how often an entry was given to a consumer. */
  private record Delivery(long at, long times) {}

  private StreamValue() {}

  static void read(int type, ByteInput in, ValueParts parts) throws IOException {
    for (long left = RdbString.length(in); left > 0; left--) {
      ByteBuffer node = ByteBuffer.wrap(RdbString.read(in));
      StreamId first = new StreamId(node.getLong(), node.getLong());
      entries(first, PackedElements.listpack(RdbString.read(in)).iterator(), parts);
    }
    long length = RdbString.length(in);
    StreamId last = id(in);
    StreamId maxDeleted = new StreamId(0, 0);
    long added = -1;
    if (type != RdbValue.STREAM) {
      id(in); // the first entry's, which follows from the entries
      maxDeleted = id(in);
      added = RdbString.length(in);
    }
    parts.stream(new StreamState(length, last, maxDeleted, added));
    for (long groups = RdbString.length(in); groups > 0; groups--) {
      group(type, in, parts);
    }
  }

  private static StreamId id(ByteInput in) throws IOException {
    long milliseconds = RdbString.length(in);
    return new StreamId(milliseconds, RdbString.length(in));
  }

  /**
   * A node: count, deleted, fields of the first entry and 0; then per entry its flags, both halves
   * of its ID less the node's, its fields where they are others, its values, and how many elements
   * that were.
   */
  private static void entries(StreamId node, Iterator<byte[]> elements, ValueParts parts)
      throws IOException {
    long count = number(elements) + number(elements);
    List<byte[]> sameFields = new ArrayList<>();
    for (long left = number(elements); left > 0; left--) {
      sameFields.add(elements.next());
    }
    elements.next();
    for (; count > 0; count--) {
      long flags = number(elements);
      StreamId id =
          new StreamId(node.milliseconds() + number(elements), node.sequence() + number(elements));
      List<byte[]> fieldsAndValues = new ArrayList<>();
      if ((flags & SAME_FIELDS) != 0) {
        for (byte[] field : sameFields) {
          fieldsAndValues.add(field);
          fieldsAndValues.add(elements.next());
        }
      } else {
        for (long left = 2 * number(elements); left > 0; left--) {
          fieldsAndValues.add(elements.next());
        }
      }
      elements.next();
      if ((flags & DELETED) == 0) {
        parts.entry(id, fieldsAndValues);
      }
    }
  }

  private static long number(Iterator<byte[]> elements) {
    return Long.parseLong(new String(elements.next(), StandardCharsets.US_ASCII));
  }

  /** The deliveries stand once per group; the consumers' lists only name them. */
  private static void group(int type, ByteInput in, ValueParts parts) throws IOException {
    byte[] name = RdbString.read(in);
    StreamId lastDelivered = id(in);
    long entriesRead = type == RdbValue.STREAM ? -1 : RdbString.length(in);
    parts.group(name, lastDelivered, entriesRead);
    Map<StreamId, Delivery> deliveries = new HashMap<>();
    for (long left = RdbString.length(in); left > 0; left--) {
      StreamId id = rawId(in);
      long at = in.readLongLittleEndian();
      deliveries.put(id, new Delivery(at, RdbString.length(in)));
    }
    for (long consumers = RdbString.length(in); consumers > 0; consumers--) {
      byte[] consumer = RdbString.read(in);
      in.skip(type == RdbValue.STREAM_3 ? 2 * Long.BYTES : Long.BYTES);
      parts.consumer(name, consumer);
      for (long left = RdbString.length(in); left > 0; left--) {
        StreamId id = rawId(in);
        Delivery delivery = deliveries.get(id);
        if (delivery == null) {
          throw new MalformedException(
              "entry " + id + " waits for a consumer and not in its group");
        }
        parts.pending(name, consumer, id, delivery.at(), delivery.times());
      }
    }
  }

  private static StreamId rawId(ByteInput in) throws IOException {
    long milliseconds = in.readBigEndian(Long.BYTES);
    return new StreamId(milliseconds, in.readBigEndian(Long.BYTES));
  }
}
