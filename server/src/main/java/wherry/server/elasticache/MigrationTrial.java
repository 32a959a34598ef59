package wherry.server.elasticache;

import java.util.List;
import wherry.redis.migration.Finding;
import wherry.redis.migration.SourceCheck;

/** Looks at both sides of a migration that has not begun; what it finds become events. */
final class MigrationTrial {
  private MigrationTrial() {}

  /** Returns at once; a thread of the caches looks. */
  static void begin(Caches caches, String id, NamedServer source) {
    CacheEvents events = caches.events();
    caches.later(() -> {
      events.group(id, "Test migration from " + source + " begins for " + id);
      try {
        List<Finding> findings = SourceCheck.check(caches.migrationRequest(id, source));
        boolean fails =
            findings.stream().anyMatch(each -> each.severity() == Finding.Severity.ERROR);
        findings.forEach(each -> events.group(id, sentence(each)));
        events.group(id, "Test Migration " + (fails ? "failed" : "successful") + " for " + id);
      } catch (RuntimeException e) {
        events.failed(id, "Test Migration failed for " + id, e);
      }
    });
  }

  private static String sentence(Finding finding) {
    String text =
        "Test migration "
            + finding.severity().name()
            + " "
            + finding.code()
            + ": "
            + finding.message();
    return finding.remedy().isEmpty() ? text : text + " " + finding.remedy();
  }
}
