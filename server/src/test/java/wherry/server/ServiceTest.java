package wherry.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceTest {
  @TempDir private Path folder;

  @Test
  void a_start_whose_port_is_taken_says_so_and_leaves_the_folder_to_the_next_one()
      throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatIllegalStateException()
          .isThrownBy(() -> start(taken.getLocalPort()).close())
          .withMessageContaining("Choose another port or address");
    }

    try (Service service = start(0)) {
      assertThat(service.url()).startsWith("http://127.0.0.1:");
    }
  }

  private Service start(int port) {
    return Service.start(
        new ServerConfig(
            port, "127.0.0.1", folder, Duration.ZERO, false, Optional.empty(), Optional.empty()),
        Map.of());
  }
}
