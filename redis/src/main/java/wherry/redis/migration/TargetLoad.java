package wherry.redis.migration;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.protocol.Command;
import wherry.redis.rdb.Crc64;
import wherry.redis.rdb.KeyHeader;
import wherry.redis.rdb.RdbSink;
import wherry.redis.rdb.ValueParts;

/**
 * Writes an RDB to the target: a value of ordinary size by RESTORE, as it is; a large one, or one
 * whose form the target does not know, by the commands that build it. Expiries are late ({@link
 * LateExpiry}).
 */
final class TargetLoad implements RdbSink {
  private static final byte[] NO_EXPIRY = Command.bytes("0");

  /** Older forms than of 2.6 have no version of their own. */
  private static final int OLDEST_VERSION = 6;

  /** Since 7.0 streams count what was ever added. */
  private static final int COUNTING_VERSION = 10;

  private static final int FOOTER_BYTES = Short.BYTES + Long.BYTES;

  private final TargetShards target;
  private final int targetRdbVersion;
  private final int chunkBytes;
  private final boolean leads;
  private final LoadCounter counter;
  private final Consumer<String> notices;
  private int database;
  private @Nullable ValueCommands value;

  /**
   * @param leads whether functions and scripts are to be brought, which each shard of a source has
   */
  TargetLoad(
      TargetShards target,
      int targetRdbVersion,
      int chunkBytes,
      boolean leads,
      LoadCounter counter,
      Consumer<String> notices) {
    this.target = target;
    this.targetRdbVersion = targetRdbVersion;
    this.chunkBytes = chunkBytes;
    this.leads = leads;
    this.counter = counter;
    this.notices = notices;
  }

  @Override
  public void database(int number) {
    if (number != database) {
      if (target.isCluster()) {
        throw new DmsException(
            ErrorCode.SETTING_INVALID,
            "The source has keys in database %d; a cluster has only database 0.".formatted(number));
      }
      database = number;
      target.writer(0).send(Command.of("SELECT", Integer.toString(number)));
    }
  }

  @Override
  public void keysExpected(long keys) {
    counter.keysExpected(keys);
  }

  @Override
  public void functions(byte[] code) {
    for (TargetWriter writer : leads ? target.writers() : List.<TargetWriter>of()) {
      writer.send(Command.bytes("FUNCTION"), Command.bytes("LOAD"), Command.bytes("REPLACE"), code);
    }
  }

  @Override
  public void script(byte[] code) {
    for (TargetWriter writer : leads ? target.writers() : List.<TargetWriter>of()) {
      writer.send(Command.bytes("SCRIPT"), Command.bytes("LOAD"), code);
    }
  }

  @Override
  public void moduleDataLeftOut() {
    notices.accept(
        "The source's RDB has data that a module keeps beside its keys; no command can bring it"
            + " back, so it is left out.");
  }

  @Override
  public void serialized(KeyHeader key, int version, byte[] array, int offset, int length) {
    byte[] footer = new byte[FOOTER_BYTES];
    ByteBuffer end = ByteBuffer.wrap(footer).order(ByteOrder.LITTLE_ENDIAN);
    end.putShort((short) Math.max(version, OLDEST_VERSION));
    long crc = Crc64.update(0, new byte[] {(byte) key.type()}, 0, 1);
    crc = Crc64.update(crc, array, offset, length);
    end.putLong(Crc64.update(crc, footer, 0, Short.BYTES));
    byte[] ttl = key.expiresAt() < 0 ? NO_EXPIRY : LateExpiry.delayed(key.expiresAt());
    writer(key).sendRestore(key.key(), ttl, key.type(), array, offset, length, footer);
    counter.keyLoaded();
  }

  private TargetWriter writer(KeyHeader key) {
    return target.writer(target.shardOf(target.unitOf(key.key())));
  }

  @Override
  public ValueParts parts(KeyHeader key) {
    ValueCommands commands =
        new ValueCommands(key.key(), writer(key), chunkBytes, targetRdbVersion >= COUNTING_VERSION);
    value = commands;
    return commands;
  }

  @Override
  public void partsEnd(KeyHeader key) {
    requireNonNull(value).end();
    value = null;
    if (key.expiresAt() >= 0) {
      writer(key).send(Command.bytes("PEXPIREAT"), key.key(), LateExpiry.delayed(key.expiresAt()));
    }
    counter.keyLoaded();
  }

  /** Leaves the target's connections in database 0. */
  void end() {
    if (database != 0) {
      database(0);
    }
  }
}
