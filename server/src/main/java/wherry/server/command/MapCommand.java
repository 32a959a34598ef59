package wherry.server.command;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wherry.error.DmsException;
import wherry.expression.sqlite.SqliteEvaluator;
import wherry.fixture.Fixture;
import wherry.fixture.FixtureException;
import wherry.fixture.FixtureTable;
import wherry.fixture.TableLine;
import wherry.fixture.TableOutcome;
import wherry.mapping.AppliedRules;
import wherry.mapping.MappedTable;
import wherry.mapping.MappingException;
import wherry.mapping.TableMapping;
import wherry.schema.TableId;
import wherry.schema.TableSchema;
import wherry.server.command.CommandFiles.Unusable;
import wherry.task.MappingTrial;
import wherry.task.TaskDefinition;
import wherry.task.TaskSettings;

/** {@code ./wherry map}: a mapping on the rows of a file, without any database. */
@Command(
    name = "map",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs table mappings on the rows of a file, without any database, and prints what comes out.",
      "The rows go through the code that a task runs: filter, character substitution, expressions, types, masks, names."
    },
    footer = {
      "",
      "A fixture holds tables with rows, and changes if you like; docs/mappings.md is full of them:",
      "",
      "  app.orders (id int4 key, total numeric(8,2))",
      "  1 | 9.99",
      "  2 | NULL",
      "",
      "  update 1: 1 | 12.50",
      "  delete 2",
      "",
      "What is printed is the fixture with what has come out in it, behind ->. Put that into the file (--update), and from",
      "then on the command compares. ~x in place of a cell is any text that matches the regular expression x.",
      "",
      "Exit code: 0 as expected, or nothing was expected; 1 other than expected, or a table is refused that nobody expects",
      "to be; 2 files or mappings that cannot be used."
    })
public final class MapCommand implements Callable<Integer> {
  private static final int DIFFERENT = 1;
  private static final int UNUSABLE = 2;
  private static final TableMapping.NameCase NAMES = new TableMapping.NameCase(false, false);

  @Option(
      names = "--mappings",
      paramLabel = "FILE",
      description = "table-mapping JSON; without it, the rules at the top of the fixture count")
  private @Nullable Path mappings;

  @Option(
      names = "--rows",
      paramLabel = "FILE",
      required = true,
      description = "the fixture: tables with rows and changes, and what is expected of them")
  @SuppressWarnings("NullAway.Init") // set by picocli
  private Path rows;

  @Option(
      names = "--expected",
      paramLabel = "FILE",
      description = "a golden file to compare with, in place of what the fixture itself expects")
  private @Nullable Path expected;

  @Option(
      names = "--settings",
      paramLabel = "FILE",
      description = "task settings JSON, for TargetSchema, SupportLobs and CharacterSetSettings")
  private @Nullable Path settings;

  @Option(
      names = "--update",
      description = "write what comes out into the golden file, or else into the fixture")
  private boolean update;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      return run(out, err);
    } catch (Unusable e) {
      err.println("wherry map: " + e.getMessage());
    } catch (MappingException e) {
      err.println("wherry map: " + e.lines());
    } catch (FixtureException e) {
      err.println("wherry map: " + rows + ": " + e.getMessage());
    }
    return UNUSABLE;
  }

  private int run(PrintWriter out, PrintWriter err) throws InterruptedException {
    Fixture fixture = Fixture.parse(CommandFiles.read(rows));
    if (expected != null && (!update || expected.toFile().exists())) {
      fixture = fixture.expecting(Fixture.parse(CommandFiles.read(expected)));
    }
    if (fixture.tables().isEmpty()) {
      throw new Unusable(rows + " has no table; see ./wherry map --help for how one is written.");
    }
    TableMapping mapping = mapping(fixture);
    TaskSettings taskSettings = CommandFiles.settings(settings);
    List<TableOutcome> outcomes = new ArrayList<>();
    List<MapReport.Table> tables = new ArrayList<>();
    for (FixtureTable table : fixture.tables()) {
      MapReport.Table told = tried(table, mapping, taskSettings);
      tables.add(told);
      outcomes.add(told.outcome());
    }
    String text = fixture.with(outcomes);
    List<String> warnings = warnings(mapping, fixture);
    out.print(json ? MapReport.json(warnings, tables) : text);
    out.flush();
    warnings.forEach(warning -> err.println("wherry map: " + warning + "."));
    if (update) {
      CommandFiles.write(expected == null ? rows : expected, text);
      return 0;
    }
    List<String> differences = fixture.differences(outcomes);
    if (!differences.isEmpty()) {
      err.println("wherry map: other than expected (- expected, + came):");
      differences.forEach(err::println);
    }
    boolean refused =
        tables.stream().anyMatch(table -> table.refused() && table.fixture().loaded().isEmpty());
    return differences.isEmpty() && !refused ? 0 : DIFFERENT;
  }

  /** What a task log would have, if the tables of the fixture were all that the source has. */
  private static List<String> warnings(TableMapping mapping, Fixture fixture) {
    List<TableSchema> selected =
        fixture.tables().stream()
            .map(FixtureTable::source)
            .filter(table -> mapping.selects(table.id(), table.kind(), false))
            .toList();
    Map<TableId, TableSchema.Kind> offered = new TreeMap<>();
    fixture.tables().forEach(table -> offered.put(table.source().id(), table.source().kind()));
    List<String> warnings = new ArrayList<>(mapping.warnings());
    warnings.addAll(mapping.looseUnderscores(offered, false));
    if (!selected.isEmpty()) {
      warnings.addAll(mapping.unusedTransformations(selected, NAMES));
    }
    return warnings;
  }

  private TableMapping mapping(Fixture fixture) {
    if (mappings != null) {
      return TableMapping.parse(CommandFiles.read(mappings), new SqliteEvaluator());
    }
    return TableMapping.parse(
        fixture
            .rules()
            .orElseThrow(() ->
                new Unusable(
                    "There are no rules: name a file with --mappings, or begin the fixture with"
                        + " rules.")),
        new SqliteEvaluator());
  }

  private static MapReport.Table tried(
      FixtureTable table, TableMapping mapping, TaskSettings settings) throws InterruptedException {
    if (!mapping.selects(table.source().id(), table.source().kind(), false)) {
      return new MapReport.Table(
          table, null, outcome("not selected", TableOutcome.Rows.NONE, TableOutcome.Rows.NONE));
    }
    TaskDefinition definition =
        new TaskDefinition("map", mapping, settings, TaskDefinition.Start.FRESH, List.of());
    try (MappingTrial trial = new MappingTrial(definition, table.source(), NAMES)) {
      MappedTable mapped = trial.mapped();
      TableOutcome.Rows loaded = rows(trial.load(table.rowBatch()));
      TableOutcome.Rows changed = rows(trial.change(table.rowChanges()));
      return new MapReport.Table(
          table,
          mapped,
          new TableOutcome(TableLine.shown(mapped.target()), comments(mapped), loaded, changed));
    } catch (DmsException e) {
      return new MapReport.Table(
          table,
          null,
          outcome("refused: " + e.getMessage(), TableOutcome.Rows.NONE, TableOutcome.Rows.NONE));
    }
  }

  private static TableOutcome outcome(
      String head, TableOutcome.Rows loaded, TableOutcome.Rows changed) {
    return new TableOutcome(head, List.of(), loaded, changed);
  }

  private static TableOutcome.Rows rows(MappingTrial.Step step) {
    return new TableOutcome.Rows(step.rows(), step.rejected(), step.filtered());
  }

  private static List<String> comments(MappedTable mapped) {
    List<String> comments = new ArrayList<>();
    comments.add("selected by rule " + MapReport.list(mapped.rules().selection()));
    for (AppliedRules.Use use : mapped.rules().transformations()) {
      comments.add("rule " + use.rule() + ": " + use.object());
    }
    comments.addAll(mapped.notes());
    return comments;
  }
}
