package wherry.chaos;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.ServerOptions;
import wherry.sandbox.ShiftedClock;
import wherry.sandbox.SmallDisk;

/**
 * The servers that all runs share, a source and a target of each engine, started when first asked
 * for. Every run has databases of its own.
 */
final class Servers implements AutoCloseable {
  private static final int DISK_MEBIBYTES = 768;

  private final Map<Dialect, DatabaseServer> sources = new EnumMap<>(Dialect.class);
  private final Map<Dialect, ClockedServer> clockedSources = new EnumMap<>(Dialect.class);
  private final Map<Dialect, DatabaseServer> targets = new EnumMap<>(Dialect.class);
  private final Map<Dialect, SmallDisk> disks = new EnumMap<>(Dialect.class);
  private final boolean smallDisks = SmallDisk.available().usable();
  private @Nullable ShiftedClock serviceClock;

  /** A server and the clock that it goes by. */
  record ClockedServer(DatabaseServer server, ShiftedClock clock) {}

  DatabaseServer source(Dialect dialect) {
    return ready(sources.computeIfAbsent(dialect, d -> d.start(ServerOptions.standard())));
  }

  /** Another source, whose clock can jump. */
  ClockedServer clockedSource(Dialect dialect) {
    ClockedServer source = clockedSources.computeIfAbsent(dialect, Servers::startClocked);
    ready(source.server());
    return source;
  }

  /** For services: each run shifts it back. */
  ShiftedClock serviceClock() {
    if (serviceClock == null) {
      serviceClock = ShiftedClock.create();
    }
    return serviceClock;
  }

  private static ClockedServer startClocked(Dialect dialect) {
    ShiftedClock clock = ShiftedClock.create();
    return new ClockedServer(
        dialect.start(ServerOptions.standard().withEnvironment(clock.environment())), clock);
  }

  /** On a small disk where this machine can mount one. */
  DatabaseServer target(Dialect dialect) {
    return ready(targets.computeIfAbsent(dialect, d -> d.start(targetOptions(d))));
  }

  /** The disk of a target. */
  Optional<SmallDisk> disk(Dialect dialect) {
    return Optional.ofNullable(disks.get(dialect));
  }

  private ServerOptions targetOptions(Dialect dialect) {
    if (!smallDisks) {
      return ServerOptions.standard();
    }
    SmallDisk disk = SmallDisk.mount(DISK_MEBIBYTES);
    disks.put(dialect, disk);
    return ServerOptions.standard().in(disk.directory());
  }

  private static DatabaseServer ready(DatabaseServer server) {
    if (!server.isRunning()) {
      server.restart();
    }
    return server;
  }

  @Override
  public void close() {
    sources.values().forEach(DatabaseServer::close);
    clockedSources
        .values()
        .forEach(source -> {
          source.server().close();
          source.clock().close();
        });
    targets.values().forEach(DatabaseServer::close);
    disks.values().forEach(SmallDisk::close);
    if (serviceClock != null) {
      serviceClock.close();
    }
  }
}
