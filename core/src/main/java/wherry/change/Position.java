package wherry.change;

/**
 * A place in a source's log; each engine brings its own record.
 *
 * <p>Two positions compare only when they are of one source.
 */
public interface Position extends Comparable<Position> {
  /** In the engine's own notation: {@code 4AF/B00000D0}, {@code binlog.000024:373}. */
  String text();
}
