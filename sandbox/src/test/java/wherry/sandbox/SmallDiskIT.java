package wherry.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SmallDiskIT {
  @Test
  void a_full_disk_takes_nothing_until_it_is_freed_and_leaves_nothing_behind() throws Exception {
    Availability available = SmallDisk.available();
    assumeTrue(available.usable(), available.reason());
    Path directory;
    try (SmallDisk disk = SmallDisk.mount(4)) {
      directory = disk.directory();
      Path file = directory.resolve("file");
      Files.write(file, new byte[1 << 20]);

      disk.fill();
      assertThatThrownBy(() -> Files.write(directory.resolve("more"), new byte[1 << 20]))
          .isInstanceOf(IOException.class);

      disk.free();
      Files.write(directory.resolve("more"), new byte[1 << 20]);
      assertThat(Files.size(file)).isEqualTo(1 << 20);
    }
    assertThat(directory).doesNotExist();
  }

  @Test
  void a_server_keeps_its_data_where_it_is_told_to() {
    Availability available = SmallDisk.available();
    assumeTrue(available.usable(), available.reason());
    try (SmallDisk disk = SmallDisk.mount(256);
        PostgresServer server =
            PostgresServer.start(
                ServerOptions.standard()
                    .in(disk.directory())
                    .with("min_wal_size", "32MB")
                    .with("max_wal_size", "48MB"))) {
      server.execute("CREATE TABLE t (filler text)");
      disk.fill();
      assertThatThrownBy(() ->
              server.execute(
                  "INSERT INTO t SELECT repeat(md5(i::text), 20) FROM generate_series(1, 50000) i"))
          .isInstanceOf(SandboxException.class);
      disk.free();
      if (!server.isRunning()) {
        server.restart();
      }
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofMinutes(3))
          .ignoreExceptions()
          .untilAsserted(() -> server.execute("INSERT INTO t VALUES ('again')"));
    }
  }
}
