package wherry.server.wire;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The page {@code docs/api-coverage.md}: what each operation of the contract answers. */
final class ApiCoverage {
  private ApiCoverage() {}

  static String render(Contract contract, Set<String> carriedOut) {
    Map<String, String> kinds = new TreeMap<>();
    StringBuilder rows = new StringBuilder();
    for (String operation : contract.operations()) {
      boolean works = carriedOut.contains(operation);
      UnavailableOperations.Answer answer = UnavailableOperations.find(operation).orElse(null);
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
    # API coverage

    All %d operations of the AWS DMS API 2016-01-01 are answered, each in one of three ways: %d **work**; %d give an
    **honest fault**, one that AWS's own model declares for the operation, with a message that says why; %d give an
    **empty truth**, a list with nothing in it because nothing can be in it (with filters that name something in
    particular they answer `ResourceNotFoundFault`, as AWS does). `sts:GetCallerIdentity` works on the same port.

    This page is generated from the routes by a test (`ApiCoverageTest`), which fails when the page is out of date.

    | Operation | Answer | What it says |
    | --- | --- | --- |
    """
            .formatted(
                contract.operations().size(),
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
