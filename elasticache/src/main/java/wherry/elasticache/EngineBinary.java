package wherry.elasticache;

import java.nio.file.Path;

/**
 * A server program of this machine.
 *
 * @param version as it tells itself, such as {@code 7.0.15}
 */
public record EngineBinary(Engine engine, String version, Path path) {

  /** The family of parameter groups: {@code redis7}, {@code redis6.x}, {@code valkey8}. */
  public String family() {
    String major = version.substring(0, version.indexOf('.'));
    return engine.wireName() + major + (engine == Engine.REDIS && major.equals("6") ? ".x" : "");
  }

  /**
   * Whether a user who asked for this version can be given this program: {@code 7}, {@code 7.0},
   * {@code 7.x} and {@code 7.0.15} all mean 7.0.15.
   */
  public boolean answersTo(String wanted) {
    String prefix = wanted.endsWith(".x") ? wanted.substring(0, wanted.length() - 2) : wanted;
    return version.equals(prefix) || version.startsWith(prefix + ".");
  }
}
