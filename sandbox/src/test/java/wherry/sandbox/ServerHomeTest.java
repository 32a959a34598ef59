package wherry.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shell that writes files for as long as it lives stands for all servers. */
class ServerHomeTest {
  private static final List<String> SERVER =
      List.of("/bin/sh", "-c", "n=0; while :; do n=$((n + 1)); echo >file-$n; done");

  @TempDir private Path parent;
  private Path directory;
  private ServerHome home;

  @BeforeEach
  void start() throws Exception {
    directory = Files.createDirectory(parent.resolve("home"));
    home = new ServerHome(directory, SERVER, Map.of(), ServerProcess::kill);
  }

  @Test
  void who_writes_is_dead_before_the_directory_is_deleted_and_does_not_come_back() {
    ServerProcess process = home.process();

    home.close();

    assertThat(process.isAlive()).isFalse();
    assertThat(directory).doesNotExist();
    assertThatThrownBy(() -> home.launch(SERVER))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("is not started again");
    home.close();
    assertThat(directory).doesNotExist();
  }

  @Test
  void a_thread_that_starts_the_server_again_and_again_leaves_neither_process_nor_directory()
      throws Exception {
    List<ServerProcess> started = new ArrayList<>(List.of(home.process()));
    CountDownLatch restarted = new CountDownLatch(2);
    Thread restarting =
        Thread.ofPlatform()
            .start(() -> {
              try {
                while (true) {
                  home.kill();
                  home.launch(SERVER);
                  started.add(home.process());
                  restarted.countDown();
                }
              } catch (SandboxException closed) {
                // What ends it.
              }
            });
    restarted.await();

    home.close();
    restarting.join();

    assertThat(started).noneMatch(ServerProcess::isAlive);
    assertThat(directory).doesNotExist();
  }
}
