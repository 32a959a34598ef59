package wherry.task;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import wherry.connector.ScriptedLog;
import wherry.fixture.Fixture;
import wherry.fixture.FixtureTable;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/** A fixture of one table and its rules, with all that is expected. */
record MappingCase(String name, Fixture fixture) {
  static MappingCase parse(String name, String text) {
    return new MappingCase(name, Fixture.parse(text));
  }

  FixtureTable table() {
    return fixture.tables().getFirst();
  }

  String rules() {
    return fixture.rules().orElseThrow();
  }

  TableSchema source() {
    return table().source();
  }

  OptionalInt partitionColumn() {
    return table().partitionColumn();
  }

  List<List<@Nullable String>> rows() {
    return table().rows();
  }

  /** The target's table. */
  String target() {
    return table().loaded().getFirst().substring(2).strip();
  }

  List<String> loaded() {
    return table().loaded().subList(1, table().loaded().size());
  }

  List<ScriptedLog.Write> changes() {
    TableId id = source().id();
    return table().changes().stream()
        .map(change ->
            switch (change.operation()) {
              case INSERT -> new ScriptedLog.Insert(id, change.row());
              case UPDATE -> new ScriptedLog.Update(id, change.key(), change.row());
              case DELETE -> (ScriptedLog.Write) new ScriptedLog.Delete(id, change.key());
            })
        .toList();
  }

  List<String> changed() {
    List<String> lines = table().changed();
    return lines.isEmpty() ? lines : lines.subList(1, lines.size());
  }

  /** Only the name, for the list of tests. */
  @Override
  public String toString() {
    return name;
  }
}
