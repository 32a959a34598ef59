package wherry.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import wherry.sandbox.Directories;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ProcessUsage;
import wherry.sandbox.SandboxException;

/**
 * Programs that move a PostgreSQL database, one after the other.
 *
 * @param program the first, which must be there
 * @param packageName Debian's, that has it
 * @param commands in which {@code SOURCE}, {@code TARGET} and {@code FILES} stand for connection
 *     strings and a folder of their own
 */
record PostgresPrograms(
    String name,
    String program,
    String packageName,
    PostgresServer source,
    PostgresServer target,
    Path directory,
    List<List<String>> commands)
    implements DatabaseMover {

  static PostgresPrograms pgCopyDb(
      PostgresServer source, PostgresServer target, Path directory, int jobs) {
    return new PostgresPrograms(
        "pgcopydb clone",
        "pgcopydb",
        "pgcopydb",
        source,
        target,
        directory,
        List.of(
            List.of(
                "pgcopydb",
                "clone",
                "--table-jobs=" + jobs,
                "--index-jobs=" + jobs,
                "--dir=FILES",
                "--source=SOURCE",
                "--target=TARGET")));
  }

  static PostgresPrograms pgDump(
      PostgresServer source, PostgresServer target, Path directory, int jobs) {
    return new PostgresPrograms(
        "pg_dump -Fd | pg_restore",
        "pg_dump",
        "postgresql-client",
        source,
        target,
        directory,
        List.of(
            List.of("pg_dump", "-Fd", "-j" + jobs, "--file=FILES", "--dbname=SOURCE"),
            List.of("pg_restore", "-j" + jobs, "--dbname=TARGET", "FILES")));
  }

  @Override
  public Optional<String> missing() {
    return Programs.missing(program, packageName);
  }

  @Override
  public void prepare() {
    BenchmarkDatabase.clear(target);
    Directories.delete(files());
  }

  private Path files() {
    return directory.resolve(program);
  }

  @Override
  public void move() {
    Path log = directory.resolve(program + ".log");
    for (List<String> command : commands) {
      try {
        Process process =
            new ProcessBuilder(command.stream().map(this::filled).toList())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Programs.awaitAll(List.of(process), log);
      } catch (IOException e) {
        throw new SandboxException("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
      }
    }
  }

  private String filled(String argument) {
    return argument
        .replace("SOURCE", url(source))
        .replace("TARGET", url(target))
        .replace("FILES", files().toString());
  }

  private static String url(PostgresServer server) {
    return "postgresql://%s:%s@%s:%d/%s"
        .formatted(
            server.user(), server.password(), server.host(), server.port(), BenchmarkDatabase.NAME);
  }

  @Override
  public double cpuSeconds() {
    return ProcessUsage.endedChildrenCpuSeconds();
  }
}
