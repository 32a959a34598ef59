package wherry.server.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;

/**
 * The secrets of the service's own Secrets Manager, as logins: JSON with {@code username} and
 * {@code password}, as AWS's database secrets are. Safe for all threads.
 */
public final class Secrets {
  /** The name under which a secret's value is sealed. */
  public static final String VALUE = "SecretString";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Store store;

  public Secrets(Store store) {
    this.store = store;
  }

  /** Who logs in. */
  record Login(String user, String password) {
    Map<String, String> settings() {
      return Map.of("Username", user, "Password", password);
    }

    @Override
    public String toString() {
      return "Login[" + user + "]";
    }
  }

  /**
   * By name, by ARN, or by ARN without the six characters that end it.
   *
   * @param id as AWS takes it for SecretId
   */
  public Optional<Resource> find(String id) {
    List<Resource> all = store.resources().list(ResourceKind.SECRET);
    return all.stream()
        .filter(secret ->
            secret.arn().equals(id)
                || secret.identifier().equals(id)
                || secret.arn().substring(0, secret.arn().length() - 7).equals(id))
        .findFirst();
  }

  /**
   * @param id SecretsManagerSecretId
   * @param of what is logged in to, for messages
   * @throws DmsException SETTING_INVALID, telling what the secret lacks
   */
  Login login(@Nullable String id, String of) {
    if (id == null || id.isBlank()) {
      throw new DmsException(
          ErrorCode.SETTING_INVALID,
          of
              + " has no SecretsManagerSecretId, so nobody knows who logs in. Create a secret"
              + " {\"username\": …, \"password\": …} and name it with ModifyMigrationProject.");
    }
    Resource secret =
        find(id)
            .orElseThrow(() ->
                new DmsException(
                    ErrorCode.SETTING_INVALID,
                    "There is no secret "
                        + id
                        + " in this service. Make it with: aws secretsmanager create-secret --name"
                        + " … --secret-string '{\"username\": …, \"password\": …}'."));
    String value = store.resources().secrets(secret.arn()).getOrDefault(VALUE, "");
    try {
      JsonNode json = JSON.readTree(value);
      String user = json.path("username").asString("");
      if (!user.isEmpty()) {
        return new Login(user, json.path("password").asString(""));
      }
    } catch (JacksonException e) {
      // Told below without the cause, whose message would quote the value.
    }
    throw new DmsException(
        ErrorCode.SETTING_INVALID,
        "The secret "
            + secret.identifier()
            + " has no username. Its value must be JSON with username and password; set it with:"
            + " aws secretsmanager put-secret-value.");
  }
}
