package wherry;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The rooms of core and the arrows between them (docs/architecture.md). */
class ArchitectureTest {
  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("wherry");

  /** Each room and the rooms that it may know. */
  static Stream<Arguments> arrows() {
    return Stream.of(
        Arguments.of("schema", Set.of()),
        Arguments.of("error", Set.of("schema")),
        Arguments.of("row", Set.of("schema")),
        Arguments.of("flow", Set.of()),
        Arguments.of("change", Set.of("schema", "row")),
        Arguments.of("filter", Set.of("schema", "row")),
        Arguments.of("expression", Set.of("schema", "row")),
        Arguments.of("connector", Set.of("schema", "row", "change", "error", "filter")),
        Arguments.of(
            "transform", Set.of("schema", "row", "change", "filter", "expression", "connector")),
        Arguments.of(
            "mapping",
            Set.of("schema", "row", "change", "error", "filter", "expression", "transform")),
        Arguments.of("plan", Set.of("schema", "error")),
        Arguments.of("fixture", Set.of("schema", "row", "change")),
        Arguments.of(
            "task",
            Set.of(
                "schema",
                "row",
                "change",
                "error",
                "flow",
                "filter",
                "expression",
                "connector",
                "transform",
                "mapping",
                "plan")));
  }

  @ParameterizedTest(name = "{0} knows {1}")
  @MethodSource("arrows")
  void a_room_knows_only_the_rooms_that_its_arrows_point_to(String room, Set<String> known) {
    String[] others =
        arrows()
            .map(arrow -> (String) arrow.get()[0])
            .filter(other -> !other.equals(room) && !known.contains(other))
            .map(other -> "wherry." + other + "..")
            .toArray(String[]::new);

    if (others.length > 0) {
      noClasses()
          .that()
          .resideInAPackage("wherry." + room + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .check(CORE);
    }
  }

  @Test
  void every_room_is_on_the_plan() {
    Set<String> planned = Set.copyOf(arrows().map(arrow -> "wherry." + arrow.get()[0]).toList());

    assertThat(CORE.stream().map(type -> type.getPackageName()).distinct())
        .allMatch(planned::contains, "a room of the plan");
  }

  @Test
  void rooms_have_no_cycles() {
    slices().matching("wherry.(*)..").should().beFreeOfCycles().check(CORE);
  }

  @Test
  void core_knows_no_driver_no_aws_no_http_and_no_sql() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            are(resideInAnyPackage(
                    "wherry..",
                    "java.lang..",
                    "java.util..",
                    "java.nio..",
                    "java.time..",
                    "java.io..",
                    "java.math..",
                    "java.security..",
                    "tools.jackson..",
                    "org.jspecify..",
                    "org.slf4j.."))
                .and(not(resideInAnyPackage("java.util.logging.."))))
        .check(CORE);
  }

  @Test
  void nobody_prints_or_sleeps() {
    noClasses().should().accessField(System.class, "out").check(CORE);
    noClasses().should().accessField(System.class, "err").check(CORE);
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CORE);
    noClasses().should().callMethod(Thread.class, "sleep", java.time.Duration.class).check(CORE);
    noClasses().should().callMethod(Throwable.class, "printStackTrace").check(CORE);
  }

  @Test
  void every_room_says_what_it_is_and_keeps_nulls_out() {
    CORE.stream()
        .map(type -> type.getPackage())
        .distinct()
        .forEach(room ->
            assertThat(room.isAnnotatedWith("org.jspecify.annotations.NullMarked"))
                .as(room.getName())
                .isTrue());
  }
}
