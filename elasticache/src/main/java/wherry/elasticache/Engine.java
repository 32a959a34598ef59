package wherry.elasticache;

import java.util.Arrays;
import java.util.Optional;

/** The servers that a replication group can consist of. */
public enum Engine {
  REDIS("redis", "redis-server", "Redis OSS"),
  VALKEY("valkey", "valkey-server", "Valkey");

  private final String wireName;
  private final String program;
  private final String title;

  Engine(String wireName, String program, String title) {
    this.wireName = wireName;
    this.program = program;
    this.title = title;
  }

  /** As the API spells it. */
  public String wireName() {
    return wireName;
  }

  /** The file name of its server. */
  String program() {
    return program;
  }

  /** As people write it. */
  public String title() {
    return title;
  }

  /** The engine of this wire name, compared without case. */
  public static Optional<Engine> of(String wireName) {
    return Arrays.stream(values())
        .filter(engine -> engine.wireName.equalsIgnoreCase(wireName))
        .findFirst();
  }
}
