package wherry.postgresql;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The partitions of a table, at all levels below it, that hold rows or can, as they were at one
 * look.
 *
 * @param horizon every transaction before it was over at the look; numbered with its epoch
 * @param columns tells the table's columns from those that it had or will have
 * @param members by oid
 */
record PartitionSet(long horizon, String columns, Map<Long, Partition> members) {
  /**
   * @param name quoted
   * @param file which changes when all rows are written anew or none are left
   * @param holdsRows or held some, or it could not be said
   * @param attached whether it was a table of its own before
   */
  record Partition(String name, long file, boolean holdsRows, boolean attached) {}

  PartitionSet {
    members = Map.copyOf(members);
  }

  /** Whether the look has found nothing that another has not. */
  boolean isSameAs(PartitionSet other) {
    return columns.equals(other.columns) && texts().equals(other.texts());
  }

  /** {@code horizon:columns} and {@code oid:file:rows:name} of each partition. */
  String text() {
    return horizon + ":" + columns + " " + texts();
  }

  private String texts() {
    return new TreeMap<>(members)
        .entrySet().stream()
            .map(member ->
                "%d:%d:%d:%s"
                    .formatted(
                        member.getKey(),
                        member.getValue().file(),
                        member.getValue().holdsRows() ? 1 : 0,
                        URLEncoder.encode(member.getValue().name(), StandardCharsets.UTF_8)))
            .collect(Collectors.joining(" "));
  }

  static PartitionSet parse(String text) {
    String[] parts = text.strip().split(" ", -1);
    String[] whole = parts[0].split(":", -1);
    Map<Long, Partition> members = new TreeMap<>();
    for (int i = 1; i < parts.length; i++) {
      String[] member = parts[i].split(":", -1);
      members.put(
          Long.parseLong(member[0]),
          new Partition(
              URLDecoder.decode(member[3], StandardCharsets.UTF_8),
              Long.parseLong(member[1]),
              member[2].equals("1"),
              false));
    }
    return new PartitionSet(Long.parseLong(whole[0]), whole[1], members);
  }
}
