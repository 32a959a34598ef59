package wherry.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.sandbox.PostgresServer;
import wherry.sandbox.ProcessUsage;
import wherry.sandbox.SandboxException;

/**
 * The limit: {@code psql COPY TO | psql COPY FROM} in binary, as many pipes as streams, each for a
 * range of pages, into an empty table with its primary key.
 */
record PsqlPipe(PostgresServer source, PostgresServer target, int streams, Path directory)
    implements Mover {
  @Override
  public String name() {
    return "psql COPY | psql COPY";
  }

  @Override
  public Optional<String> missing() {
    return Programs.missing("psql", "postgresql-client");
  }

  @Override
  public void prepare() {
    BenchmarkTable.clear(target);
    BenchmarkTable.createEmpty(target);
  }

  @Override
  public void move() {
    Path log = directory.resolve("psql.log");
    long pages = BenchmarkTable.pages(source);
    List<Process> processes = new ArrayList<>();
    try {
      for (int stream = 0; stream < streams; stream++) {
        long first = pages * stream / streams;
        long beyond = pages * (stream + 1) / streams;
        String read =
            "COPY (SELECT * FROM tpch.lineitem WHERE ctid >= '(%d,0)' AND ctid < '(%d,0)') TO STDOUT (FORMAT binary)"
                .formatted(first, beyond);
        processes.addAll(
            ProcessBuilder.startPipeline(
                List.of(
                    psql(source, read, log),
                    psql(target, "COPY tpch.lineitem FROM STDIN (FORMAT binary)", log)
                        .redirectOutput(log.toFile()))));
      }
    } catch (IOException e) {
      throw new SandboxException("cannot run psql: " + e.getMessage(), e);
    }
    Programs.awaitAll(processes, log);
  }

  @Override
  public double cpuSeconds() {
    return ProcessUsage.endedChildrenCpuSeconds();
  }

  private static ProcessBuilder psql(PostgresServer server, String command, Path log) {
    ProcessBuilder builder =
        new ProcessBuilder(
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--host=" + server.host(),
            "--port=" + server.port(),
            "--username=" + server.user(),
            "--dbname=" + BenchmarkTable.DATABASE,
            "--command=" + command);
    builder.environment().put("PGPASSWORD", server.password());
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder;
  }
}
