package wherry.redis.migration;

import wherry.redis.protocol.Command;

/** Empties a target. */
final class TargetFlush {
  /** Functions are of 7.0. */
  private static final int FUNCTIONS_VERSION = 10;

  private TargetFlush() {}

  /** Keys, positions and functions, in this order: without a position nobody goes on. */
  static void all(TargetShards target, int rdbVersion) {
    for (TargetWriter writer : target.writers()) {
      writer.send(Command.of("FLUSHALL", "ASYNC"));
      if (rdbVersion >= FUNCTIONS_VERSION) {
        writer.send(Command.of("FUNCTION", "FLUSH"));
      }
    }
    target.await();
  }
}
