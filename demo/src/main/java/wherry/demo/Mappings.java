package wherry.demo;

/** Table mappings of the demonstration and the benchmarks. */
public final class Mappings {
  private Mappings() {}

  /** All tables of a schema, under another schema's name in the target. */
  public static String wholeSchema(String schema, String targetSchema) {
    return """
    {"rules": [
      {"rule-type": "selection", "rule-id": "1", "rule-name": "all-tables", "rule-action": "include",
       "object-locator": {"schema-name": "%s", "table-name": "%%"}},
      {"rule-type": "transformation", "rule-id": "2", "rule-name": "rename-schema", "rule-action": "rename",
       "rule-target": "schema", "object-locator": {"schema-name": "%s"}, "value": "%s"}]}\
    """
        .formatted(schema, schema, targetSchema);
  }
}
