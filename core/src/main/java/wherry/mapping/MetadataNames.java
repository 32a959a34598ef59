package wherry.mapping;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import wherry.schema.Column;
import wherry.schema.TableId;

/** Variables of expressions that name the object that a rule is applied to. */
final class MetadataNames {
  static final List<String> ALL =
      List.of(
          "AR_M_SOURCE_SCHEMA",
          "AR_M_SOURCE_TABLE_NAME",
          "AR_M_SOURCE_COLUMN_NAME",
          "AR_M_SOURCE_COLUMN_DATATYPE");

  private MetadataNames() {}

  static String shown() {
    return ALL.stream().map(name -> "$" + name).collect(Collectors.joining(", "));
  }

  /**
   * The value of a variable; empty when it is none of these, or there is no column to name.
   *
   * @param column null where the rule is not for a column
   */
  static Optional<String> value(String variable, TableId table, @Nullable Column column) {
    return switch (variable) {
      case "AR_M_SOURCE_SCHEMA" -> Optional.of(table.schema());
      case "AR_M_SOURCE_TABLE_NAME" -> Optional.of(table.name());
      case "AR_M_SOURCE_COLUMN_NAME" -> Optional.ofNullable(column).map(Column::name);
      case "AR_M_SOURCE_COLUMN_DATATYPE" -> Optional.ofNullable(column).map(c -> c.type().name());
      default -> Optional.empty();
    };
  }
}
