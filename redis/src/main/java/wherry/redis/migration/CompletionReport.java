package wherry.redis.migration;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison of both sides has found after the target was promoted.
 *
 * @param keysCompared keys whose type, value and absolute expiry were compared
 * @param keysDifferent all that differ, also those beyond {@code differences}
 * @param differences the first of them, at most {@link #DIFFERENCES_MAX}
 * @param notCompared why a side could not be read, so that nothing is known of either; absent when
 *     both could
 * @param sourceWasWritten whether the source went on taking writes while it was compared, so that
 *     differences may be writes that came too late to be migrated
 */
public record CompletionReport(
    long keysCompared,
    long keysDifferent,
    List<Difference> differences,
    @Nullable String notCompared,
    boolean sourceWasWritten,
    Duration duration) {
  public static final int DIFFERENCES_MAX = 100;

  /**
   * A key that is not the same on both sides.
   *
   * @param key as text; bytes that are not printable ASCII as {@code \xNN}
   */
  public record Difference(int database, String key, Kind kind, String detail) {
    /** What differs. */
    public enum Kind {
      MISSING_ON_TARGET,
      MISSING_ON_SOURCE,
      TYPE,
      VALUE,
      EXPIRY
    }
  }

  public CompletionReport {
    differences = List.copyOf(differences);
  }

  public boolean isEqual() {
    return keysDifferent == 0 && notCompared == null;
  }
}
