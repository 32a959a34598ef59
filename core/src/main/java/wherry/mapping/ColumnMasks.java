package wherry.mapping;

import java.util.Optional;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.TableRules.Applied;
import wherry.mapping.TransformationRule.ChangeDataType;
import wherry.mapping.TransformationRule.Mask;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Meaning;
import wherry.schema.TableId;
import wherry.transform.OutputColumn;

/**
 * Puts masks on columns. What cannot be masked is refused before anything is read: a value must
 * never arrive as it was.
 */
final class ColumnMasks {
  private static final int HASH_CHARACTERS = 64;

  private final TableRules rules;
  private final TableId table;

  ColumnMasks(TableRules rules, TableId table) {
    this.rules = rules;
    this.table = table;
  }

  /**
   * @param located the column that locators match: the source's, or an added one
   */
  OutputColumn masked(
      Column located,
      OutputColumn output,
      Optional<Applied<ChangeDataType>> retyped,
      String object) {
    Optional<Applied<Mask>> rule = rules.ofColumn(Mask.class, located, object);
    if (rule.isEmpty()) {
      return output;
    }
    long id = rule.get().id();
    if (retyped.isPresent() && retyped.get().id() > id) {
      throw invalid(
          "Rule "
              + id
              + " masks "
              + object
              + " and rule "
              + retyped.get().id()
              + " changes its data type: the rule-id of change-data-type must be the lower one.");
    }
    Column column = output.column();
    return switch (rule.get().action()) {
      case TransformationRule.DigitsMask mask -> {
        requireText(id, "data-masking-digits-mask", column, object);
        yield new OutputColumn(
            asText(column),
            output.content(),
            Optional.of(new OutputColumn.DigitsMask(mask.character())));
      }
      case TransformationRule.DigitsRandomize randomize -> {
        boolean number = column.type().isInteger() || column.type() == DataType.NUMERIC;
        if (!number) {
          requireText(id, "data-masking-digits-randomize", column, object);
        }
        yield new OutputColumn(
            number ? column : asText(column),
            output.content(),
            Optional.of(new OutputColumn.DigitsRandomize()));
      }
      case TransformationRule.HashMask hash -> {
        requireText(id, "data-masking-hash-mask", column, object);
        yield new OutputColumn(
            asHash(column), output.content(), Optional.of(new OutputColumn.HashMask()));
      }
    };
  }

  private void requireText(long rule, String action, Column column, String object) {
    if (!column.type().isText()) {
      throw invalid(
          "Rule "
              + rule
              + ": "
              + action
              + " cannot mask "
              + object
              + ", which is of type "
              + column.nativeType().name()
              + " and no text. Nothing was read. Make it a string by a rule change-data-type with a"
              + " lower rule-id, or remove the column.");
    }
  }

  /** A UUID, an ENUM or JSON with other digits is none any more. */
  private static Column asText(Column column) {
    return column.meaning() == Meaning.PLAIN || column.meaning() == Meaning.FIXED_CHAR
        ? column
        : text(column, column.type().isLob() ? 0 : column.length());
  }

  private static Column asHash(Column column) {
    boolean holds =
        column.meaning() == Meaning.PLAIN
            && !column.type().isLob()
            && column.length() >= HASH_CHARACTERS;
    return holds ? column : text(column, HASH_CHARACTERS);
  }

  private static Column text(Column column, int length) {
    DataType type = length == 0 ? DataType.NCLOB : DataType.WSTRING;
    return new TypeDefinition(type, length, 0, 0).column(column.name(), column.nullable());
  }

  private DmsException invalid(String message) {
    return new DmsException(ErrorCode.SETTING_INVALID, table, message, null);
  }
}
