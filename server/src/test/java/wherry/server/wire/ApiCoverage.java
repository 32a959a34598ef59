package wherry.server.wire;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The page {@code docs/api-coverage.md}: what each operation of the contracts answers. */
final class ApiCoverage {
  private ApiCoverage() {}

  /** One service's part of the page. */
  record Part(
      String title,
      Contract contract,
      Set<String> carriedOut,
      Map<String, UnavailableOperations.Answer> unavailable) {}

  static String render(Part dms, Part elastiCache) {
    return """
    # API coverage

    Every operation of two APIs is answered, on one port, in one of three ways: it **works**; it gives an **honest
    fault**, one that AWS's own model declares for the operation, with a message that says why; or it gives an **empty
    truth**, a list with nothing in it because nothing can be in it (asked for something in particular it answers that it
    is not there, as AWS does). `sts:GetCallerIdentity` works on the same port.

    This page is generated from the routes by a test (`ApiCoverageTest`), which fails when the page is out of date.
    """
        + section(dms)
        + section(elastiCache);
  }

  private static String section(Part part) {
    Map<String, String> kinds = new TreeMap<>();
    StringBuilder rows = new StringBuilder();
    for (String operation : part.contract().operations()) {
      boolean works = part.carriedOut().contains(operation);
      UnavailableOperations.Answer answer = part.unavailable().get(operation);
      String kind = works ? "works" : kind(answer);
      kinds.merge(kind, "|", String::concat);
      String detail = works || answer == null ? "" : answer.summary();
      rows.append("| ")
          .append(operation)
          .append(" | ")
          .append(kind)
          .append(" | ")
          .append(detail)
          .append(" |\n");
    }
    return """

    ## %s

    %d operations: %d work, %d give an honest fault, %d an empty truth.

    | Operation | Answer | What it says |
    | --- | --- | --- |
    """
            .formatted(
                part.title(),
                part.contract().operations().size(),
                kinds.getOrDefault("works", "").length(),
                kinds.getOrDefault("honest fault", "").length(),
                kinds.getOrDefault("empty truth", "").length())
        + rows;
  }

  private static String kind(UnavailableOperations.Answer answer) {
    return switch (answer) {
      case UnavailableOperations.Refused refused -> "honest fault";
      case UnavailableOperations.Missing missing -> "honest fault";
      case UnavailableOperations.Empty empty -> "empty truth";
    };
  }
}
