package wherry.redis;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rooms of this module and the arrows between them (docs/architecture.md). */
class ArchitectureTest {
  private static final JavaClasses REDIS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("wherry.redis");

  @Test
  void protocol_knows_neither_rdb_nor_migrations_and_rdb_knows_no_migrations() {
    noClasses()
        .that()
        .resideInAnyPackage("wherry.redis.protocol..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("wherry.redis.rdb..", "wherry.redis.migration..")
        .check(REDIS);
    noClasses()
        .that()
        .resideInAnyPackage("wherry.redis.rdb..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("wherry.redis.migration..")
        .check(REDIS);
  }

  @Test
  void of_core_only_its_errors_are_known() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "wherry.redis..",
            "wherry.error..",
            "java..",
            "javax.net..",
            "org.slf4j..",
            "org.jspecify..")
        .check(REDIS);
  }

  @Test
  void nobody_prints_or_sleeps() {
    noClasses().should().accessField(System.class, "out").check(REDIS);
    noClasses().should().accessField(System.class, "err").check(REDIS);
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(REDIS);
  }
}
