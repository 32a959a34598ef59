package wherry.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ProcessUsage;
import wherry.sandbox.SandboxException;

/** The peer from MariaDB to PostgreSQL, with its own defaults. */
record Pgloader(MariaDbServer source, PostgresServer target, Path directory) implements Mover {
  @Override
  public String name() {
    return "pgloader MariaDB to PostgreSQL";
  }

  @Override
  public Optional<String> missing() {
    return Programs.missing("pgloader", "pgloader");
  }

  @Override
  public void prepare() {
    BenchmarkTable.clear(target);
  }

  @Override
  public void move() {
    Path log = directory.resolve("pgloader.log");
    Path script = directory.resolve("pgloader.load");
    try {
      Files.writeString(
          script,
          """
          LOAD DATABASE
            FROM mysql://%s:%s@%s:%d/%s
            INTO postgresql://%s:%s@%s:%d/%s;
          """
              .formatted(
                  source.user(),
                  source.password(),
                  source.host(),
                  source.port(),
                  BenchmarkTable.SCHEMA,
                  target.user(),
                  target.password(),
                  target.host(),
                  target.port(),
                  BenchmarkTable.DATABASE));
      Process process =
          new ProcessBuilder(
                  "pgloader",
                  "--root-dir=" + directory.resolve("pgloader"),
                  "--on-error-stop",
                  script.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Programs.awaitAll(List.of(process), log);
    } catch (IOException e) {
      throw new SandboxException("cannot run pgloader: " + e.getMessage(), e);
    }
  }

  @Override
  public double cpuSeconds() {
    return ProcessUsage.endedChildrenCpuSeconds();
  }
}
