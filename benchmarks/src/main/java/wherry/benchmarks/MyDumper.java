package wherry.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import wherry.sandbox.Directories;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.ProcessUsage;
import wherry.sandbox.SandboxException;

/** The peer from MariaDB to MariaDB: mydumper into files, and myloader from them. */
record MyDumper(MariaDbServer source, MariaDbServer target, Path directory, int threads)
    implements DatabaseMover {
  @Override
  public String name() {
    return "mydumper | myloader";
  }

  @Override
  public Optional<String> missing() {
    return Programs.missing("mydumper", "mydumper");
  }

  @Override
  public void prepare() {
    BenchmarkDatabase.clear(target);
    Directories.delete(files());
  }

  private Path files() {
    return directory.resolve("mydumper");
  }

  @Override
  public void move() {
    run("mydumper", source, "--outputdir=" + files(), "--trx-consistency-only");
    run("myloader", target, "--directory=" + files(), "--overwrite-tables");
  }

  private void run(String program, MariaDbServer server, String... more) {
    Path log = directory.resolve(program + ".log");
    List<String> command =
        new ArrayList<>(List.of(program, "--database=" + BenchmarkDatabase.NAME));
    command.addAll(List.of("--host=" + server.host(), "--port=" + server.port()));
    command.addAll(List.of("--user=" + server.user(), "--password=" + server.password()));
    command.add("--threads=" + threads);
    Collections.addAll(command, more);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Programs.awaitAll(List.of(process), log);
    } catch (IOException e) {
      throw new SandboxException("cannot run " + program + ": " + e.getMessage(), e);
    }
  }

  @Override
  public double cpuSeconds() {
    return ProcessUsage.endedChildrenCpuSeconds();
  }
}
