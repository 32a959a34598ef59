package wherry.redis.migration;

/** How far a full synchronisation is; one thread counts, others look. */
final class LoadCounter {
  private volatile long keys;
  private volatile long keysExpected;
  private volatile long bytesExpected;
  private volatile long bytesBefore;

  void begin() {
    keys = 0;
    keysExpected = 0;
    bytesExpected = 0;
  }

  /** Called by the one thread that loads. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void keyLoaded() {
    keys++;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate")
  void keysExpected(long more) {
    keysExpected += more;
  }

  /**
   * @param bytes of the RDB, 0 when the source does not know
   * @param before bytes that came before it
   */
  void bytesExpected(long bytes, long before) {
    bytesExpected = bytes;
    bytesBefore = before;
  }

  long keys() {
    return keys;
  }

  long keysExpected() {
    return keysExpected;
  }

  long bytesExpected() {
    return bytesExpected;
  }

  long bytesBefore() {
    return bytesBefore;
  }
}
