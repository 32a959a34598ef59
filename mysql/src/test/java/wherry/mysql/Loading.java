package wherry.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wherry.connector.LoadCounts;
import wherry.connector.LoadLedger;
import wherry.connector.PrepareMode;
import wherry.connector.RejectedRow;
import wherry.connector.RejectionPolicy;
import wherry.connector.RowWriter;
import wherry.connector.Segment;
import wherry.connector.Target;
import wherry.row.RowBatchBuilder;
import wherry.row.RowFormat;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Key;
import wherry.schema.Meaning;
import wherry.schema.NativeType;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** Loads rows given as text into a table that has come from PostgreSQL. */
final class Loading {
  static final TableId SOURCE = new TableId("public", "t");
  static final TableId TARGET = new TableId("dst", "t");

  private final Target target;
  private final TableSchema source;
  final List<RejectedRow> rejected = new ArrayList<>();
  PrepareMode mode = PrepareMode.DROP_AND_CREATE;

  Loading(Engine engine, TableSchema source, boolean loadData) {
    this(engine.target("loadUsingCSV", Boolean.toString(loadData)), source);
  }

  Loading(Target target, TableSchema source) {
    this.target = target;
    this.source = source;
  }

  LoadCounts load(String[]... rows) throws InterruptedException {
    LoadLedger ledger = target.ledger("task", "");
    ledger.open();
    ledger.plan(SOURCE, List.of());
    TableSchema prepared = target.prepare(source.withId(TARGET), mode, false);
    ledger.plan(SOURCE, List.of(new Segment(0, "", rows.length, true)));
    RowBatchBuilder batch = new RowBatchBuilder(source);
    for (String[] row : rows) {
      for (String cell : row) {
        batch.add(cell);
      }
      batch.endRow();
    }
    RejectionPolicy policy =
        row -> {
          rejected.add(row);
          return RejectionPolicy.Decision.KEEP;
        };
    try (RowWriter writer =
        target.load(
            new Target.LoadRequest("task", "", source, prepared, RowFormat.CELLS, policy))) {
      writer.write(batch.build());
      LoadCounts counts = writer.finish();
      writer.commit(
          new LoadLedger.Done(
              SOURCE, 0, rows.length, 0, counts.loaded(), counts.rejected(), 0, ""));
      return counts;
    }
  }

  static TableSchema table(Column... columns) {
    return new TableSchema(SOURCE, List.of(columns), Optional.of(new Key(true, List.of(0))));
  }

  static Column postgres(
      String name, DataType type, String nativeName, int length, boolean nullable) {
    return new Column(
        name,
        type,
        Meaning.PLAIN,
        length,
        0,
        0,
        List.of(),
        nullable,
        new NativeType("postgresql", nativeName));
  }

  static Column postgres(
      String name,
      DataType type,
      Meaning meaning,
      String nativeName,
      int length,
      int precision,
      int scale,
      List<String> labels) {
    return new Column(
        name,
        type,
        meaning,
        length,
        precision,
        scale,
        labels,
        true,
        new NativeType("postgresql", nativeName));
  }
}
