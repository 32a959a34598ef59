package wherry.server.elasticache;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A size of cache nodes. Here it only bounds a node's memory, to what AWS gives the same type
 * (ElastiCache user guide, "Redis OSS node-type specific parameters").
 *
 * @param maxMemoryBytes of all that a node holds, the reserved part included
 */
record NodeType(String name, long maxMemoryBytes) {
  static final String DEFAULT = "cache.t4g.micro";

  private static final Map<String, NodeType> TYPES = types();

  static Optional<NodeType> of(String name) {
    return Optional.ofNullable(TYPES.get(name));
  }

  static List<NodeType> all() {
    return List.copyOf(TYPES.values());
  }

  private static Map<String, NodeType> types() {
    Map<String, NodeType> types = new LinkedHashMap<>();
    for (String family : List.of("t2", "t3", "t4g")) {
      boolean old = family.equals("t2");
      add(types, family + ".micro", old ? 581_959_680L : 536_870_912L);
      add(types, family + ".small", old ? 1_665_138_688L : 1_471_026_299L);
      add(types, family + ".medium", old ? 3_461_349_376L : 3_317_862_236L);
    }
    for (String family : List.of("m5", "m6g", "m7g")) {
      add(types, family + ".large", 6_854_542_746L);
      add(types, family + ".xlarge", 13_892_921_753L);
      add(types, family + ".2xlarge", 27_969_678_295L);
      add(types, family + ".4xlarge", 56_116_178_124L);
      add(types, family + ".8xlarge", 111_865_225_216L);
    }
    for (String family : List.of("r5", "r6g", "r7g")) {
      add(types, family + ".large", 14_037_181_030L);
      add(types, family + ".xlarge", 28_261_849_702L);
      add(types, family + ".2xlarge", 56_711_183_565L);
      add(types, family + ".4xlarge", 113_609_865_216L);
      add(types, family + ".8xlarge", 225_000_375_228L);
    }
    return types;
  }

  private static void add(Map<String, NodeType> types, String name, long bytes) {
    types.put("cache." + name, new NodeType("cache." + name, bytes));
  }
}
