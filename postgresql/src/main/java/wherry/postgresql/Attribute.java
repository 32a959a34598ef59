package wherry.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A column that a relation has or once had. Its number stays with it under every name and is never
 * given again.
 *
 * @param number pg_attribute.attnum; 0 when unknown
 * @param type pg_attribute.atttypid, unsigned
 * @param modifier pg_attribute.atttypmod
 * @param logged whether the log carries it; of generated columns only those that are stored, from
 *     PostgreSQL 18 on
 * @param filled whether rows that are older than the column may have got a value in it without a
 *     change in the log
 * @param missing that value as the type's output function writes it, where it is the same in all of
 *     them (pg_attribute.attmissingval); null when it is not known
 * @param generation a digest of what generates its values; null when nothing does, or unknown
 */
record Attribute(
    int number,
    String name,
    int type,
    int modifier,
    boolean dropped,
    boolean logged,
    boolean filled,
    @Nullable String missing,
    @Nullable String generation) {

  static final int GENERATED_COLUMNS_SINCE = 18;

  static Attribute of(LoggedRelation.Column column, int number) {
    return new Attribute(
        number, column.name(), column.type(), column.modifier(), false, true, false, null, null);
  }

  /** By the relations' oids. */
  static Map<Integer, List<Attribute>> read(Connection session, Collection<Integer> relations)
      throws SQLException {
    int version = session.getMetaData().getDatabaseMajorVersion();
    Map<Integer, List<Attribute>> attributes = new HashMap<>();
    try (PreparedStatement statement = session.prepareStatement(Sql.ATTRIBUTES)) {
      statement.setArray(
          1,
          session.createArrayOf(
              "bigint", relations.stream().map(Integer::toUnsignedLong).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          attributes
              .computeIfAbsent((int) row.getLong("relation"), oid -> new ArrayList<>())
              .add(
                  new Attribute(
                      row.getInt("attnum"),
                      row.getString("attname"),
                      (int) row.getLong("type"),
                      row.getInt("modifier"),
                      row.getBoolean("attisdropped"),
                      isLogged(row.getString("generated"), version),
                      row.getBoolean("filled"),
                      row.getString("missing"),
                      row.getString("generation")));
        }
      }
    }
    return attributes;
  }

  private static boolean isLogged(String generated, int version) {
    return generated.isEmpty() || generated.equals("s") && version >= GENERATED_COLUMNS_SINCE;
  }

  Attribute withType(Attribute other) {
    return new Attribute(
        number,
        name,
        other.type,
        other.modifier,
        dropped,
        logged,
        filled,
        hasSameType(other) ? missing : null,
        generation);
  }

  /** Its values are those that it would have been given before, as far as that is known. */
  boolean isGeneratedAs(Attribute before) {
    return generation == null || before.generation == null || generation.equals(before.generation);
  }

  boolean hasSameType(Attribute other) {
    return type == other.type && modifier == other.modifier;
  }
}
