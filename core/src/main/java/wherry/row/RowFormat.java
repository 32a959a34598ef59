package wherry.row;

/**
 * A name that both ends compute after looking at a table: equal names mean that one end's bytes are
 * the other's.
 *
 * @param name for example {@code cells} or {@code pg-copy-binary/int4,text}
 */
public record RowFormat(String name) {
  /** {@link RowBatch}: what every end speaks. */
  public static final RowFormat CELLS = new RowFormat("cells");
}
