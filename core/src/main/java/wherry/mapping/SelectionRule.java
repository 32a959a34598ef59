package wherry.mapping;

import java.util.List;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * A rule that chooses tables.
 *
 * @param loadOrder higher loads first; 0 when not given
 * @param filters all of which a row must pass
 */
record SelectionRule(
    long id,
    Action action,
    NamePattern schema,
    NamePattern table,
    TableType type,
    int loadOrder,
    List<SourceFilter> filters) {
  SelectionRule {
    filters = List.copyOf(filters);
  }

  enum Action {
    INCLUDE,
    EXCLUDE,
    EXPLICIT
  }

  enum TableType {
    TABLE,
    VIEW,
    ALL;

    boolean covers(TableSchema.Kind kind) {
      return switch (this) {
        case TABLE -> kind == TableSchema.Kind.TABLE;
        case VIEW -> kind == TableSchema.Kind.VIEW;
        case ALL -> true;
      };
    }
  }

  boolean matches(TableId id, TableSchema.Kind kind, boolean ignoreCase) {
    return type.covers(kind)
        && schema.matches(id.schema(), ignoreCase)
        && table.matches(id.name(), ignoreCase);
  }

  /** Whether the rule names one object, so that its absence can be told. */
  boolean namesOne() {
    return !schema.wild() && !table.wild();
  }

  /**
   * Orders rules by how exactly they name an object: exact names first, then more literal
   * characters.
   */
  int specificity() {
    int exact = (schema.wild() ? 0 : 2) + (table.wild() ? 0 : 1);
    return exact * 10_000 + Math.min(9_999, schema.literalCharacters() + table.literalCharacters());
  }
}
