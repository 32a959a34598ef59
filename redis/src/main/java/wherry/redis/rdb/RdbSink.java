package wherry.redis.rdb;

import java.io.IOException;

/** Takes what an RDB holds, in its order. */
public interface RdbSink {
  /** The keys that follow are of this database. */
  void database(int number) throws IOException;

  /** About how many keys the database has. */
  void keysExpected(long keys);

  /** A library of functions, as FUNCTION LOAD takes it. */
  void functions(byte[] code) throws IOException;

  /** A script that the source knows by its SHA-1 (before 7.0), as SCRIPT LOAD takes it. */
  void script(byte[] code) throws IOException;

  /** What a module keeps beside its keys is left out; it has no command to bring it back. */
  void moduleDataLeftOut();

  /**
   * A value in its serialised form, for RESTORE.
   *
   * @param version the lowest RDB version that knows this form
   * @param array of which {@code length} bytes from {@code offset} are the value, without its type;
   *     it is used again
   */
  void serialized(KeyHeader key, int version, byte[] array, int offset, int length)
      throws IOException;

  /** Begins a value that is too large for that, or whose form the target does not know. */
  ValueParts parts(KeyHeader key) throws IOException;

  /** The value that was begun is whole. */
  void partsEnd(KeyHeader key) throws IOException;
}
