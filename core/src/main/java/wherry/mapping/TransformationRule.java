package wherry.mapping;

import java.util.Optional;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.TableId;

/** A rule that changes a name or leaves a column out. Locators always match source names. */
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

  /** What a rule does. */
  sealed interface Action {}

  /** The column is neither read nor created. */
  record RemoveColumn() implements Action {}

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

  record UpperCase() implements NameChange {
    @Override
    public String apply(String name) {
      return name.toUpperCase(java.util.Locale.ROOT);
    }
  }

  record LowerCase() implements NameChange {
    @Override
    public String apply(String name) {
      return name.toLowerCase(java.util.Locale.ROOT);
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
