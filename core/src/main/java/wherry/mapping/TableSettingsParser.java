package wherry.mapping;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import wherry.schema.TableId;

/** Reads a rule of rule-type table-settings. */
final class TableSettingsParser {
  private static final int COLUMNS_MAX = 10;
  private static final int BOUNDARIES_MAX = 10_000;
  private static final int LOB_KILOBYTES_MAX = 102_400;

  /** Of other sources and targets than there are here. */
  private static final List<String> WITHOUT_EFFECT =
      List.of(
          "number-of-partitions",
          "collection-count-from-metadata",
          "max-records-skip-per-page",
          "batch-size",
          "segment-names");

  private final RuleReader rule;
  private final List<String> warnings;

  /**
   * @param warnings takes what has no effect
   */
  TableSettingsParser(RuleReader rule, List<String> warnings) {
    this.rule = rule;
    this.warnings = warnings;
  }

  /** Empty when something is wrong, which the reader has noted. */
  Optional<TableSettingsRule> parse() {
    JsonNode locator = rule.locator();
    String schema = RuleReader.text(locator, "schema-name");
    String table = RuleReader.text(locator, "table-name");
    if (locator.isObject()
        && (schema.isEmpty() || table.isEmpty() || (schema + table).indexOf('%') >= 0)) {
      rule.refuse("Exact schema and table name required when using table settings rule");
    }
    Optional<ParallelLoad> load = parallelLoad(rule.node().path("parallel-load"));
    Optional<TableSettings.Lobs> lobs = lobs(rule.node().path("lob-settings"));
    if (rule.isGood() && load.isEmpty() && lobs.isEmpty()) {
      warnings.add(
          "Rule " + rule.id() + " has no effect: it has neither parallel-load nor lob-settings");
    }
    return rule.isGood()
        ? Optional.of(new TableSettingsRule(rule.id(), new TableId(schema, table), load, lobs))
        : Optional.empty();
  }

  private Optional<ParallelLoad> parallelLoad(JsonNode load) {
    if (isLeftOut(load, "parallel-load")) {
      return Optional.empty();
    }
    WITHOUT_EFFECT.stream()
        .filter(load::hasNonNull)
        .forEach(key ->
            warnings.add(
                "Rule " + rule.id() + ": " + key + " of its parallel-load has no effect here"));
    String type = RuleReader.text(load, "type");
    return switch (type) {
      case "", "none" -> Optional.of(new ParallelLoad.Whole());
      case "partitions-auto" -> Optional.of(new ParallelLoad.EachPartition());
      case "subpartitions-auto" -> Optional.of(new ParallelLoad.EachSubpartition());
      case "partitions-list" -> named(load);
      case "ranges" -> ranges(load);
      default -> {
        rule.refuse(
            "type of the parallel-load must be none, partitions-auto, subpartitions-auto, partitions-list or ranges, not \""
                + type
                + "\"");
        yield Optional.empty();
      }
    };
  }

  private Optional<ParallelLoad> named(JsonNode load) {
    List<String> names = new ArrayList<>(names(load, "partitions"));
    names.addAll(names(load, "subpartitions"));
    if (names.isEmpty()) {
      rule.refuse(
          "partitions or subpartitions are required by parallel-load of type partitions-list");
    }
    return Optional.of(new ParallelLoad.Named(names));
  }

  private Optional<ParallelLoad> ranges(JsonNode load) {
    List<String> columns = names(load, "columns");
    if (columns.isEmpty() || columns.size() > COLUMNS_MAX) {
      rule.refuse(
          "columns of the parallel-load must be 1 to "
              + COLUMNS_MAX
              + " column names, the first weighs most, not "
              + columns.size());
    }
    List<List<String>> boundaries = new ArrayList<>();
    for (JsonNode boundary : rule.array(load, "boundaries")) {
      boundaries.add(boundary(boundary, columns.size(), boundaries.size() + 1));
    }
    if (boundaries.isEmpty() || boundaries.size() > BOUNDARIES_MAX) {
      rule.refuse(
          "boundaries of the parallel-load must be 1 to "
              + BOUNDARIES_MAX
              + " arrays of values, ascending, not "
              + boundaries.size());
    }
    return Optional.of(new ParallelLoad.ByRanges(columns, boundaries));
  }

  private List<String> boundary(JsonNode boundary, int columns, int place) {
    List<String> values = new ArrayList<>();
    for (JsonNode value : boundary) {
      if (!value.isValueNode() || value.isNull()) {
        rule.refuse(
            "boundary "
                + place
                + " must have plain values, not "
                + value
                + "; rows with NULL are in the range above all boundaries");
      }
      values.add(value.asString(""));
    }
    if (!boundary.isArray() || values.size() != columns) {
      rule.refuse(
          "boundary "
              + place
              + " must be an array of one value for each of the "
              + columns
              + " columns, not "
              + boundary);
    }
    return values;
  }

  private List<String> names(JsonNode load, String key) {
    List<String> names = new ArrayList<>();
    for (JsonNode name : rule.array(load, key)) {
      names.add(name.isValueNode() && !name.isNull() ? name.asString() : "");
    }
    Set<String> seen = new HashSet<>();
    if (names.stream().anyMatch(name -> name.isEmpty() || !seen.add(name))) {
      rule.refuse(key + " of the parallel-load must be different names, not " + names);
    }
    return names;
  }

  private Optional<TableSettings.Lobs> lobs(JsonNode lobs) {
    if (isLeftOut(lobs, "lob-settings")) {
      return Optional.empty();
    }
    int kilobytes = kilobytes(RuleReader.text(lobs, "bulk-max-size"));
    String mode = RuleReader.text(lobs, "mode");
    return switch (mode) {
      case "none" -> Optional.empty();
      case "unlimited" -> {
        if (kilobytes > 0) {
          warnings.add(
              "Rule "
                  + rule.id()
                  + ": bulk-max-size has no effect in mode unlimited, as LOBs of any size are moved with their rows");
        }
        yield Optional.of(new TableSettings.Lobs(OptionalInt.empty()));
      }
      case "", "limited" -> {
        if (kilobytes == 0) {
          rule.refuse(
              "bulk-max-size of the lob-settings must be above 0 in mode limited; mode unlimited moves LOBs whole");
        }
        yield Optional.of(new TableSettings.Lobs(OptionalInt.of(kilobytes * 1024)));
      }
      default -> {
        rule.refuse(
            "mode of the lob-settings must be limited, unlimited or none, not \"" + mode + "\"");
        yield Optional.empty();
      }
    };
  }

  private int kilobytes(String text) {
    try {
      int kilobytes = text.isEmpty() ? 0 : Integer.parseInt(text.trim());
      if (kilobytes >= 0 && kilobytes <= LOB_KILOBYTES_MAX) {
        return kilobytes;
      }
    } catch (NumberFormatException e) {
      // Told below, as a number outside the range is.
    }
    rule.refuse(
        "bulk-max-size of the lob-settings must be a number of kilobytes from 0 to "
            + LOB_KILOBYTES_MAX
            + ", not \""
            + text
            + "\"");
    return 0;
  }

  private boolean isLeftOut(JsonNode group, String key) {
    if (!group.isObject() && !group.isMissingNode() && !group.isNull()) {
      rule.refuse(key + " must be a JSON object");
    }
    return !group.isObject();
  }
}
