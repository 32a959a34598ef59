package wherry.connector;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import wherry.change.Cut;
import wherry.change.Position;
import wherry.error.DmsException;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * The change log of a source, as one task uses it. Safe for all threads, but only one reader is
 * open at a time.
 */
public interface ChangeLog extends Resource {
  /**
   * What the log is, and from where on it is kept for the task.
   *
   * @param position everything from here on can be read. Taken before any snapshot, so that a cut
   *     never asks for more
   * @param identity the server's log, so that another one is never taken for it (PostgreSQL: system
   *     identifier, timeline, slot and the place where it was made; MySQL: server UUID)
   * @param refused tables whose changes the log does not carry in full, with the statement that
   *     mends it; they are put into error, the others go on
   */
  record Start(Position position, String identity, List<DmsException> refused) {}

  /**
   * Tables whose changes the log does not carry until {@link #open} makes it. One that was followed
   * before has missed some: it was made anew under its name, or taken out by somebody.
   *
   * @param identity as an earlier start of the task has given it
   * @throws DmsException LOG_LOST or LOG_CHANGED, when nothing can be said of them
   */
  default Set<TableId> uncarried(Collection<TableSchema> tables, String identity) {
    return Set.of();
  }

  /**
   * Tables that the log has not carried all the time since they were loaded, though it carries them
   * now: somebody has taken them out of it and put them back.
   *
   * @param loaded for each table what the snapshots have seen that it was loaded under
   */
  default Set<TableId> interrupted(Map<TableId, List<Cut>> loaded) {
    return Set.of();
  }

  /**
   * Checks settings, privileges and what each table needs, and creates what the task owns in the
   * source (a slot, a publication) where it is missing. The log carries these tables then, and no
   * others.
   *
   * @param tables with their keys and those columns that are read, which the log has to carry
   * @param identity as an earlier start of the task has given it; empty for a fresh one
   * @throws DmsException PRIVILEGE_MISSING, SETTING_INVALID, LOG_LOST or LOG_CHANGED, naming what
   *     is missing and the statement that mends it
   */
  Start open(Collection<TableSchema> tables, String identity);

  /**
   * Makes sure that the log carries tables from now on, beside all that it carries already: they
   * are about to be loaded while the changes of others are read.
   *
   * @param tables as for {@link #open}
   * @param identity as the task's start has given it
   * @return those whose changes it does not carry in full, with the statement that mends it
   */
  default List<DmsException> carry(Collection<TableSchema> tables, String identity) {
    return open(tables, identity).refused();
  }

  /**
   * The partitions that tables have now, in the log's own words: rows come and go with a whole
   * partition without a change in the log, so {@link #read} compares with what is there then.
   *
   * @return by table; nothing for tables without partitions, and where the log tells all
   */
  default Map<TableId, String> partitions(Collection<TableSchema> tables) {
    return Map.of();
  }

  /**
   * What {@link #open} of a fresh task would find and create, changing nothing.
   *
   * @throws DmsException as {@link #open} would
   */
  default Prospect prospect(Collection<TableSchema> tables) {
    throw new UnsupportedOperationException("This source tells no plans");
  }

  /**
   * @param statements that create what the task owns in the source
   * @param refused tables whose changes the log does not carry in full, with what mends it
   */
  record Prospect(List<String> statements, List<DmsException> refused) {
    public Prospect {
      statements = List.copyOf(statements);
      refused = List.copyOf(refused);
    }
  }

  /**
   * Whether the log holds every statement that defines a table, so that one that came while nobody
   * read it is told, too.
   */
  default boolean tellsStatements() {
    return true;
  }

  /**
   * What has to be done so that the log carries all columns of a row as it was before an update or
   * delete, where it now carries what identifies the row and little else; a sentence for people.
   *
   * @return empty when it does already
   */
  Optional<String> remedyForPartialRows(TableSchema table);

  /**
   * The end of the log now.
   *
   * @throws DmsException as {@link #open} does, when the log cannot be read
   */
  Position now();

  /**
   * The position of a text in the engine's notation.
   *
   * @throws DmsException SETTING_INVALID
   */
  Position position(String text);

  /**
   * The position of a text that a user has given, which may be that of another server: what names
   * transactions across servers is looked up here.
   *
   * @throws DmsException SETTING_INVALID, LOG_LOST, or LOG_CHANGED when this server does not have
   *     all of them
   */
  default Position given(String text) {
    return position(text);
  }

  /**
   * The first position whose transactions were committed at or after a time.
   *
   * @throws DmsException SETTING_INVALID where the engine's log cannot be searched by time,
   *     LOG_LOST when the log no longer reaches back so far
   */
  Position at(Instant time);

  /** The cut of a text that {@link Cut#text} has given. */
  Cut cut(String text);

  /**
   * Reads on from a position.
   *
   * @throws DmsException LOG_LOST when the log no longer holds the position, LOG_CHANGED when it is
   *     another log
   */
  ChangeReader read(Request request);

  /**
   * What makes the source keep its log for the task, while nobody reads it too; a few words for
   * people, empty when nothing does.
   */
  default Optional<String> keptBy() {
    return Optional.empty();
  }

  /**
   * Ends an {@link #open} that waits for what others do in the source, which then throws; it may
   * begin to wait a moment later. From any thread.
   */
  default void abandon() {}

  /** Removes what the task owns in the source. */
  void drop();

  /**
   * @param tables with all columns that {@link Source#tables} gives them; changes come with these
   * @param selected whether a table that comes to be belongs to the task
   * @param needed one of these, with its key and those columns that are read, which the log has to
   *     carry
   * @param from where to begin
   * @param identity of the log that {@code from} is a place of
   * @param partitions what {@link #partitions} has found before the tables were loaded, or a {@link
   *     wherry.change.PartitionsSeen} since has told
   */
  record Request(
      List<TableSchema> tables,
      BiPredicate<TableId, TableSchema.Kind> selected,
      UnaryOperator<TableSchema> needed,
      Position from,
      String identity,
      Map<TableId, String> partitions) {
    /** Of a task that reads all columns and begins now. */
    public Request(
        List<TableSchema> tables,
        BiPredicate<TableId, TableSchema.Kind> selected,
        Position from,
        String identity) {
      this(tables, selected, UnaryOperator.identity(), from, identity, Map.of());
    }
  }
}
