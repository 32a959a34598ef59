package wherry.mapping;

import java.util.List;
import wherry.schema.TableSchema;

/**
 * A selected table.
 *
 * @param source with only the columns that are read
 * @param target the same columns, in the same order, under the names they have on the target
 * @param loadOrder higher loads first
 * @param notes rules that lost against another on the same object, for the task log
 */
public record MappedTable(
    TableSchema source, TableSchema target, int loadOrder, List<String> notes) {}
