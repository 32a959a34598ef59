package wherry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents name exists: files, commands, flags, code and tests. */
class DocsTest {
  private static final Path ROOT = root();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");
  private static final Pattern COMMAND =
      Pattern.compile("\\./wherry ([a-z]+)((?: +(?:--)?[\\w./:-]+)*)");
  private static final Pattern FLAG = Pattern.compile("--[a-z][a-z-]*");
  private static final Pattern TEST_NAME = Pattern.compile("`(\\w+Test|\\w+IT|…)\\.?(\\w+)`");
  private static final Pattern UPHOLDER = Pattern.compile("`([A-Z]\\w+)\\.(\\w+)`");
  private static final Pattern INVARIANT =
      Pattern.compile("(?s)\\*\\*(D\\d+)\\. .*?\\*Upheld by\\*(.*?)\\*Tests?:\\*");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern MACHINE_PATH =
      Pattern.compile("(?<![\\w.])/(work|home|root|Users|tmp)/");

  static Stream<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    for (Path folder : List.of(ROOT, ROOT.resolve("docs"), ROOT.resolve("docs/adr"))) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
      }
    }
    return documents.stream();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void every_relative_link_leads_somewhere(Path document) throws IOException {
    List<String> dead =
        matches(LINK, Files.readString(document))
            .map(link -> link.group(1))
            .filter(link -> !link.contains("://"))
            .filter(link -> !Files.exists(document.resolveSibling(link)))
            .toList();

    assertThat(dead).as("dead links of %s", ROOT.relativize(document)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void no_path_of_somebodys_machine_is_told(Path document) throws IOException {
    assertThat(Files.readString(document)).doesNotContainPattern(MACHINE_PATH);
  }

  @ParameterizedTest
  @MethodSource("documents")
  void every_wherry_command_and_flag_is_in_its_help(Path document) throws Exception {
    String help = help();
    matches(COMMAND, Files.readString(document))
        .forEach(command -> {
          String name = command.group(1);
          assertThat(help)
              .as("%s names ./wherry %s", document.getFileName(), name)
              .containsPattern("(?m)^  \\./wherry " + name + "\\b");
          if (!name.equals("test")) { // It hands its options on to Maven.
            matches(FLAG, command.group(2))
                .forEach(flag ->
                    assertThat(help)
                        .as("%s names ./wherry %s %s", document.getFileName(), name, flag.group())
                        .containsPattern(
                            "(?m)^  \\./wherry " + name + "\\b.*" + flag.group() + "\\b"));
          }
        });
  }

  @Test
  void every_invariant_names_tests_that_exist() throws IOException {
    String text = Files.readString(ROOT.resolve("docs/data-integrity.md"));
    String type = "";
    int found = 0;
    for (MatchResult name : matches(TEST_NAME, text).toList()) {
      type = name.group(1).equals("…") ? type : name.group(1);
      assertThat(source(type)).as("test %s", name.group()).contains(" " + name.group(2) + "(");
      found++;
    }
    assertThat(found).isGreaterThan(15);
  }

  @Test
  void every_invariant_names_the_methods_that_uphold_it() throws IOException {
    String text = Files.readString(ROOT.resolve("docs/data-integrity.md"));
    List<MatchResult> invariants = matches(INVARIANT, text).toList();
    assertThat(invariants)
        .extracting(invariant -> invariant.group(1))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, invariants.size()).mapToObj(i -> "D" + i).toList());
    for (MatchResult invariant : invariants) {
      assertThat(matches(CODE, invariant.group(2)))
          .as(invariant.group(1))
          .isNotEmpty()
          .allSatisfy(name -> assertThat(name.group(1)).matches("[A-Z]\\w+\\.[a-z]\\w+"));
      for (MatchResult name : matches(UPHOLDER, invariant.group(2)).toList()) {
        assertThat(source(name.group(1)))
            .as("%s names %s", invariant.group(1), name.group())
            .containsPattern("(?m)^  (?:[\\w@<>\\[\\],.? ]+ )?" + name.group(2) + "\\(");
      }
    }
  }

  @Test
  void every_invariant_that_code_names_is_written_down() throws IOException {
    String text = Files.readString(ROOT.resolve("docs/data-integrity.md"));
    for (Path source : sources()) {
      matches(Pattern.compile("(?:// |\\()(D\\d+)[:)]"), Files.readString(source))
          .forEach(invariant ->
              assertThat(text)
                  .as("%s names it", source.getFileName())
                  .contains("**" + invariant.group(1) + ". "));
    }
  }

  @Test
  void decisions_are_numbered_without_gaps_and_each_has_its_parts() throws IOException {
    List<Path> decisions =
        documents().filter(document -> document.getParent().endsWith("adr")).toList();
    for (int i = 0; i < decisions.size(); i++) {
      String text = Files.readString(decisions.get(i));
      assertThat(decisions.get(i).getFileName().toString()).startsWith("%04d-".formatted(i + 1));
      assertThat(text)
          .startsWith("# %d. ".formatted(i + 1))
          .contains("Status: ", "## Context", "## Decision", "## Consequences");
    }
  }

  private static Stream<MatchResult> matches(Pattern pattern, String text) {
    return pattern.matcher(text).results();
  }

  private static String source(String type) throws IOException {
    Path file =
        sources().stream()
            .filter(path -> path.getFileName().toString().equals(type + ".java"))
            .findFirst()
            .orElseThrow(
                () -> new AssertionError("The documents name " + type + ", which does not exist"));
    return Files.readString(file);
  }

  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path folder :
          modules.map(module -> module.resolve("src")).filter(Files::isDirectory).toList()) {
        try (Stream<Path> files = Files.walk(folder)) {
          files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
        }
      }
    }
    return sources;
  }

  private static String help() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(ROOT.resolve("wherry").toString(), "help")
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text;
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("docs/data-integrity.md"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
