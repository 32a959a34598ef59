package wherry.mysql;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Transactions by their names, which all servers that have them share. MySQL writes a set as {@code
 * uuid:1-77:80,uuid:5}; MariaDB names the last one of each domain, {@code 0-1-100,1-1-7}, and means
 * all before it too.
 *
 * @param intervals by server UUID or domain, each list in order with gaps in between
 */
record GtidSet(Map<String, List<Interval>> intervals) {
  private static final Pattern MARIADB = Pattern.compile("(\\d{1,10})-(\\d{1,10})-(\\d{1,18})");
  private static final Pattern MYSQL =
      Pattern.compile(
          "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})((?::\\d{1,18}(?:-\\d{1,18})?)+)");

  /** The first byte of a "Previous_gtids_event" in which names may have tags, since MySQL 8.3. */
  private static final int TAGGED = 1;

  /**
   * Both ends belong to it.
   *
   * @param server of MariaDB's last one; empty for MySQL
   */
  record Interval(long first, long last, String server) {
    private boolean contains(long number) {
      return first <= number && number <= last;
    }

    private boolean contains(Interval other) {
      return first <= other.first && other.last <= last;
    }

    private String text(String source) {
      if (!server.isEmpty()) {
        return source + "-" + server + "-" + last;
      }
      return first == last ? ":" + first : ":" + first + "-" + last;
    }
  }

  static GtidSet none() {
    return new GtidSet(Map.of());
  }

  /** The set of a text, which may be that of no transaction; empty when it is not a set. */
  static Optional<GtidSet> parse(String text) {
    if (text.isBlank()) {
      return Optional.of(none());
    }
    Map<String, List<Interval>> intervals = new LinkedHashMap<>();
    for (String part : text.toLowerCase(Locale.ROOT).replaceAll("\\s", "").split(",", -1)) {
      Matcher mariaDb = MARIADB.matcher(part);
      Matcher mySql = MYSQL.matcher(part);
      if (mariaDb.matches()) {
        long last = Long.parseLong(mariaDb.group(3));
        add(intervals, mariaDb.group(1), new Interval(0, last, mariaDb.group(2)));
      } else if (mySql.matches()) {
        for (String range : mySql.group(2).substring(1).split(":", -1)) {
          String[] ends = range.split("-", -1);
          long last = Long.parseLong(ends[ends.length - 1]);
          add(intervals, mySql.group(1), new Interval(Long.parseLong(ends[0]), last, ""));
        }
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(merged(intervals));
  }

  private static void add(Map<String, List<Interval>> intervals, String source, Interval interval) {
    intervals.computeIfAbsent(source, key -> new ArrayList<>()).add(interval);
  }

  private static GtidSet merged(Map<String, List<Interval>> intervals) {
    Map<String, List<Interval>> merged = new TreeMap<>();
    intervals.forEach((source, all) -> merged.put(source, merged(all)));
    return new GtidSet(merged);
  }

  private static List<Interval> merged(List<Interval> intervals) {
    List<Interval> merged = new ArrayList<>();
    intervals.stream()
        .sorted(Comparator.comparingLong(Interval::first).thenComparingLong(Interval::last))
        .forEach(next -> {
          Interval before = merged.isEmpty() ? null : merged.getLast();
          if (before == null || next.first > before.last + 1) {
            merged.add(next);
          } else if (next.last > before.last) {
            merged.set(merged.size() - 1, new Interval(before.first, next.last, next.server));
          }
        });
    return merged;
  }

  /**
   * "Previous_gtids_event": what all files before this one hold; the ends there are exclusive.
   *
   * @return empty where names have tags, which no position can have
   */
  static Optional<GtidSet> previous(BinlogEvent event) {
    Map<String, List<Interval>> intervals = new LinkedHashMap<>();
    ByteCursor in = ByteCursor.of(event);
    long servers = in.number(8);
    if (servers >>> 56 == TAGGED) {
      return Optional.empty();
    }
    for (; servers > 0; servers--) {
      String uuid = Gtid.uuid(in.take(16));
      for (long ranges = in.number(8); ranges > 0; ranges--) {
        long first = in.number(8);
        add(intervals, uuid, new Interval(first, in.number(8) - 1, ""));
      }
    }
    return Optional.of(merged(intervals));
  }

  /** "GTID_LIST_EVENT" of MariaDB: the last one of each domain and server before this file. */
  static GtidSet list(BinlogEvent event) {
    Map<String, List<Interval>> intervals = new LinkedHashMap<>();
    ByteCursor in = ByteCursor.of(event);
    for (long count = in.number(4) & 0x0FFFFFFF; count > 0; count--) {
      String domain = Long.toString(in.number(4));
      String server = Long.toString(in.number(4));
      add(intervals, domain, new Interval(0, in.number(8), server));
    }
    return merged(intervals);
  }

  /** Whether it has all transactions of the other. */
  boolean contains(GtidSet other) {
    return other.intervals.entrySet().stream()
        .allMatch(wanted ->
            wanted.getValue().stream()
                .allMatch(interval ->
                    of(wanted.getKey()).stream().anyMatch(own -> own.contains(interval))));
  }

  boolean contains(Gtid gtid) {
    return of(gtid.source()).stream().anyMatch(own -> own.contains(gtid.number()));
  }

  private List<Interval> of(String source) {
    return intervals.getOrDefault(source, List.of());
  }

  /** With one transaction more, which is usually the next of its source. */
  GtidSet plus(Gtid gtid) {
    if (contains(gtid)) {
      return this;
    }
    List<Interval> own = new ArrayList<>(of(gtid.source()));
    boolean mariaDb = !gtid.server().isEmpty();
    own.add(new Interval(mariaDb ? 0 : gtid.number(), gtid.number(), gtid.server()));
    Map<String, List<Interval>> more = new TreeMap<>(intervals);
    more.put(gtid.source(), merged(own));
    return new GtidSet(more);
  }

  /** As {@link #parse} reads it. */
  String text() {
    return intervals.entrySet().stream()
        .map(entry -> {
          String own =
              entry.getValue().stream()
                  .map(interval -> interval.text(entry.getKey()))
                  .collect(Collectors.joining());
          return own.startsWith(":") ? entry.getKey() + own : own;
        })
        .collect(Collectors.joining(","));
  }
}
