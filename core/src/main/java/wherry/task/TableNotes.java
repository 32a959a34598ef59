package wherry.task;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import wherry.schema.TableId;

/**
 * What is to be known of tables after a crash as it was at the checkpoint, and therefore commits
 * with it: the counters and columns of those that have changed lately, since the service notes them
 * half a second later, the columns that the target keeps as they were, and the partitions that the
 * source had. Owned by the thread that applies.
 */
final class TableNotes {
  /** Counters older than this have reached the service's own store. */
  private static final long LATELY_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private record Counted(ChangeCounts totals, long nanos) {}

  private record Defined(String definition, long nanos) {}

  private final Map<TableId, Counted> counted = new HashMap<>();
  private final Map<TableId, Defined> defined = new HashMap<>();
  private final Map<TableId, KeptColumns> kept = new HashMap<>();
  private final Map<TableId, String> partitions = new TreeMap<>();
  private @Nullable String partitionsText;

  /** A table of a task that begins has no notes. */
  TableNotes() {}

  /**
   * @param text as {@link #text} has made it; empty for none
   * @param partitions as {@link #partitionsText} has made it; empty for none
   */
  static TableNotes of(String text, String partitions) {
    TableNotes notes = new TableNotes();
    for (JsonNode note : notes(partitions)) {
      notes.partitions.put(table(note), note.path("partitions").asString());
    }
    for (JsonNode note : notes(text)) {
      TableId table = table(note);
      List<Long> counts = new ArrayList<>();
      note.path("counts").forEach(count -> counts.add(count.asLong()));
      if (!counts.isEmpty()) {
        notes.counted.put(table, new Counted(ChangeCounts.of(counts), System.nanoTime()));
      }
      String definition = note.path("definition").asString("");
      if (!definition.isEmpty()) {
        notes.defined(table, definition);
      }
      List<String> notOnTarget = new ArrayList<>();
      note.path("notOnTarget").forEach(column -> notOnTarget.add(column.asString()));
      Map<String, String> names = new TreeMap<>();
      note.path("names").properties().forEach(e -> names.put(e.getKey(), e.getValue().asString()));
      notes.kept.put(table, new KeptColumns(notOnTarget, names));
    }
    return notes;
  }

  private static JsonNode notes(String text) {
    return text.isEmpty() ? JSON.createArrayNode() : JSON.readTree(text);
  }

  private static TableId table(JsonNode note) {
    return new TableId(note.path("schema").asString(), note.path("table").asString());
  }

  /** What the table has counted when the checkpoint was committed, if that was lately. */
  Optional<ChangeCounts> counts(TableId table) {
    return Optional.ofNullable(counted.get(table)).map(Counted::totals);
  }

  /** The columns with which the checkpoint was committed, if they had changed lately. */
  Optional<String> definition(TableId table) {
    return Optional.ofNullable(defined.get(table)).map(Defined::definition);
  }

  /** The transaction that is to be committed gives the table these columns. */
  void defined(TableId table, String definition) {
    defined.put(table, new Defined(definition, System.nanoTime()));
  }

  /** The table is found anew, and will be loaded with all the columns that it has then. */
  void foundAnew(TableId table) {
    defined.remove(table);
    kept.remove(table);
  }

  /** Of the table's columns, to be changed by the caller. */
  KeptColumns columns(TableId table) {
    return kept.computeIfAbsent(table, id -> new KeptColumns(List.of(), Map.of()));
  }

  /** The partitions that tables had, in the source's words. */
  Map<TableId, String> partitions() {
    return Map.copyOf(partitions);
  }

  void partitions(TableId table, String seen) {
    partitions.put(table, seen);
    partitionsText = null;
  }

  /**
   * The tables are loaded anew, with all their columns.
   *
   * @param nowPartitions what they have of these
   */
  void loaded(Collection<TableId> tables, Map<TableId, String> nowPartitions) {
    kept.keySet().removeAll(tables);
    defined.keySet().removeAll(tables);
    partitions.keySet().removeAll(tables);
    partitions.putAll(nowPartitions);
    partitionsText = null;
  }

  /** What the transaction that is to be committed makes of the tables' counters. */
  void count(Collection<StreamTable> tables) {
    long now = System.nanoTime();
    counted.values().removeIf(entry -> now - entry.nanos() > LATELY_NANOS);
    defined.values().removeIf(entry -> now - entry.nanos() > LATELY_NANOS);
    for (StreamTable table : tables) {
      ChangeCounts open = table.tally().counted();
      if (!open.equals(ChangeCounts.NONE)) {
        ChangeCounts totals = table.load().statistics().changes().plus(open);
        counted.put(table.id(), new Counted(totals, now));
      }
    }
  }

  /** An array with an object for each table, for {@link #of}; empty for none. */
  String text() {
    TreeSet<TableId> tables = new TreeSet<>(counted.keySet());
    tables.addAll(defined.keySet());
    kept.forEach((table, columns) -> {
      if (!columns.isEmpty()) {
        tables.add(table);
      }
    });
    ArrayNode notes = JSON.createArrayNode();
    for (TableId table : tables) {
      ObjectNode note = notes.addObject();
      note.put("schema", table.schema()).put("table", table.name());
      Counted counters = counted.get(table);
      if (counters != null) {
        counters.totals().all().forEach(note.withArray("counts")::add);
      }
      definition(table).ifPresent(definition -> note.put("definition", definition));
      KeptColumns columns = columns(table);
      columns.notOnTarget().forEach(note.withArray("notOnTarget")::add);
      columns.names().forEach(note.withObject("names")::put);
    }
    return text(notes);
  }

  /** As {@link #text}; written when it has changed only. */
  String partitionsText() {
    if (partitionsText == null) {
      ArrayNode notes = JSON.createArrayNode();
      partitions.forEach((table, seen) ->
          notes
              .addObject()
              .put("schema", table.schema())
              .put("table", table.name())
              .put("partitions", seen));
      partitionsText = text(notes);
    }
    return partitionsText;
  }

  private static String text(ArrayNode notes) {
    return notes.isEmpty() ? "" : notes.toString();
  }
}
