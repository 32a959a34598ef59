package wherry.elasticache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class EngineBinariesIT {
  @TempDir private Path folder;

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "it is for x86-64 Linux")
  void a_machine_without_a_server_is_given_one() {
    EngineBinaries binaries = new EngineBinaries(Map.of(), List.of(), folder.resolve("programs"));

    assertThat(binaries.all())
        .extracting(EngineBinary::engine, EngineBinary::family)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(Engine.REDIS, "redis6.x"));
  }

  @Test
  void programs_that_are_named_are_the_only_ones() throws Exception {
    Path program = folder.resolve("server");
    Files.writeString(program, "#!/bin/sh\necho 'Valkey server v=8.1.1 sha=0:0 bits=64'\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    String named = program + ":" + folder.resolve("missing");

    assertThat(new EngineBinaries(Map.of(EngineBinaries.VARIABLE, named), folder).all())
        .containsExactly(new EngineBinary(Engine.VALKEY, "8.1.1", program));
  }
}
