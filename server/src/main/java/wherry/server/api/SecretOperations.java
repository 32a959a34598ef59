package wherry.server.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.databasemigration.model.MigrationProject;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import wherry.server.run.Secrets;
import wherry.server.store.DuplicateResourceException;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;
import wherry.server.wire.JsonService;

/**
 * The few operations of AWS Secrets Manager (API version 2017-10-17) that logins of data providers
 * need. Values go in and never come out: GetSecretValue is refused. Safe for all threads.
 */
public final class SecretOperations implements JsonService {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9/_+=.@-]{1,512}");
  private static final int VALUE_CHARACTERS_MAX = 65_536;
  private static final int SUFFIX_CHARACTERS = 6;

  private final Store store;
  private final Secrets secrets;

  SecretOperations(Store store) {
    this.store = store;
    this.secrets = new Secrets(store);
  }

  @Override
  public ObjectNode answer(String operation, ObjectNode request, Caller caller) {
    return switch (operation) {
      case "CreateSecret" -> create(request, caller);
      case "PutSecretValue", "UpdateSecret" -> put(request);
      case "DescribeSecret" -> shown(require(request));
      case "ListSecrets" -> list();
      case "DeleteSecret" -> delete(request);
      case "GetSecretValue" ->
          throw Fault.of(
              "AccessDeniedException",
              "Values of secrets never leave this service; it reads them itself when it logs in to"
                  + " a database.");
      default ->
          throw Fault.of(
              "UnknownOperationException",
              "Of AWS Secrets Manager this service has CreateSecret, PutSecretValue, UpdateSecret,"
                  + " DescribeSecret, ListSecrets and DeleteSecret, not "
                  + operation
                  + ".");
    };
  }

  private ObjectNode create(ObjectNode request, Caller caller) {
    String name = request.path("Name").asString("");
    if (!NAME.matcher(name).matches()) {
      throw invalid("Name must have 1 to 512 letters, digits and /_+=.@- characters.");
    }
    Optional<String> value = value(request);
    String arn =
        "arn:%s:secretsmanager:%s:%s:secret:%s-%s"
            .formatted(
                caller.partition(),
                caller.region(),
                caller.accountId(),
                name,
                UUID.randomUUID().toString().substring(0, SUFFIX_CHARACTERS));
    Instant now = Instant.now();
    ObjectNode kept = JsonNodeFactory.instance.objectNode();
    kept.put("ARN", arn)
        .put("Name", name)
        .put("Description", request.path("Description").asString(""));
    changed(kept, now);
    kept.put("CreatedDate", now.getEpochSecond());
    try {
      store.atomically(() -> {
        store
            .resources()
            .insert(new Resource(ResourceKind.SECRET, arn, name, kept.toString(), now));
        value.ifPresent(text -> store.resources().putSecrets(arn, Map.of(Secrets.VALUE, text)));
        return arn;
      });
    } catch (DuplicateResourceException e) {
      throw Fault.of(
          "ResourceExistsException",
          "The operation failed because the secret " + name + " already exists.");
    }
    return named(kept);
  }

  private static Optional<String> value(ObjectNode request) {
    if (request.has("SecretBinary")) {
      throw invalid("Give SecretString; a login is JSON, and SecretBinary is not supported.");
    }
    Optional<String> value = request.path("SecretString").asStringOpt();
    if (value.filter(text -> text.length() > VALUE_CHARACTERS_MAX).isPresent()) {
      throw invalid("SecretString has more than " + VALUE_CHARACTERS_MAX + " characters.");
    }
    return value;
  }

  private static void changed(ObjectNode secret, Instant at) {
    secret.put("LastChangedDate", at.getEpochSecond());
    secret.put("VersionId", UUID.randomUUID().toString());
  }

  private ObjectNode put(ObjectNode request) {
    String value = value(request).orElseThrow(() -> invalid("SecretString is missing."));
    return store.atomically(() -> {
      Resource secret = require(request);
      ObjectNode kept = (ObjectNode) JSON.readTree(secret.wireJson());
      changed(kept, Instant.now());
      store.resources().replace(secret.withWireJson(kept.toString()));
      store.resources().putSecrets(secret.arn(), Map.of(Secrets.VALUE, value));
      return named(kept);
    });
  }

  private ObjectNode list() {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode list = answer.putArray("SecretList");
    store.resources().list(ResourceKind.SECRET).forEach(secret -> list.add(shown(secret)));
    return answer;
  }

  private ObjectNode delete(ObjectNode request) {
    return store.atomically(() -> {
      Resource secret = require(request);
      refuseUsed(secret);
      store.resources().delete(secret.arn());
      ObjectNode answer = JsonNodeFactory.instance.objectNode();
      answer.put("ARN", secret.arn()).put("Name", secret.identifier());
      return answer.put("DeletionDate", Instant.now().getEpochSecond());
    });
  }

  private void refuseUsed(Resource secret) {
    List<MigrationProject> users =
        ProjectUse.projects(store).list().stream()
            .map(Shelf.Item::shape)
            .filter(project ->
                ProjectUse.descriptors(project)
                    .anyMatch(d ->
                        Optional.ofNullable(d.secretsManagerSecretId())
                            .flatMap(secrets::find)
                            .filter(found -> found.arn().equals(secret.arn()))
                            .isPresent()))
            .toList();
    if (!users.isEmpty()) {
      throw Fault.of(
          "InvalidRequestException",
          "The secret "
              + secret.identifier()
              + " opens databases of migration project "
              + users.stream()
                  .map(MigrationProject::migrationProjectName)
                  .collect(Collectors.joining(", "))
              + ". Give the project another one first.");
    }
  }

  private Resource require(ObjectNode request) {
    String id = request.path("SecretId").asString("");
    return secrets
        .find(id)
        .orElseThrow(() ->
            Fault.of(
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret " + id + "."));
  }

  private static ObjectNode named(JsonNode secret) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    for (String member : List.of("ARN", "Name", "VersionId")) {
      answer.set(member, secret.path(member));
    }
    return answer;
  }

  private static ObjectNode shown(Resource secret) {
    ObjectNode kept = (ObjectNode) JSON.readTree(secret.wireJson());
    String version = kept.path("VersionId").asString("");
    kept.remove("VersionId");
    kept.putObject("VersionIdsToStages").putArray(version).add("AWSCURRENT");
    return kept;
  }

  private static Fault invalid(String message) {
    return Fault.of("InvalidParameterException", message);
  }
}
