package wherry.mysql;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import wherry.change.ChangeEvent;
import wherry.change.Cut;
import wherry.change.Position;
import wherry.connector.ChangeLog;
import wherry.connector.ChangeReader;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableSchema;

/** The binary log of a server. A task owns nothing in it but the name under which it reads. */
final class BinlogChangeLog implements ChangeLog {
  /**
   * Tells the id of a connection that reads beside the task's reader, which would end otherwise.
   */
  private static final long SECOND_READER = 1L << 30;

  private final MySqlSettings settings;
  private final String taskName;

  BinlogChangeLog(MySqlSettings settings, String taskName) {
    this.settings = settings;
    this.taskName = taskName;
  }

  @Override
  public Start open(Collection<TableSchema> tables, String identity) {
    try (MySqlSession session = session()) {
      BinlogChecks checks = BinlogChecks.of(session);
      checks.refuseWhatCannotBeRead();
      checks.refuseAnother(identity);
      return new Start(end(session), checks.identity(), checks.refused(tables));
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "asking about the binary log", e);
    }
  }

  @Override
  public Prospect prospect(Collection<TableSchema> tables) {
    return new Prospect(List.of(), open(tables, "").refused());
  }

  @Override
  public Optional<String> remedyForPartialRows(TableSchema table) {
    try (MySqlSession session = session()) {
      return BinlogChecks.of(session).hasWholeRows()
          ? Optional.empty()
          : Optional.of(
              "Run: SET GLOBAL binlog_row_image = 'FULL'; and let applications connect anew.");
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "asking about the binary log", e);
    }
  }

  @Override
  public Position now() {
    try (MySqlSession session = session()) {
      BinlogChecks.of(session).refuseWhatCannotBeRead();
      return end(session);
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "asking for the end of the binary log", e);
    }
  }

  private BinlogPosition end(MySqlSession session) throws SQLException {
    return BinlogStatus.end(session).orElseThrow(() -> BinlogChecks.withoutLog(settings));
  }

  @Override
  public Position position(String text) {
    return parsed(text);
  }

  /** Behind a set of GTIDs, or behind those of a checkpoint, wherever it was made. */
  @Override
  public Position given(String text) {
    Optional<GtidSet> set = text.isBlank() ? Optional.empty() : GtidSet.parse(text);
    if (set.isPresent()) {
      return behind(set.get());
    }
    BinlogPosition position = parsed(text);
    return position.gtids().isPresent() && hasGtids() ? behind(position.gtids().get()) : position;
  }

  private boolean hasGtids() {
    try (MySqlSession session = session()) {
      return BinlogChecks.of(session).hasGtids();
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "asking about the binary log", e);
    }
  }

  private BinlogPosition behind(GtidSet set) {
    try (MySqlSession session = session()) {
      BinlogPosition end = end(session);
      return new GtidSearch(session, new BinlogScan(settings, serverId())).behind(set).orElse(end);
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "searching the binary log for GTIDs", e);
    }
  }

  private BinlogPosition parsed(String text) {
    try {
      return BinlogPosition.parse(text);
    } catch (IllegalArgumentException e) {
      throw new DmsException(ErrorCode.SETTING_INVALID, e.getMessage() + ".", e);
    }
  }

  @Override
  public Position at(Instant time) {
    try (MySqlSession session = session()) {
      BinlogPosition end = end(session);
      return new BinlogScan(settings, serverId()).firstCommitted(time, files()).orElse(end);
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "searching the binary log by time", e);
    }
  }

  @Override
  public Cut cut(String text) {
    return new BinlogCut(parsed(text));
  }

  @Override
  public ChangeReader read(Request request) {
    BinlogPosition place = (BinlogPosition) request.from();
    try (MySqlSession session = session()) {
      BinlogChecks.of(session).refuseAnother(request.identity());
      refuseWhatIsGone(place, BinlogStatus.files(session));
      BinlogPosition from = named(place, session);
      return new BinlogReader(
          settings,
          from,
          serverId(),
          decoder(request, from, session.server()),
          new PreparedScan(
              settings, new BinlogScan(settings, serverId() ^ SECOND_READER), this::files));
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "asking about the binary log", e);
    }
  }

  /** With the transactions before it, where it does not tell them. */
  private BinlogPosition named(BinlogPosition place, MySqlSession session) throws SQLException {
    if (place.gtids().isPresent()) {
      return place;
    }
    Optional<GtidSet> before =
        session.server().mariaDb()
            ? session
                .queryOne(
                    "SELECT BINLOG_GTID_POS(?, ?)",
                    row -> Optional.ofNullable(row.getString(1)),
                    place.file(),
                    place.offset())
                .flatMap(told -> told)
                .flatMap(GtidSet::parse)
            : new GtidSearch(session, new BinlogScan(settings, serverId())).before(place);
    return new BinlogPosition(place.file(), place.offset(), place.begun(), before);
  }

  private List<String> files() {
    try (MySqlSession session = session()) {
      return List.copyOf(BinlogStatus.files(session).keySet());
    } catch (SQLException e) {
      throw MySqlFailure.of(settings, "asking for the files of the binary log", e);
    }
  }

  private BinlogDecoder decoder(Request request, BinlogPosition from, MySqlServer server) {
    DefinitionHistory history = new DefinitionHistory(request.tables(), server);
    history.takeBack(new BinlogScan(settings, serverId()).statements(from));
    LoggedTables tables =
        new LoggedTables(
            history.tables(),
            history.replaced(),
            request.selected(),
            new PresentCatalog(settings),
            server);
    List<ChangeEvent> lost = new ArrayList<>();
    history
        .lost()
        .forEach((table, statement) ->
            tables.loseFromTheBeginning(table, statement).ifPresent(lost::add));
    return new BinlogDecoder(tables, from, lost);
  }

  private void refuseWhatIsGone(BinlogPosition from, Map<String, Long> files) {
    Long size = files.get(from.file());
    if (size == null) {
      String oldest = files.keySet().stream().findFirst().orElse("none");
      throw BinlogFailure.lost(settings, from, "the oldest file is " + oldest, null);
    }
    if (from.offset() > size) {
      throw BinlogFailure.tooShort(settings, from, "the file has " + size + " bytes", null);
    }
  }

  /**
   * Ours among all servers and replicas of the source: the same for all readers of the task, so
   * that a new one takes the place of one whose connection broke. In the upper half, where nobody
   * numbers servers by hand.
   */
  private long serverId() {
    CRC32 crc = new CRC32();
    crc.update(taskName.getBytes(StandardCharsets.UTF_8));
    return crc.getValue() | 0x80000000L;
  }

  /** Nothing of the task is left in the source once its connection ends. */
  @Override
  public void drop() {}

  @Override
  public void close() {}

  private MySqlSession session() {
    return MySqlSession.open(settings, MySqlSession.Role.READ).limitQueries();
  }
}
