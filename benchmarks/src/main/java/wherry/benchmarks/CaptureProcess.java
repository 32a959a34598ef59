package wherry.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import wherry.sandbox.DatabaseServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ProcessUsage;
import wherry.sandbox.SandboxException;

/**
 * Capture alone: a process that reads the changes of a turn and counts them. Debezium's embedded
 * engine and our own reader run in the same way, each with a JVM and a slot of its own.
 */
final class CaptureProcess implements Replicator {
  private final String name;
  private final Class<?> program;
  private final String slot;
  private final PostgresServer source;
  private final Path log;
  private int turn;

  /**
   * @param program its main method takes host, port, user, password and turn, and ends when it has
   *     read the turn's mark
   * @param slot of the replication slot and of the publication that it reads
   */
  CaptureProcess(
      String name, Class<?> program, String slot, PostgresServer source, Path directory) {
    this.name = name;
    this.program = program;
    this.slot = slot;
    this.source = source;
    log = directory.resolve(program.getSimpleName() + ".log");
    source.executeIn(
        ChangeTable.DATABASE,
        "CREATE PUBLICATION " + slot + " FOR TABLE bench.item, bench.mark",
        "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public DatabaseServer source() {
    return source;
  }

  /** Nobody takes what it reads. */
  @Override
  public DatabaseServer target() {
    return source;
  }

  @Override
  public Optional<String> copy() {
    return Optional.empty();
  }

  @Override
  public void upTo(int turn) {
    this.turn = turn;
  }

  /** A reader that ends at once may not have told the server how far it came. */
  @Override
  public void prepare() {
    ChangeTable.value(
        source,
        ChangeTable.DATABASE,
        "SELECT pg_replication_slot_advance('%s', pg_current_wal_lsn())".formatted(slot));
  }

  @Override
  public void move() {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "--enable-native-access=ALL-UNNAMED",
            "-Dlogback.configurationFile=wherry/demo/logback.xml",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName(),
            source.host(),
            Integer.toString(source.port()),
            source.user(),
            source.password(),
            Integer.toString(turn));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      Programs.awaitAll(List.of(process), log);
    } catch (IOException e) {
      throw new SandboxException("cannot run " + name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public double cpuSeconds() {
    return ProcessUsage.endedChildrenCpuSeconds();
  }
}
