package wherry.mapping;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import wherry.schema.Index;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

/**
 * Names of indexes for targets on which an index must not share its name with anything else in its
 * schema, as in PostgreSQL. The first table in load order keeps a name; indexes of others get the
 * name of their table before it. So the names do not depend on which table is loaded first.
 */
public final class IndexNames {
  private IndexNames() {}

  public static List<MappedTable> distinct(List<MappedTable> tables) {
    Set<TableId> taken =
        tables.stream()
            .map(table -> table.target().id())
            .collect(Collectors.toCollection(HashSet::new));
    return tables.stream().map(table -> table.withTarget(renamed(table.target(), taken))).toList();
  }

  private static TableSchema renamed(TableSchema table, Set<TableId> taken) {
    List<Index> indexes =
        table.indexes().stream()
            .map(index -> new Index(name(index, table.id(), taken), index.unique(), index.parts()))
            .toList();
    return new TableSchema(
        table.id(), table.kind(), table.columns(), table.key(), indexes, table.indexesLeftOut());
  }

  private static String name(Index index, TableId table, Set<TableId> taken) {
    String name = index.name();
    while (!taken.add(new TableId(table.schema(), name))) {
      name = table.name() + "_" + name;
    }
    return name;
  }
}
