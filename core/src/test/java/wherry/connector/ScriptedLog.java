package wherry.connector;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import wherry.change.ChangeBatch;
import wherry.change.ChangeEvent;
import wherry.change.Cut;
import wherry.change.Position;
import wherry.change.RowChange;
import wherry.change.SchemaChange.TableLost;
import wherry.change.SourceTransaction;
import wherry.change.TransactionPart;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.row.RowBatchBuilder;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The change log of a source in memory: transactions are numbered, and the number is the position.
 * Keeps what was acknowledged, and refuses to read anything before it.
 */
public final class ScriptedLog implements ChangeLog {
  /** Something that a transaction does. */
  public sealed interface Write {
    TableId table();
  }

  public record Insert(TableId table, List<@Nullable String> row) implements Write {}

  /** Of the row whose first column is {@code key}. */
  public record Update(TableId table, String key, List<@Nullable String> row) implements Write {}

  public record Delete(TableId table, String key) implements Write {}

  /** Anything else, as the reader is to tell it. */
  public record Event(ChangeEvent event) implements Write {
    @Override
    public TableId table() {
      return event.table();
    }
  }

  private record Transaction(int number, Instant committedAt, List<ChangeEvent> events) {}

  private record Place(int number) implements Position {
    @Override
    public String text() {
      return "" + number;
    }

    @Override
    public int compareTo(Position other) {
      return Integer.compare(number, ((Place) other).number);
    }
  }

  private record SeenBefore(int number) implements Cut {
    @Override
    public boolean contains(SourceTransaction transaction) {
      return ((Place) transaction.at()).number < number;
    }

    @Override
    public Position from() {
      return new Place(number);
    }

    @Override
    public String text() {
      return "before " + number;
    }
  }

  private final List<Transaction> transactions = new ArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final List<DmsException> refused = new CopyOnWriteArrayList<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Set<TableId> joined = new CopyOnWriteArraySet<>();
  private volatile String identity = "a log";
  private volatile Supplier<Optional<DmsException>> whenOpened = Optional::empty;
  private volatile Supplier<Optional<DmsException>> whenRead = Optional::empty;
  private int partOf = Integer.MAX_VALUE;
  private boolean endsWithin;
  private volatile boolean wholeRows;
  private volatile boolean tellsStatements = true;
  private final Map<TableId, String> partitions = new ConcurrentHashMap<>();
  private List<TableSchema> readWith = List.of();
  private Map<TableId, String> readWithPartitions = Map.of();
  private int acknowledged;

  /** The number that the next transaction gets. */
  synchronized int next() {
    return transactions.size();
  }

  synchronized Cut cut() {
    return new SeenBefore(transactions.size());
  }

  synchronized void append(
      Instant committedAt,
      List<Write> writes,
      Map<TableId, TableSchema> schemas,
      List<List<@Nullable String>> before) {
    List<ChangeEvent> events = new ArrayList<>();
    for (int i = 0; i < writes.size(); i++) {
      events.add(event(writes.get(i), schemas, before.get(i)));
    }
    transactions.add(new Transaction(transactions.size(), committedAt, events));
    notifyAll();
  }

  private ChangeEvent event(
      Write write, Map<TableId, TableSchema> schemas, List<@Nullable String> before) {
    return switch (write) {
      case Event event -> event.event();
      case Insert insert ->
          change(RowChange.Operation.INSERT, schemas.get(insert.table()), null, insert.row());
      case Update update ->
          change(
              RowChange.Operation.UPDATE,
              schemas.get(update.table()),
              wholeRows
                  ? before
                  : update.key().equals(update.row().getFirst()) ? null : List.of(update.key()),
              update.row());
      case Delete delete ->
          change(
              RowChange.Operation.DELETE,
              schemas.get(delete.table()),
              wholeRows ? before : List.of(delete.key()),
              null);
    };
  }

  private static RowChange change(
      RowChange.Operation operation,
      @Nullable TableSchema schema,
      @Nullable List<@Nullable String> old,
      @Nullable List<@Nullable String> row) {
    if (schema == null) {
      throw new IllegalArgumentException("The test has no such table");
    }
    RowBatchBuilder rows = new RowBatchBuilder(schema);
    int before = RowChange.NONE;
    if (old != null) {
      before = rows.rows();
      old.forEach(rows::add);
      for (int i = old.size(); i < schema.columns().size(); i++) {
        rows.addAbsent();
      }
      rows.endRow();
    }
    int after = RowChange.NONE;
    if (row != null) {
      after = rows.rows();
      row.forEach(rows::add);
      rows.endRow();
    }
    return new RowChange(operation, rows.build(), before, after);
  }

  /** Images of what was before have all columns, and not only the first, which is the key. */
  public ScriptedLog wholeRows() {
    wholeRows = true;
    return this;
  }

  @Override
  public Optional<String> remedyForPartialRows(TableSchema table) {
    return wholeRows ? Optional.empty() : Optional.of("Run: MAKE THE LOG WHOLE;");
  }

  /** It does not hold the statements that define tables. */
  public ScriptedLog withoutStatements() {
    tellsStatements = false;
    return this;
  }

  @Override
  public boolean tellsStatements() {
    return tellsStatements;
  }

  /** Hands on transactions in parts of so many events. */
  public ScriptedLog inPartsOf(int events) {
    partOf = events;
    return this;
  }

  /** Whether what is read ends with the first event of a transaction whose others do not come. */
  public synchronized void endsWithin(boolean transaction) {
    endsWithin = transaction;
    notifyAll();
  }

  /** From now on it is another log. */
  public ScriptedLog replaced() {
    identity = "another log";
    return this;
  }

  /** The log does not carry the changes of a table. */
  public ScriptedLog refuses(TableId table, String why) {
    refused.add(new DmsException(ErrorCode.SOURCE_TABLE_FAILED, table, why, null));
    return this;
  }

  /** The log does not carry the table until it is opened. */
  public ScriptedLog joins(TableId table) {
    joined.add(table);
    return this;
  }

  /** Fails so many times when it is opened, having done all that was asked for. */
  public ScriptedLog failsWhenOpened(int times, Supplier<DmsException> with) {
    whenOpened = ScriptedSource.fails(times, with);
    return this;
  }

  /** Breaks off so many times when it is read. */
  public ScriptedLog breaksOff(int times) {
    whenRead =
        ScriptedSource.fails(
            times, () -> new DmsException(ErrorCode.CONNECTION_FAILED, "The log broke off"));
    return this;
  }

  public synchronized int acknowledged() {
    return acknowledged;
  }

  public List<String> calls() {
    return List.copyOf(calls);
  }

  /** Readers that nobody has closed. */
  public int open() {
    return open.get();
  }

  @Override
  public Start open(Collection<TableSchema> tables, String known) {
    calls.add("open");
    if (!known.isEmpty() && !known.equals(identity)) {
      throw new DmsException(ErrorCode.LOG_CHANGED, "This is " + identity + ", not " + known);
    }
    Set<TableId> wanted = tables.stream().map(TableSchema::id).collect(Collectors.toSet());
    joined.removeAll(wanted);
    whenOpened.get().ifPresent(ScriptedSource::raise);
    return new Start(
        now(),
        identity,
        refused.stream().filter(why -> wanted.contains(why.table().orElseThrow())).toList());
  }

  @Override
  public Set<TableId> uncarried(Collection<TableSchema> tables, String known) {
    return Set.copyOf(joined);
  }

  @Override
  public synchronized Position now() {
    return new Place(transactions.size());
  }

  @Override
  public Position position(String text) {
    return new Place(Integer.parseInt(text));
  }

  @Override
  public synchronized Position at(Instant time) {
    for (Transaction transaction : transactions) {
      if (!transaction.committedAt().isBefore(time)) {
        return new Place(transaction.number());
      }
    }
    return now();
  }

  @Override
  public Cut cut(String text) {
    return new SeenBefore(Integer.parseInt(text.substring("before ".length())));
  }

  @Override
  public synchronized ChangeReader read(Request request) {
    calls.add("read from " + request.from().text());
    int from = ((Place) request.from()).number();
    if (from < acknowledged) {
      throw new DmsException(ErrorCode.LOG_LOST, "The log begins at " + acknowledged);
    }
    open.incrementAndGet();
    readWith = request.tables();
    readWithPartitions = request.partitions();
    return new Reader(from);
  }

  /** The tables as the last reader was told of them. */
  public synchronized List<TableSchema> readWith() {
    return readWith;
  }

  /** The partitions of tables as the last reader was told of them. */
  public synchronized Map<TableId, String> readWithPartitions() {
    return readWithPartitions;
  }

  /** The table has these partitions from now on. */
  public ScriptedLog partitioned(TableId table, String now) {
    partitions.put(table, now);
    return this;
  }

  @Override
  public Map<TableId, String> partitions(Collection<TableSchema> tables) {
    Map<TableId, String> found = new HashMap<>(partitions);
    found.keySet().retainAll(tables.stream().map(TableSchema::id).toList());
    return found;
  }

  @Override
  public void drop() {
    calls.add("drop");
  }

  @Override
  public void close() {}

  private final class Reader implements ChangeReader {
    private int next;
    private final Set<TableId> left = new HashSet<>();
    private int nextEvent;
    private boolean closed;

    Reader(int from) {
      this.next = from;
    }

    @Override
    public ChangeBatch next(Duration patience) throws InterruptedException {
      whenRead.get().ifPresent(ScriptedSource::raise);
      synchronized (ScriptedLog.this) {
        if (next == transactions.size()) {
          TimeUnit.NANOSECONDS.timedWait(ScriptedLog.this, patience.toNanos());
        }
        if (closed) {
          throw new DmsException(ErrorCode.CONNECTION_FAILED, "The reader is closed");
        }
        if (next == transactions.size()) {
          return new ChangeBatch(List.of(), new Place(next), 0);
        }
        return endsWithin ? upToTheMiddle(patience) : batch(part(partOf));
      }
    }

    private ChangeBatch upToTheMiddle(Duration patience) throws InterruptedException {
      List<TransactionPart> parts = new ArrayList<>();
      while (next < transactions.size() - 1) {
        parts.add(part(Integer.MAX_VALUE));
      }
      if (nextEvent == 0) {
        parts.add(part(1));
      }
      if (parts.isEmpty()) {
        TimeUnit.NANOSECONDS.timedWait(ScriptedLog.this, patience.toNanos());
      }
      return batch(parts.toArray(TransactionPart[]::new));
    }

    private ChangeBatch batch(TransactionPart... parts) {
      long bytes = Stream.of(parts).mapToLong(part -> 100L * part.events().size()).sum();
      List<TransactionPart> told =
          Stream.of(parts).filter(part -> left.isEmpty() || !part.events().isEmpty()).toList();
      return new ChangeBatch(told, new Place(next), bytes);
    }

    private TransactionPart part(int eventsMax) {
      Transaction transaction = transactions.get(next);
      int to = (int) Math.min(transaction.events().size(), (long) nextEvent + eventsMax);
      List<ChangeEvent> events = transaction.events().subList(nextEvent, to);
      boolean whole = to == transaction.events().size();
      nextEvent = whole ? 0 : to;
      next += whole ? 1 : 0;
      return new TransactionPart(
          new SourceTransaction("", new Place(transaction.number()), transaction.committedAt()),
          events.stream().filter(this::isTold).toList(),
          whole ? Optional.of(new Place(transaction.number() + 1)) : Optional.empty());
    }

    /** A reader does not understand the rows of a table that it has lost. */
    private boolean isTold(ChangeEvent event) {
      if (event instanceof TableLost) {
        left.add(event.table());
      }
      return !(event instanceof RowChange && left.contains(event.table()));
    }

    @Override
    public void acknowledge(Position durable) {
      synchronized (ScriptedLog.this) {
        acknowledged = Math.max(acknowledged, ((Place) durable).number());
      }
    }

    @Override
    public void close() {
      synchronized (ScriptedLog.this) {
        if (!closed) {
          closed = true;
          open.decrementAndGet();
          ScriptedLog.this.notifyAll();
        }
      }
    }
  }
}
