package wherry.redis.rdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import wherry.redis.protocol.ByteInput;
import wherry.redis.protocol.MalformedException;

/** The serialised values of each type (rdb.h, "RDB object types"; rdb.c, rdbLoadObject). */
final class RdbValue {
  static final int STRING = 0;
  static final int LIST = 1;
  static final int SET = 2;
  static final int ZSET = 3;
  static final int HASH = 4;
  static final int ZSET_2 = 5;
  static final int MODULE_2 = 7;
  static final int HASH_ZIPMAP = 9;
  static final int LIST_ZIPLIST = 10;
  static final int SET_INTSET = 11;
  static final int ZSET_ZIPLIST = 12;
  static final int HASH_ZIPLIST = 13;
  static final int LIST_QUICKLIST = 14;
  static final int STREAM = 15;
  static final int HASH_LISTPACK = 16;
  static final int ZSET_LISTPACK = 17;
  static final int LIST_QUICKLIST_2 = 18;
  static final int STREAM_2 = 19;
  static final int SET_LISTPACK = 20;
  static final int STREAM_3 = 21;
  static final int HASH_EXPIRING = 24;
  static final int HASH_LISTPACK_EXPIRING = 25;

  private static final int STREAM_ID_BYTES = 16;
  private static final int QUICKLIST_PLAIN = 1;

  private RdbValue() {}

  /**
   * The lowest RDB version whose readers know the type: the footer of a RESTORE names it, so that
   * an older target takes whatever it can.
   */
  static int version(int type) {
    return switch (type) {
      case STRING, LIST, SET, ZSET, HASH -> 1;
      case HASH_ZIPMAP, LIST_ZIPLIST, SET_INTSET, ZSET_ZIPLIST, HASH_ZIPLIST -> 6;
      case LIST_QUICKLIST -> 7;
      case ZSET_2, MODULE_2 -> 8;
      case STREAM -> 9;
      case HASH_LISTPACK, ZSET_LISTPACK, LIST_QUICKLIST_2, STREAM_2 -> 10;
      case SET_LISTPACK, STREAM_3 -> 11;
      // The times of fields have to be written later than they are, which RESTORE cannot do.
      case HASH_EXPIRING, HASH_LISTPACK_EXPIRING -> Integer.MAX_VALUE;
      default -> Integer.MAX_VALUE;
    };
  }

  static boolean isModule(int type) {
    return type == MODULE_2;
  }

  /** Passes over a value. */
  static void skip(int type, ByteInput in) throws IOException {
    switch (type) {
      case STRING,
          HASH_ZIPMAP,
          LIST_ZIPLIST,
          SET_INTSET,
          ZSET_ZIPLIST,
          HASH_ZIPLIST,
          HASH_LISTPACK,
          ZSET_LISTPACK,
          SET_LISTPACK ->
          RdbString.skip(in);
      case LIST, SET, LIST_QUICKLIST -> skipStrings(in, RdbString.length(in));
      case HASH -> skipStrings(in, 2 * RdbString.length(in));
      case ZSET, ZSET_2 -> {
        for (long left = RdbString.length(in); left > 0; left--) {
          RdbString.skip(in);
          if (type == ZSET) {
            score(in);
          } else {
            in.skip(Double.BYTES);
          }
        }
      }
      case LIST_QUICKLIST_2 -> {
        for (long left = RdbString.length(in); left > 0; left--) {
          RdbString.length(in);
          RdbString.skip(in);
        }
      }
      case STREAM, STREAM_2, STREAM_3 -> skipStream(type, in);
      case MODULE_2 -> {
        RdbString.length(in);
        skipModule(in);
      }
      default -> throw unknown(type);
    }
  }

  private static MalformedException unknown(int type) {
    return new MalformedException(
        "values of RDB type "
            + type
            + " are not known: the source is newer than what Wherry reads, or it has hash fields"
            + " that expire");
  }

  private static void skipStrings(ByteInput in, long count) throws IOException {
    for (long left = count; left > 0; left--) {
      RdbString.skip(in);
    }
  }

  private static void skipStream(int type, ByteInput in) throws IOException {
    skipStrings(in, 2 * RdbString.length(in));
    int lengths = type == STREAM ? 3 : 8;
    for (int i = 0; i < lengths; i++) {
      RdbString.length(in);
    }
    for (long groups = RdbString.length(in); groups > 0; groups--) {
      RdbString.skip(in);
      RdbString.length(in);
      RdbString.length(in);
      if (type != STREAM) {
        RdbString.length(in);
      }
      for (long pending = RdbString.length(in); pending > 0; pending--) {
        in.skip(STREAM_ID_BYTES + Long.BYTES);
        RdbString.length(in);
      }
      for (long consumers = RdbString.length(in); consumers > 0; consumers--) {
        RdbString.skip(in);
        in.skip(type == STREAM_3 ? 2 * Long.BYTES : Long.BYTES);
        in.skip(RdbString.length(in) * STREAM_ID_BYTES);
      }
    }
  }

  /** Values of a module, each behind its kind, until kind 0 (rdb.c, rdbLoadCheckModuleValue). */
  static void skipModule(ByteInput in) throws IOException {
    for (long kind = RdbString.length(in); kind != 0; kind = RdbString.length(in)) {
      switch ((int) kind) {
        case 1, 2 -> RdbString.length(in);
        case 3 -> in.skip(Float.BYTES);
        case 4 -> in.skip(Double.BYTES);
        case 5 -> RdbString.skip(in);
        default -> throw new MalformedException("values of a module have no kind " + kind);
      }
    }
  }

  /** The old form of a score: a length and digits, or 253 to 255 for what has none. */
  private static byte[] score(ByteInput in) throws IOException {
    int length = in.read();
    return switch (length) {
      case 253 -> "nan".getBytes(StandardCharsets.US_ASCII);
      case 254 -> "inf".getBytes(StandardCharsets.US_ASCII);
      case 255 -> "-inf".getBytes(StandardCharsets.US_ASCII);
      default -> in.readBytes(length);
    };
  }

  private static byte[] binaryScore(ByteInput in) throws IOException {
    double score = Double.longBitsToDouble(in.readLongLittleEndian());
    String text = Double.isInfinite(score) ? score > 0 ? "inf" : "-inf" : Double.toString(score);
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads a value in parts; a string in parts of at most this size. */
  static void read(int type, ByteInput in, int partBytes, ValueParts parts) throws IOException {
    switch (type) {
      case STRING -> RdbString.read(in, partBytes, parts::string);
      case LIST, SET -> {
        for (long left = RdbString.length(in); left > 0; left--) {
          byte[] element = RdbString.read(in);
          if (type == LIST) {
            parts.element(element);
          } else {
            parts.member(element);
          }
        }
      }
      case HASH -> {
        for (long left = RdbString.length(in); left > 0; left--) {
          byte[] field = RdbString.read(in);
          parts.field(field, RdbString.read(in), -1);
        }
      }
      case ZSET, ZSET_2 -> {
        for (long left = RdbString.length(in); left > 0; left--) {
          byte[] member = RdbString.read(in);
          parts.scored(member, type == ZSET ? score(in) : binaryScore(in));
        }
      }
      case LIST_QUICKLIST -> {
        for (long left = RdbString.length(in); left > 0; left--) {
          elements(PackedElements.ziplist(RdbString.read(in)), parts);
        }
      }
      case LIST_QUICKLIST_2 -> {
        for (long left = RdbString.length(in); left > 0; left--) {
          boolean plain = RdbString.length(in) == QUICKLIST_PLAIN;
          byte[] node = RdbString.read(in);
          elements(plain ? List.of(node) : PackedElements.listpack(node), parts);
        }
      }
      case LIST_ZIPLIST -> elements(PackedElements.ziplist(RdbString.read(in)), parts);
      case SET_INTSET -> members(PackedElements.intset(RdbString.read(in)), parts);
      case SET_LISTPACK -> members(PackedElements.listpack(RdbString.read(in)), parts);
      case ZSET_ZIPLIST -> scored(PackedElements.ziplist(RdbString.read(in)), parts);
      case ZSET_LISTPACK -> scored(PackedElements.listpack(RdbString.read(in)), parts);
      case HASH_ZIPMAP -> fields(PackedElements.zipmap(RdbString.read(in)), parts);
      case HASH_ZIPLIST -> fields(PackedElements.ziplist(RdbString.read(in)), parts);
      case HASH_LISTPACK -> fields(PackedElements.listpack(RdbString.read(in)), parts);
      case HASH_EXPIRING -> expiringFields(in, parts);
      case HASH_LISTPACK_EXPIRING -> packedExpiringFields(in, parts);
      case STREAM, STREAM_2, STREAM_3 -> StreamValue.read(type, in, parts);
      default -> throw unknown(type);
    }
  }

  private static void elements(List<byte[]> elements, ValueParts parts) throws IOException {
    for (byte[] element : elements) {
      parts.element(element);
    }
  }

  private static void members(List<byte[]> members, ValueParts parts) throws IOException {
    for (byte[] member : members) {
      parts.member(member);
    }
  }

  private static void scored(List<byte[]> elements, ValueParts parts) throws IOException {
    for (int i = 0; i < elements.size(); i += 2) {
      parts.scored(elements.get(i), elements.get(i + 1));
    }
  }

  private static void fields(List<byte[]> elements, ValueParts parts) throws IOException {
    for (int i = 0; i < elements.size(); i += 2) {
      parts.field(elements.get(i), elements.get(i + 1), -1);
    }
  }

  /** The earliest expiry; per field its expiry less that plus one, or 0; the field; the value. */
  private static void expiringFields(ByteInput in, ValueParts parts) throws IOException {
    long earliest = in.readLongLittleEndian();
    for (long left = RdbString.length(in); left > 0; left--) {
      long after = RdbString.length(in);
      byte[] field = RdbString.read(in);
      parts.field(field, RdbString.read(in), after == 0 ? -1 : earliest + after - 1);
    }
  }

  /** The earliest expiry; a listpack of fields, values and expiries, of which 0 means none. */
  private static void packedExpiringFields(ByteInput in, ValueParts parts) throws IOException {
    in.readLongLittleEndian();
    List<byte[]> elements = PackedElements.listpack(RdbString.read(in));
    for (int i = 0; i < elements.size(); i += 3) {
      long expiresAt = Long.parseLong(new String(elements.get(i + 2), StandardCharsets.US_ASCII));
      parts.field(elements.get(i), elements.get(i + 1), expiresAt == 0 ? -1 : expiresAt);
    }
  }
}
