package wherry.mapping;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import wherry.expression.Expression;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** A rule that changes what arrives on the target. Locators always match source names. */
record TransformationRule(long id, Level level, Locator at, Action action) {
  /** What the rule changes (rule-target). */
  enum Level {
    SCHEMA,
    TABLE,
    COLUMN
  }

  /**
   * @param table matches any table for schema rules
   * @param column matches any column for schema and table rules
   * @param dataType narrows column rules to one AWS DMS type
   */
  record Locator(
      NamePattern schema, NamePattern table, NamePattern column, Optional<DataType> dataType) {
    boolean matches(TableId id, boolean ignoreCase) {
      return schema.matches(id.schema(), ignoreCase) && table.matches(id.name(), ignoreCase);
    }

    boolean matches(Column candidate, boolean ignoreCase) {
      return column.matches(candidate.name(), ignoreCase)
          && (dataType.isEmpty() || dataType.get() == candidate.type());
    }
  }

  /** Whether the table has something that the rule changes. */
  boolean matches(TableSchema table, TableMapping.NameCase names) {
    return at.matches(table.id(), names.tablesIgnoreCase())
        && table.columns().stream()
            .anyMatch(column -> at.matches(column, names.columnsIgnoreCase()));
  }

  /** Whether it gives something that is there another name. */
  boolean renames() {
    return action instanceof NameChange || action instanceof RenameByExpression;
  }

  /** Whether a column has its name from it. */
  boolean names() {
    return renames() || action instanceof AddColumn || action instanceof AddBeforeImages;
  }

  /** What a rule does. */
  sealed interface Action {}

  /** Whether a column is there at all. */
  sealed interface Presence extends Action {}

  /** The column is neither read nor created. */
  record RemoveColumn() implements Presence {}

  /** All columns of the table that no such rule names are removed. */
  record IncludeColumn() implements Presence {}

  /** The table gets a column; its content is NULL without an expression. */
  record AddColumn(String name, TypeDefinition type, Optional<Expression> expression)
      implements Action {}

  record ChangeDataType(TypeDefinition type) implements Action {}

  /** Hides what a column holds. */
  sealed interface Mask extends Action {}

  /** Each digit becomes the character. */
  record DigitsMask(char character) implements Mask {}

  /** Each digit becomes another one, by chance. */
  record DigitsRandomize() implements Mask {}

  /** The text becomes its SHA-256, in 64 upper-case hexadecimal digits. */
  record HashMask() implements Mask {}

  /**
   * @param name of the constraint; engines that have none for primary keys ignore it
   * @param primary or else a unique index
   * @param columns source names, in key order
   */
  record DefinePrimaryKey(String name, boolean primary, List<String> columns) implements Action {}

  /** Which columns get a before image. */
  enum ImageFilter {
    PK_ONLY,
    NON_LOB,
    ALL
  }

  /** For each column that the filter takes, one more with the value before an update. */
  record AddBeforeImages(String prefix, String suffix, ImageFilter filter) implements Action {}

  /** Gives a new name. */
  sealed interface NameChange extends Action {
    String apply(String name);
  }

  record Rename(String value) implements NameChange {
    @Override
    public String apply(String name) {
      return value;
    }
  }

  /** The new name is computed from the names in the source. */
  record RenameByExpression(Expression expression) implements Action {}

  record UpperCase() implements NameChange {
    @Override
    public String apply(String name) {
      return name.toUpperCase(Locale.ROOT);
    }
  }

  record LowerCase() implements NameChange {
    @Override
    public String apply(String name) {
      return name.toLowerCase(Locale.ROOT);
    }
  }

  record AddPrefix(String value) implements NameChange {
    @Override
    public String apply(String name) {
      return value + name;
    }
  }

  record AddSuffix(String value) implements NameChange {
    @Override
    public String apply(String name) {
      return name + value;
    }
  }

  /** Replaces a prefix, where the name has it; removing is replacing by nothing. */
  record ReplacePrefix(String old, String value) implements NameChange {
    @Override
    public String apply(String name) {
      return name.startsWith(old) ? value + name.substring(old.length()) : name;
    }
  }

  /** Replaces a suffix, where the name has it; removing is replacing by nothing. */
  record ReplaceSuffix(String old, String value) implements NameChange {
    @Override
    public String apply(String name) {
      return name.endsWith(old) ? name.substring(0, name.length() - old.length()) + value : name;
    }
  }
}
