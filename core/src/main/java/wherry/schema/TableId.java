package wherry.schema;

/**
 * The name of a table, as the catalogue spells it.
 *
 * @param schema PostgreSQL schema or MySQL database
 * @param name table or view name
 */
public record TableId(String schema, String name) implements Comparable<TableId> {
  @Override
  public int compareTo(TableId other) {
    int bySchema = schema.compareTo(other.schema);
    return bySchema != 0 ? bySchema : name.compareTo(other.name);
  }

  /** {@code schema.name}, for messages; not quoted. */
  @Override
  public String toString() {
    return schema + "." + name;
  }
}
