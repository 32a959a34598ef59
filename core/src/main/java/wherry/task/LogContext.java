package wherry.task;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import wherry.change.ChangeBatch;
import wherry.change.ChangeEvent;
import wherry.change.RowChange;
import wherry.change.RowChange.Operation;
import wherry.change.SourceTransaction;
import wherry.change.TransactionPart;
import wherry.row.RowBatch;
import wherry.transform.OutputColumn.Header;
import wherry.transform.RowContext;

/**
 * What the log tells of the rows of one batch besides their cells. Made when a table's rules first
 * ask for it. Of the thread that applies.
 */
final class LogContext {
  private static final DateTimeFormatter SEQUENCE_TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmssSS").withZone(ZoneOffset.UTC);

  private final ChangeBatch batch;
  private final ChangeSequence sequence;
  private @Nullable Map<RowBatch, OfRows> contexts;

  LogContext(ChangeBatch batch, ChangeSequence sequence) {
    this.batch = batch;
    this.sequence = sequence;
  }

  /** Numbers changes: 16 digits of time and 19 of a counter, greater from change to change. */
  static final class ChangeSequence {
    /** A later run begins at a later time, and no run makes a million changes in a microsecond. */
    private long counter = System.currentTimeMillis() * 1_000_000;

    private Instant latest = Instant.EPOCH;

    private String next(Instant committedAt) {
      latest = committedAt.isAfter(latest) ? committedAt : latest;
      return SEQUENCE_TIME.format(latest) + "%019d".formatted(++counter);
    }
  }

  RowContext of(RowBatch rows) {
    Map<RowBatch, OfRows> known = contexts;
    if (known == null) {
      known = read();
      contexts = known;
    }
    return known.computeIfAbsent(rows, OfRows::new);
  }

  private Map<RowBatch, OfRows> read() {
    Map<RowBatch, OfRows> all = new IdentityHashMap<>();
    for (TransactionPart part : batch.parts()) {
      for (ChangeEvent event : part.events()) {
        if (event instanceof RowChange change) {
          all.computeIfAbsent(change.rows(), OfRows::new).add(change, part.transaction());
        }
      }
    }
    return all;
  }

  private final class OfRows implements RowContext {
    private final Operation[] operations;
    private final SourceTransaction[] transactions;
    private final String[] sequences;
    private final int[] befores;
    private final BitSet isBefore = new BitSet();

    OfRows(RowBatch rows) {
      operations = new Operation[rows.count()];
      transactions = new SourceTransaction[rows.count()];
      sequences = new String[rows.count()];
      befores = new int[rows.count()];
      Arrays.fill(operations, Operation.INSERT);
      Arrays.fill(befores, RowChange.NONE);
    }

    private void add(RowChange change, SourceTransaction transaction) {
      if (change.before() != RowChange.NONE) {
        isBefore.set(change.before());
        set(change.before(), change, transaction);
      }
      if (change.after() != RowChange.NONE) {
        befores[change.after()] = change.before();
        set(change.after(), change, transaction);
      }
    }

    private void set(int row, RowChange change, SourceTransaction transaction) {
      operations[row] = change.operation();
      transactions[row] = transaction;
    }

    @Override
    public Operation operation(int row) {
      return operations[row];
    }

    @Override
    public int before(int row) {
      return befores[row];
    }

    @Override
    public boolean isBefore(int row) {
      return isBefore.get(row);
    }

    @Override
    public String header(Header header, int row) {
      return switch (header) {
        case AR_H_STREAM_POSITION -> transactions[row].at().text();
        // The logs tell when a transaction was committed, not when each of its changes was made.
        case AR_H_TIMESTAMP, AR_H_COMMIT_TIMESTAMP ->
            TIMESTAMP.format(transactions[row].committedAt());
        case AR_H_OPERATION -> operations[row].name();
        case AR_H_USER -> "";
        case AR_H_CHANGE_SEQ -> {
          if (sequences[row] == null) {
            sequences[row] = sequence.next(transactions[row].committedAt());
          }
          yield sequences[row];
        }
      };
    }
  }
}
