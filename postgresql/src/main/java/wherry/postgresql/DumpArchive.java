package wherry.postgresql;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/**
 * Reads the table of contents of an archive that {@code pg_dump --format=custom} has written
 * (ReadHead and ReadToc of PostgreSQL's pg_backup_archiver.c; archive versions 1.14 to 1.16, which
 * are those of PostgreSQL 12 to 18).
 *
 * <p>It is read here, and not by pg_restore, because a data migration has to say of every object
 * what became of it: pg_restore prints errors of several jobs between one another, and only as
 * text.
 */
final class DumpArchive {
  private static final byte[] MAGIC = "PGDMP".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION_MIN = version(1, 14);
  private static final int VERSION_COMPRESSION_ALGORITHM = version(1, 15);
  private static final int VERSION_RELATION_KIND = version(1, 16);
  private static final int VERSION_MAX = version(1, 16);
  private static final int CUSTOM_FORMAT = 1;
  private static final int TIME_FIELDS = 7;

  private final ByteBuffer bytes;
  private int version;
  private int integerBytes;
  private int offsetBytes;

  private DumpArchive(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  private static int version(int major, int minor) {
    return major << 8 | minor;
  }

  /**
   * All entries, in an order in which each comes after what it depends on.
   *
   * @throws DmsException SETTING_INVALID when the file is of another version
   */
  static List<DumpEntry> read(Path file) throws IOException {
    DumpArchive archive = new DumpArchive(ByteBuffer.wrap(Files.readAllBytes(file)));
    try {
      archive.header();
      return archive.entries();
    } catch (BufferUnderflowException e) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID, "The archive that pg_dump has written ends too early.", e);
    }
  }

  private void header() {
    byte[] magic = new byte[MAGIC.length];
    bytes.get(magic);
    version = version(bytes.get(), bytes.get());
    bytes.get(); // revision
    if (!java.util.Arrays.equals(magic, MAGIC) || version < VERSION_MIN || version > VERSION_MAX) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          ("pg_dump has written an archive of version %d.%d; this version of Wherry reads 1.14 to"
                  + " 1.16, which pg_dump 12 to 18 write. Install one of these (Debian:"
                  + " postgresql-client-18).")
              .formatted(version >> 8, version & 0xff));
    }
    integerBytes = bytes.get();
    offsetBytes = bytes.get();
    int format = bytes.get();
    if (format != CUSTOM_FORMAT) {
      throw new IllegalStateException("pg_dump was asked for format custom and wrote " + format);
    }
    if (version >= VERSION_COMPRESSION_ALGORITHM) {
      bytes.get();
    } else {
      integer();
    }
    for (int field = 0; field < TIME_FIELDS; field++) {
      integer();
    }
    text(); // database
    text(); // version of the server
    text(); // version of pg_dump
  }

  private List<DumpEntry> entries() {
    int count = integer();
    List<DumpEntry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      entries.add(entry());
    }
    return List.copyOf(entries);
  }

  private DumpEntry entry() {
    int id = integer();
    integer(); // whether it has data
    text(); // oid of its catalogue
    text(); // its oid
    String name = text();
    String kind = text();
    DumpEntry.Section section = DumpEntry.Section.of(integer());
    String definition = text();
    String drop = text();
    text(); // COPY statement
    String schema = text();
    String tablespace = text();
    text(); // access method
    if (version >= VERSION_RELATION_KIND) {
      integer();
    }
    text(); // owner
    text(); // whether it has OIDs; "false" since PostgreSQL 12
    List<Integer> dependencies = dependencies();
    bytes.position(bytes.position() + 1 + offsetBytes); // where its data is
    return new DumpEntry(
        id, kind, section, schema, name, definition, drop, tablespace, dependencies);
  }

  /** Texts until one is null. */
  private List<Integer> dependencies() {
    List<Integer> ids = new ArrayList<>();
    while (true) {
      int length = integer();
      if (length < 0) {
        return List.copyOf(ids);
      }
      ids.add(Integer.parseInt(text(length)));
    }
  }

  /** A byte for the sign, then the number from its lowest byte on. */
  private int integer() {
    boolean negative = bytes.get() != 0;
    int value = 0;
    for (int i = 0; i < integerBytes; i++) {
      value |= (bytes.get() & 0xff) << (8 * i);
    }
    return negative ? -value : value;
  }

  /** Null is the empty text: nothing here tells them apart. */
  private String text() {
    int length = integer();
    return length < 0 ? "" : text(length);
  }

  private String text(int length) {
    byte[] content = new byte[length];
    bytes.get(content);
    return new String(content, StandardCharsets.UTF_8);
  }
}
