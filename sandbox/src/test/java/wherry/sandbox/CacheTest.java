package wherry.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CacheTest {
  private final String name = "test-" + UUID.randomUUID();

  @AfterEach
  void remove_the_entry() {
    Directories.delete(Cache.entry(name, directory -> {}));
  }

  @Test
  void an_entry_is_built_once_whoever_asks_at_the_same_time() {
    AtomicInteger builds = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int thread = 0; thread < 8; thread++) {
        threads.execute(() -> Cache.entry(name, directory -> builds.incrementAndGet()));
      }
    }
    assertThat(builds).hasValue(1);
  }

  @Test
  void a_build_that_fails_leaves_nothing_and_the_next_one_starts_afresh() throws IOException {
    assertThatThrownBy(() ->
            Cache.entry(
                name,
                directory -> {
                  Files.writeString(directory.resolve("half"), "half");
                  throw new IOException("disk full");
                }))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("disk full");

    Path entry =
        Cache.entry(name, directory -> Files.writeString(directory.resolve("whole"), "whole"));
    try (var files = Files.list(entry)) {
      assertThat(files).containsExactly(entry.resolve("whole"));
    }
  }
}
