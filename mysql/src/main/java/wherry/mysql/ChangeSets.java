package wherry.mysql;

import java.io.ByteArrayInputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mariadb.jdbc.message.client.QueryPacket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wherry.change.NetChanges;
import wherry.change.RowSet;
import wherry.connector.TableRoute;
import wherry.row.RowBatch;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Applies many changes of a table by few statements. What is to be inserted goes straight into the
 * table; what is to be updated or deleted goes into a temporary table whose columns have the
 * table's types, and is joined from there, so that values are compared as the table itself compares
 * them.
 */
final class ChangeSets {
  private static final Logger log = LoggerFactory.getLogger(ChangeSets.class);

  /** Up to so many rows, a statement each is less work than a temporary table. */
  private static final int SINGLY_MAX = 16;

  private static final int LOAD_BYTES_MAX = 4 << 20;
  private static final int INSERT_BYTES_MAX = 1 << 20;
  private static final String STAGE = "awsdms_changes";

  private final MySqlSession session;
  private final RowStatements statements;
  private final Bytes buffer;
  private final TableId stage;
  private final boolean loadData;
  private final Set<TableId> notStaged = new HashSet<>();
  private boolean staged;

  /**
   * @param database where the temporary table is made
   */
  ChangeSets(
      MySqlSession session,
      RowStatements statements,
      Bytes buffer,
      String database,
      boolean loadData) {
    this.session = session;
    this.statements = statements;
    this.buffer = buffer;
    this.stage = new TableId(database, STAGE);
    this.loadData = loadData;
  }

  /**
   * Whether the row may be too long for a statement of its own, and LOAD DATA can carry it. As a
   * literal a byte becomes two at most, and the WHERE of a row without key tells it again.
   */
  boolean isTooLongForStatement(RowBatch batch, int row) {
    int last = batch.schema().columns().size() - 1;
    long bytes = batch.end(row, last) - (long) batch.start(row, 0);
    return loadData && 4 * bytes > statements.statementBytesMax();
  }

  private boolean isWorthStaging(RowSet rows) {
    boolean worth = rows.count() > SINGLY_MAX;
    for (int i = 0; i < rows.count() && !worth; i++) {
      worth = isTooLongForStatement(rows.batch(i), rows.row(i));
    }
    return worth;
  }

  /** Rows deleted. */
  long delete(ChangeStatements singly, RowSet rows) throws SQLException {
    TableRoute route = singly.route();
    if (!stage(route, route.key(), rows)) {
      long deleted = 0;
      for (int i = 0; i < rows.count(); i++) {
        deleted += singly.delete(rows.batch(i), rows.row(i));
      }
      return deleted;
    }
    return statements.run(
        new QueryPacket(
            "DELETE t FROM "
                + MySqlNames.quoted(stage)
                + " s STRAIGHT_JOIN "
                + MySqlNames.quoted(route.target().id())
                + " t ON "
                + keyMatches(route)));
  }

  /** Rows found. */
  long update(ChangeStatements singly, NetChanges.Update update) throws SQLException {
    TableRoute route = singly.route();
    RowSet rows = update.rows();
    List<Integer> columns = Stream.concat(route.key().stream(), update.columns().stream()).toList();
    if (!stage(route, columns, rows)) {
      long updated = 0;
      for (int i = 0; i < rows.count(); i++) {
        updated += singly.update(rows.batch(i), rows.row(i), false, rows.row(i), update.columns());
      }
      return updated;
    }
    List<String> assignments = new ArrayList<>();
    for (int i = route.key().size(); i < columns.size(); i++) {
      String name = route.target().columns().get(columns.get(i)).name();
      assignments.add("t." + MySqlNames.quoted(name) + "=s.c" + i);
    }
    return statements.run(
        new QueryPacket(
            "UPDATE "
                + MySqlNames.quoted(stage)
                + " s STRAIGHT_JOIN "
                + MySqlNames.quoted(route.target().id())
                + " t ON "
                + keyMatches(route)
                + " SET "
                + String.join(",", assignments)));
  }

  /** Rows inserted. */
  long insert(TableRoute route, RowSet rows) throws SQLException {
    send(new RowEncoder(route.rows().columns(), route.target()), rows);
    return rows.count();
  }

  private static String keyMatches(TableRoute route) {
    List<String> conditions = new ArrayList<>();
    for (int i = 0; i < route.key().size(); i++) {
      Column column = route.target().columns().get(route.key().get(i));
      conditions.add(RowCondition.join(column, "t." + MySqlNames.quoted(column.name()), "s.c" + i));
    }
    return String.join(" AND ", conditions);
  }

  /**
   * Puts the columns' cells of the rows into the temporary table, if that is possible and worth it.
   */
  private boolean stage(TableRoute route, List<Integer> columns, RowSet rows) throws SQLException {
    if (!isWorthStaging(rows) || route.key().isEmpty() || notStaged.contains(route.target().id())) {
      return false;
    }
    List<Column> staging = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      staging.add(route.target().columns().get(columns.get(i)).withName("c" + i));
    }
    if (!createStage(route, staging)) {
      return false;
    }
    int[] places = columns.stream().mapToInt(Integer::intValue).toArray();
    TableSchema table = new TableSchema(stage, staging, Optional.empty());
    send(new RowEncoder(route.rows().columns(), places, table), rows);
    return true;
  }

  /**
   * Creating and dropping a temporary table does not end the transaction ("Statements That Cause an
   * Implicit Commit"). Its key puts the rows into the order in which the table has them, which
   * makes joining cheaper by a fifth.
   */
  private boolean createStage(TableRoute route, List<Column> columns) throws SQLException {
    dropStage();
    int keyColumns = route.key().size();
    List<String> definitions = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      String type = columns.get(i).nativeType().name();
      definitions.add(
          columns.get(i).name() + " " + type + (i < keyColumns ? " NOT NULL" : " NULL"));
    }
    String key =
        String.join(",", columns.subList(0, keyColumns).stream().map(Column::name).toList());
    try {
      session.execute(
          "CREATE TEMPORARY TABLE "
              + MySqlNames.quoted(stage)
              + " ("
              + String.join(", ", definitions)
              + ", PRIMARY KEY ("
              + key
              + ")) ENGINE=InnoDB ROW_FORMAT=DYNAMIC");
      staged = true;
      return true;
    } catch (SQLException e) {
      if (MySqlFailure.isConnection(e)) {
        throw e;
      }
      notStaged.add(route.target().id());
      log.info(
          "Updates and deletes of {} go one by one, which is slower: the target {} makes no temporary table for them ({})."
              + " If a privilege is missing, run there: GRANT CREATE TEMPORARY TABLES ON {}.* TO {};",
          route.target().id(),
          session.settings().where(),
          MySqlFailure.said(e),
          MySqlNames.quoted(stage.schema()),
          MySqlNames.literal(session.settings().user()));
      return false;
    }
  }

  private void dropStage() throws SQLException {
    if (staged) {
      session.execute("DROP TEMPORARY TABLE IF EXISTS " + MySqlNames.quoted(stage));
      staged = false;
    }
  }

  /** Sends rows in statements of bounded size; each row is taken as it is, or all is refused. */
  private void send(RowEncoder encoder, RowSet rows) throws SQLException {
    byte[] head = loadData ? new byte[0] : encoder.insertHead();
    int bytesMax = loadData ? LOAD_BYTES_MAX : INSERT_BYTES_MAX;
    int first = 0;
    while (first < rows.count()) {
      buffer.clear();
      buffer.add(head);
      int indexZeroCells = 0;
      int next = first;
      while (next < rows.count() && (next == first || buffer.length() < bytesMax)) {
        RowBatch batch = rows.batch(next);
        int row = rows.row(next);
        RowEncoder.Finding finding = encoder.check(batch, row);
        if (finding != null) {
          throw ChangeRefusals.of(encoder.column(finding.column()).name(), finding.refusal());
        }
        if (loadData) {
          encoder.addFields(batch, row, buffer);
        } else {
          buffer.add(next == first ? ' ' : ',');
          encoder.addTuple(batch, row, buffer);
        }
        indexZeroCells += encoder.indexZeroCells(batch, row);
        next++;
      }
      sendBuffer(encoder, next - first, indexZeroCells);
      first = next;
    }
  }

  /**
   * LOAD DATA LOCAL implies IGNORE: what is there already is skipped with a warning, which counts
   * as a refusal here.
   */
  private void sendBuffer(RowEncoder encoder, int count, int indexZeroCells) throws SQLException {
    long taken =
        loadData
            ? statements.runStrictly(
                new QueryPacket(
                    encoder.loadStatement(),
                    new ByteArrayInputStream(buffer.array(), 0, buffer.length())),
                encoder,
                indexZeroCells)
            : statements.runStrictly(new SqlBytes(buffer, "INSERT"), encoder, indexZeroCells);
    if (taken != count) {
      throw ChangeRefusals.of(
          new RowStatements.Warning(0, "the server took " + taken + " rows of " + count));
    }
  }
}
