package wherry.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import wherry.connector.RejectedRow;
import wherry.connector.RejectionPolicy;
import wherry.connector.RowReader;
import wherry.connector.RowWriter;
import wherry.connector.Segment;
import wherry.connector.Snapshot;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.MappedTable;
import wherry.plan.Finding;
import wherry.plan.Finding.Effect;
import wherry.plan.Finding.Subject;
import wherry.row.RowBatch;
import wherry.row.RowFormat;
import wherry.row.Rows;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Some rows of a table on the way that all of them would take, into a table that nobody ever sees:
 * which of them the rules or the target refuse, and why. Of one thread.
 */
final class TableSample {
  /** A large table is read at so many places at most, evenly spread. */
  private static final int PLACES_MAX = 8;

  private static final int BATCH_ROWS_MAX = 1000;

  /** Rows told of each column that refuses some. */
  private static final int EXAMPLES_MAX = 3;

  private final TaskDefinition definition;
  private final MappedTable table;
  private final TableSchema found;
  private final Target target;
  private final long rowsMax;
  private final Map<String, Refused> refused = new LinkedHashMap<>();
  private long read;
  private long bytes;
  private boolean whole;

  /** Rows that one column keeps from the target. */
  private static final class Refused {
    private final List<String> examples = new ArrayList<>();
    private long rows;

    private void add(RejectedRow row) {
      rows++;
      if (examples.size() < EXAMPLES_MAX) {
        examples.add(row.key() + ": " + row.reason());
      }
    }
  }

  /**
   * @param found the table with all columns that the source has
   */
  TableSample(
      TaskDefinition definition,
      MappedTable table,
      TableSchema found,
      Target target,
      long rowsMax) {
    this.definition = definition;
    this.table = table;
    this.found = found;
    this.target = target;
    this.rowsMax = rowsMax;
  }

  /**
   * @param findings are told what the sample shows
   */
  TableSample of(Snapshot snapshot, List<Finding> findings) throws InterruptedException {
    if (rowsMax == 0 || !definition.type().loads()) {
      return this;
    }
    RejectionPolicy noting =
        row -> {
          refused.computeIfAbsent(row.column(), column -> new Refused()).add(row);
          return RejectionPolicy.Decision.IGNORE;
        };
    AlteredValues altered = new AlteredValues(table);
    try (RowWriter writer =
            target.rehearse(table.target(), definition.prepareMode(), table.rows(), noting);
        LoadTransform transform =
            new LoadTransform(table, definition.settings().characters(), altered::look)) {
      OptionalInt lobBytesMax = definition.settings().lobBytesMax(table);
      LobLimit lobLimit =
          lobBytesMax.isPresent() ? new LobLimit(table.source(), lobBytesMax.getAsInt()) : null;
      List<Segment> all =
          new TableSegments(table, found, snapshot, warning -> note(warning, findings)).plan();
      List<Segment> places = spread(all);
      long each = Math.max(1, rowsMax / Math.max(1, places.size()));
      int ended = 0;
      for (Segment place : places) {
        ended += read(snapshot, place, each, lobLimit, transform, writer) ? 1 : 0;
      }
      whole = ended == all.size();
      writer.finish();
      refused.forEach((column, rows) -> findings.add(losses(column, rows)));
      altered.found().forEach(column -> findings.add(altered(column)));
      if (lobLimit != null) {
        tellCuts(lobLimit, findings);
      }
    } catch (DmsException e) {
      Optional<TableId> id = Optional.of(table.source().id());
      findings.add(
          e.code() == ErrorCode.COMMAND_REFUSED
              ? Finding.note(Subject.ROWS, id, String.valueOf(e.getMessage()))
              : Finding.failure(Subject.ROWS, id, e));
    }
    return this;
  }

  private void note(String warning, List<Finding> findings) {
    findings.add(Finding.note(Subject.MAPPING, Optional.of(found.id()), warning + "."));
  }

  private static List<Segment> spread(List<Segment> all) {
    int count = Math.min(all.size(), PLACES_MAX);
    List<Segment> chosen = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chosen.add(all.get((int) ((long) i * all.size() / count)));
    }
    return chosen;
  }

  /** Tells whether the segment has ended. */
  private boolean read(
      Snapshot snapshot,
      Segment place,
      long wanted,
      @Nullable LobLimit lobLimit,
      LoadTransform transform,
      RowWriter writer)
      throws InterruptedException {
    int batchRows = (int) Math.min(wanted, BATCH_ROWS_MAX);
    long left = wanted;
    try (RowReader reader =
        snapshot.read(table.source(), table.filter(), place, RowFormat.CELLS, batchRows)) {
      while (left > 0) {
        Optional<Rows> next = reader.next();
        if (next.isEmpty()) {
          return true;
        }
        RowBatch rows = (RowBatch) next.get();
        left -= rows.count();
        read += rows.count();
        bytes += rows.slab().length;
        writer.write(transform.apply(lobLimit == null ? rows : lobLimit.apply(rows), writer));
      }
      return reader.next().isEmpty();
    }
  }

  private Finding losses(String column, Refused rows) {
    return new Finding(
        Effect.LOSES,
        Subject.ROWS,
        Optional.of(table.source().id()),
        column,
        rows.rows,
        "%,d of %,d rows that were tried are rejected%s: %s"
            .formatted(
                rows.rows,
                read,
                column.isEmpty() ? "" : ", for column " + column,
                String.join("; ", rows.examples)));
  }

  /** Nothing that the rule has not asked for. */
  private Finding altered(AlteredValues.Watched column) {
    return new Finding(
        Effect.NOTE,
        Subject.ROWS,
        Optional.of(table.source().id()),
        column.column(),
        column.values(),
        "%,d of %,d values that were tried for column %s are rounded or cut by change-data-type: %s."
            .formatted(
                column.values(), read, column.column(), String.join("; ", column.examples())));
  }

  private void tellCuts(LobLimit lobLimit, List<Finding> findings) {
    long[] cuts = lobLimit.cuts();
    for (int i = 0; i < cuts.length; i++) {
      if (cuts[i] > 0) {
        String column = table.source().columns().get(i).name();
        findings.add(
            new Finding(
                Effect.LOSES,
                Subject.ROWS,
                Optional.of(table.source().id()),
                column,
                cuts[i],
                "%,d values of column %s in %,d rows that were tried are cut to %,d bytes, as LobMaxSize says"
                    .formatted(
                        cuts[i],
                        column,
                        read,
                        definition.settings().lobBytesMax(table).orElse(0))));
      }
    }
  }

  /** Rows that were tried. */
  long read() {
    return read;
  }

  long rejected() {
    return refused.values().stream().mapToLong(rows -> rows.rows).sum();
  }

  /**
   * How many rows the table has.
   *
   * @param estimate of the source, which counts unless the sample has seen them all
   */
  long rowsOf(long estimate) {
    return whole ? read : estimate;
  }

  /** What so many rows would take, each as wide as those of the sample. */
  long bytesOf(long rows) {
    return read == 0 ? 0 : (long) ((double) bytes / read * rows);
  }
}
