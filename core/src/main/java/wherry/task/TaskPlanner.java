package wherry.task;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import wherry.connector.ChangeLog;
import wherry.connector.Database;
import wherry.connector.LoadLedger;
import wherry.connector.Snapshot;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mapping.AppliedRules;
import wherry.mapping.MappedTable;
import wherry.plan.ColumnPlan;
import wherry.plan.Finding;
import wherry.plan.Finding.Subject;
import wherry.plan.TablePlan;
import wherry.plan.TaskPlan;
import wherry.schema.Column;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.transform.OutputColumn;

/**
 * Tells what a run of a task would do, by asking those whom the run asks: the same mapping, the
 * same preparation of tables, the same checks of the log, and for a sample of each table the same
 * way through reader, rules and writer, into tables that nobody ever sees. Goes on after a failure,
 * so that all of them are told at once. Of one thread.
 */
public final class TaskPlanner {
  /** Of each table, unless someone says otherwise. */
  public static final long SAMPLE_ROWS = 10_000;

  private final TaskDefinition definition;
  private final Source source;
  private final Target target;
  private final long sampleRows;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param sampleRows of each table at most; 0 for none
   */
  public TaskPlanner(TaskDefinition definition, Source source, Target target, long sampleRows) {
    this.definition = definition;
    this.source = source;
    this.target = target;
    this.sampleRows = sampleRows;
  }

  /** Asks both databases and moves nothing; what stands in the way is told and not thrown. */
  public TaskPlan plan() throws InterruptedException {
    boolean sourceAnswers = answers(source, Subject.SOURCE);
    boolean targetAnswers = answers(target, Subject.TARGET);
    if (!sourceAnswers || !targetAnswers) {
      return new TaskPlan(List.of(), List.of(), List.of(), findings);
    }
    TaskMapping mapping = TaskMapping.of(definition, source, target);
    for (String warning : definition.mapping().warnings()) {
      findings.add(Finding.note(Subject.MAPPING, Optional.empty(), warning + "."));
    }
    List<TableSchema> found =
        attempt(Subject.SOURCE, Optional.empty(), () -> selected(mapping)).orElse(List.of());
    List<MappedTable> mapped = mapped(found, mapping);
    List<String> capture = definition.type().capturesChanges() ? capture(found, mapped) : List.of();
    return new TaskPlan(tables(found, mapped), control(), capture, findings);
  }

  /** Each once: what load and changes both need is there when the second of them looks. */
  private List<String> control() {
    return attempt(
            Subject.TARGET,
            Optional.empty(),
            () -> {
              Set<String> statements = new LinkedHashSet<>();
              try (LoadLedger ledger =
                  target.ledger(definition.name(), definition.settings().controlSchema())) {
                statements.addAll(ledger.preparation());
              }
              if (definition.type().capturesChanges()) {
                statements.addAll(target.changesPreparation(definition.changeRequest()));
              }
              return List.copyOf(statements);
            })
        .orElse(List.of());
  }

  /** Whether it can be reached at all; a right that is missing does not end the plan. */
  private boolean answers(Database database, Subject subject) {
    try {
      database.test();
      return true;
    } catch (DmsException e) {
      findings.add(Finding.failure(subject, Optional.empty(), e));
      return e.code() == ErrorCode.PRIVILEGE_MISSING;
    }
  }

  private List<TableSchema> selected(TaskMapping mapping) {
    TableSelection.Search search = TableSelection.search(definition, source, mapping);
    List<TableSchema> found = search.tables();
    if (found.isEmpty()) {
      findings.add(
          new Finding(
              definition.settings().failOnNoTables() ? Finding.Effect.FAILS : Finding.Effect.NOTE,
              Subject.SELECTION,
              Optional.empty(),
              "",
              0,
              "The selection rules match no table that the source's user may see. Names are"
                  + " matched as the source writes them; the source has the schemas "
                  + source.schemas()
                  + "."));
    }
    for (TableStatistics missing : TableSelection.missing(source, mapping, found)) {
      findings.add(
          new Finding(
              Finding.Effect.LOSES,
              Subject.SELECTION,
              Optional.of(missing.table()),
              "",
              0,
              missing.message()));
    }
    for (String note : search.notes()) {
      findings.add(Finding.note(Subject.MAPPING, Optional.empty(), note + "."));
    }
    return found;
  }

  /** Those that the rules fit, with every one that they do not fit told. */
  private List<MappedTable> mapped(List<TableSchema> found, TaskMapping mapping) {
    List<TableSchema> fit =
        found.stream()
            .filter(table ->
                attempt(Subject.MAPPING, Optional.of(table.id()), () -> mapping.map(table))
                    .isPresent())
            .toList();
    List<MappedTable> mapped =
        attempt(Subject.MAPPING, Optional.empty(), () -> mapping.map(fit))
            .orElseGet(() -> fit.stream().map(mapping::map).toList());
    for (MappedTable table : mapped) {
      for (String note : table.notes()) {
        findings.add(Finding.note(Subject.MAPPING, Optional.of(table.source().id()), note + "."));
      }
    }
    return mapped;
  }

  private List<String> capture(List<TableSchema> found, List<MappedTable> mapped) {
    try (ChangeLog log = source.changeLog(definition.name())) {
      Optional<ChangeLog.Prospect> prospect =
          attempt(Subject.CHANGE_CAPTURE, Optional.empty(), () -> log.prospect(found));
      prospect.stream()
          .flatMap(p -> p.refused().stream())
          .forEach(e -> findings.add(Finding.failure(Subject.CHANGE_CAPTURE, Optional.empty(), e)));
      for (MappedTable table : mapped) {
        attempt(
                Subject.CHANGE_CAPTURE,
                Optional.of(table.source().id()),
                () -> LogNeeds.unmet(table, foundAs(found, table.source().id()), log))
            .flatMap(unmet -> unmet)
            .ifPresent(
                e -> findings.add(Finding.failure(Subject.CHANGE_CAPTURE, Optional.empty(), e)));
      }
      return prospect.map(ChangeLog.Prospect::statements).orElse(List.of());
    } catch (DmsException e) {
      findings.add(Finding.failure(Subject.CHANGE_CAPTURE, Optional.empty(), e));
      return List.of();
    }
  }

  private List<TablePlan> tables(List<TableSchema> found, List<MappedTable> mapped)
      throws InterruptedException {
    if (mapped.isEmpty()) {
      return List.of();
    }
    List<TableSchema> schemas = mapped.stream().map(MappedTable::source).toList();
    List<TablePlan> plans = new ArrayList<>();
    Set<String> told = new HashSet<>();
    try (Snapshot snapshot = source.snapshot(schemas, 1)) {
      for (String exception : snapshot.exceptions(schemas)) {
        findings.add(Finding.note(Subject.SOURCE, Optional.empty(), exception));
      }
      for (MappedTable table : mapped) {
        plans.add(table(table, foundAs(found, table.source().id()), snapshot, told));
      }
    } catch (DmsException e) {
      findings.add(Finding.failure(Subject.SOURCE, Optional.empty(), e));
    }
    return plans;
  }

  /**
   * @param told statements that an earlier table needs, too; each is run once
   */
  private TablePlan table(MappedTable table, TableSchema found, Snapshot snapshot, Set<String> told)
      throws InterruptedException {
    TableId id = table.source().id();
    TaskSettings settings = definition.settings();
    boolean deferKey = definition.type().loads() && FullLoad.keyAfterLoad(settings, table, target);
    Optional<Target.Preparation> preparation =
        attempt(
            Subject.TARGET_TABLE,
            Optional.of(id),
            () -> target.preparation(table.target(), definition.prepareMode(), deferKey));
    long expected =
        attempt(Subject.SOURCE, Optional.of(id), () -> snapshot.estimatedRows(table.source()))
            .orElse(0L);
    TableSample sample = new TableSample(definition, table, found, target, sampleRows);
    if (preparation.isPresent()) {
      sample.of(snapshot, findings);
    }
    List<String> statements =
        preparation.map(Target.Preparation::statements).orElse(List.of()).stream()
            .filter(told::add)
            .toList();
    List<String> afterLoad =
        new ArrayList<>(preparation.map(Target.Preparation::afterLoad).orElse(List.of()));
    if (preparation.isPresent() && definition.type().loads() && settings.indexesAfterLoad()) {
      afterLoad.addAll(indexes(table));
    }
    return new TablePlan(
        id,
        table.target().id(),
        table.rules().selection(),
        table.rules().transformations().stream()
            .filter(use -> !use.object().startsWith("column "))
            .map(AppliedRules.Use::rule)
            .distinct()
            .toList(),
        !table.filter().isEveryRow(),
        columns(table, found, preparation.map(Target.Preparation::types).orElse(List.of())),
        statements,
        afterLoad,
        sample.rowsOf(expected),
        sample.bytesOf(sample.rowsOf(expected)),
        sample.read(),
        sample.rejected());
  }

  private List<String> indexes(MappedTable table) {
    Optional<TableId> id = Optional.of(table.source().id());
    Optional<Target.IndexPreparation> indexes =
        attempt(
            Subject.TARGET_TABLE,
            id,
            () -> target.indexPreparation(table.target(), definition.prepareMode()));
    indexes.stream()
        .flatMap(found -> found.notes().stream())
        .forEach(note -> findings.add(Finding.note(Subject.TARGET_TABLE, id, note)));
    return indexes.map(Target.IndexPreparation::statements).orElse(List.of());
  }

  private static List<ColumnPlan> columns(
      MappedTable table, TableSchema found, List<String> types) {
    List<ColumnPlan> columns = new ArrayList<>();
    Set<String> arrived = new HashSet<>();
    AppliedRules rules = table.rules();
    for (int i = 0; i < table.target().columns().size(); i++) {
      String name = table.target().columns().get(i).name();
      String source = sourceOf(table.transform().columns().get(i));
      String type = i < types.size() ? types.get(i) : "";
      arrived.add(source);
      columns.add(
          new ColumnPlan(
              source,
              source.isEmpty() ? "" : typeOf(found, source),
              name,
              type,
              source.isEmpty()
                  ? rules.ofAdded(name, found.id())
                  : rules.ofColumn(source, found.id())));
    }
    for (Column column : found.columns()) {
      if (!arrived.contains(column.name())) {
        columns.add(
            new ColumnPlan(
                column.name(),
                column.nativeType().name(),
                "",
                "",
                rules.ofColumn(column.name(), found.id())));
      }
    }
    return columns;
  }

  private static String typeOf(TableSchema found, String column) {
    return found.columns().stream()
        .filter(c -> c.name().equals(column))
        .map(c -> c.nativeType().name())
        .findFirst()
        .orElse("");
  }

  private static String sourceOf(OutputColumn column) {
    return switch (column.content()) {
      case OutputColumn.Copied copied -> copied.source();
      case OutputColumn.Converted converted -> converted.source();
      case OutputColumn.BeforeImage image -> image.source();
      case OutputColumn.Computed computed -> "";
      case OutputColumn.Empty empty -> "";
    };
  }

  private static TableSchema foundAs(Collection<TableSchema> found, TableId id) {
    return found.stream().filter(table -> table.id().equals(id)).findFirst().orElseThrow();
  }

  /** What fails is a finding, and the plan goes on. */
  private <T> Optional<T> attempt(Subject subject, Optional<TableId> table, Supplier<T> question) {
    try {
      return Optional.of(question.get());
    } catch (DmsException e) {
      findings.add(Finding.failure(subject, table, e));
      return Optional.empty();
    }
  }
}
