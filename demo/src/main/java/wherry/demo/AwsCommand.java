package wherry.demo;

import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.services.databasemigration.model.DatabaseMigrationRequest;
import tools.jackson.databind.json.JsonMapper;

/** A request as the AWS CLI command that would send the same. */
final class AwsCommand {
  private static final String CONTINUED = " \\\n      ";
  private static final JsonMapper JSON_WRITER = new JsonMapper();

  private AwsCommand() {}

  /**
   * For instance {@code aws dms create-endpoint --endpoint-url … --endpoint-identifier x}, on
   * several lines.
   */
  static String of(URI endpoint, DatabaseMigrationRequest request) {
    String operation = request.getClass().getSimpleName().replaceAll("Request$", "");
    StringBuilder command =
        new StringBuilder("aws dms " + hyphenated(operation) + " --endpoint-url " + endpoint);
    request
        .sdkFields()
        .forEach(field -> {
          Object value = field.getValueOrDefault(request);
          if (value != null && !(value instanceof Collection<?> list && list.isEmpty())) {
            command.append(CONTINUED).append(option(hyphenated(field.memberName()), value));
          }
        });
    return command.toString();
  }

  /**
   * As the AWS CLI does it: {@code MultiAZ} is {@code multi-az}, {@code PostgreSQLSettings}
   * postgre-sql-settings.
   */
  static String hyphenated(String name) {
    return name.replaceAll("(.)([A-Z][a-z]+)", "$1-$2")
        .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
        .toLowerCase(Locale.ROOT);
  }

  private static String option(String name, Object value) {
    return switch (value) {
      case Boolean on -> on ? "--" + name : "--no-" + name;
      case SdkPojo structure ->
          "--" + name + " " + quoted(JSON_WRITER.writeValueAsString(plain(structure)));
      case Collection<?> list ->
          "--" + name + " " + quoted(JSON_WRITER.writeValueAsString(plain(list)));
      default -> "--" + name + " " + quoted(value.toString());
    };
  }

  private static Object plain(Object value) {
    return switch (value) {
      case SdkPojo structure -> {
        Map<String, Object> members = new LinkedHashMap<>();
        structure
            .sdkFields()
            .forEach(field -> {
              Object member = field.getValueOrDefault(structure);
              if (member != null && !(member instanceof Collection<?> list && list.isEmpty())) {
                members.put(field.memberName(), plain(member));
              }
            });
        yield members;
      }
      case Collection<?> list -> list.stream().map(AwsCommand::plain).toList();
      default -> value;
    };
  }

  /** In single quotes where the shell would otherwise read something into it. */
  static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./:@%+=,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
