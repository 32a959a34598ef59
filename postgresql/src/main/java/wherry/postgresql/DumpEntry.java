package wherry.postgresql;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One object in an archive's table of contents.
 *
 * @param id within the archive
 * @param kind in pg_dump's words, upper case: {@code TABLE}, {@code FK CONSTRAINT} …
 * @param section when it is to be restored
 * @param schema empty for what has none
 * @param name pg_dump's tag; of what hangs on a table it begins with the table's name
 * @param definition statements that make it
 * @param drop statement that removes it; empty where something else does
 * @param tablespace that it has on the source; empty for the database's own
 * @param dependencies ids of entries that have to be there before
 */
record DumpEntry(
    int id,
    String kind,
    Section section,
    String schema,
    String name,
    String definition,
    String drop,
    String tablespace,
    List<Integer> dependencies) {
  private static final Set<String> RELATIONS =
      Set.of("TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE");

  /** The numbers that teSection has in the archive (pg_backup.h). */
  enum Section {
    NONE,
    PRE_DATA,
    DATA,
    POST_DATA;

    static Section of(int number) {
      return values()[number - 1];
    }
  }

  /** Whether it is something that a selection rule can name. */
  boolean isRelation() {
    return RELATIONS.contains(kind);
  }

  /**
   * Whether it would wait for locks that the other takes on the table of both. Indexes of one table
   * are built side by side; a key locks out others, a foreign key from the table that it names too
   * (PostgreSQL manual, "Explicit Locking").
   */
  boolean waitsFor(DumpEntry other) {
    boolean bothShare = kind.equals("INDEX") && other.kind.equals("INDEX");
    return !bothShare && dependencies.stream().anyMatch(other.dependencies::contains);
  }

  /** As reports call it. */
  String reportKind() {
    return switch (kind) {
      case "FK CONSTRAINT" -> "foreign key";
      case "ACL" -> "grants";
      case "DEFAULT ACL" -> "default grants";
      default -> kind.toLowerCase(Locale.ROOT);
    };
  }

  /** {@code schema.name}. */
  String reportName() {
    return schema.isEmpty() ? name : schema + "." + name;
  }
}
