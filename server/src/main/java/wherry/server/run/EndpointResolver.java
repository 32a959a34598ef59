package wherry.server.run;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import wherry.connector.Connector;
import wherry.connector.Endpoint;
import wherry.connector.EndpointSetting;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.server.store.Resource;
import wherry.server.store.ResourceKind;
import wherry.server.store.Store;

/**
 * From the ARN of a stored endpoint to what a connector needs, secrets included. Safe for all
 * threads.
 */
public final class EndpointResolver {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Store store;
  private final Engines engines;

  public EndpointResolver(Store store, Engines engines) {
    this.store = store;
    this.engines = engines;
  }

  /**
   * The endpoint as it is now. Declared settings come in the API's spelling. Of a setting that was
   * given in several places the engine's structure and the top-level field win over the extra
   * connection attribute.
   *
   * @throws DmsException SETTING_INVALID when the endpoint or its certificate is gone
   */
  public Endpoint resolve(String arn) {
    JsonNode stored = JSON.readTree(require(ResourceKind.ENDPOINT, arn).wireJson());
    String engine = stored.path("EngineName").asString("");
    List<EndpointSetting> declared =
        engines.find(engine).map(Connector::settings).orElse(List.of());
    Map<String, String> settings = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    new ExtraAttributes(stored.path("ExtraConnectionAttributes").asString(""))
        .attributes()
        .forEach(attribute ->
            settings.put(attribute.name(), spelled(declared, attribute.name(), attribute.value())));
    stored.forEachEntry((name, value) -> {
      if (value.isObject()) {
        value.forEachEntry(
            (member, text) -> settings.put(member, spelled(declared, member, text.asString())));
      } else {
        settings.put(name, value.asString());
      }
    });
    settings.putAll(store.resources().secrets(arn));
    new Certificates(store).addTo(settings);
    return new Endpoint(arn, engine, settings);
  }

  /**
   * As the API spells it; a value that is none of the setting's stays for the connector to refuse.
   */
  private static String spelled(List<EndpointSetting> declared, String name, String value) {
    return SettingValue.declared(declared, name)
        .map(setting -> {
          try {
            return SettingValue.canonical(setting, value).asString();
          } catch (IllegalArgumentException e) {
            return value;
          }
        })
        .orElse(value);
  }

  private Resource require(ResourceKind kind, String arn) {
    return store
        .resources()
        .find(arn)
        .filter(resource -> resource.kind() == kind)
        .orElseThrow(() ->
            new DmsException(
                ErrorCode.SETTING_INVALID, "There is no resource " + arn + " any more."));
  }
}
