package wherry.server.run;

import java.util.Locale;
import wherry.connector.Connector;
import wherry.connector.Database;
import wherry.connector.Endpoint;

/**
 * From the ARN of a stored endpoint to its database, on the side that the endpoint is for. Safe for
 * all threads.
 */
public final class EndpointDatabases {
  private final Engines engines;
  private final EndpointResolver endpoints;

  public EndpointDatabases(Engines engines, EndpointResolver endpoints) {
    this.engines = engines;
    this.endpoints = endpoints;
  }

  /**
   * Opens nothing yet; the settings are checked here.
   *
   * @throws wherry.error.DmsException SETTING_INVALID, naming every bad setting
   */
  public Database open(String endpointArn) {
    Endpoint endpoint = endpoints.resolve(endpointArn);
    Connector connector = engines.of(endpoint.engine());
    String type = endpoint.settings().getOrDefault("EndpointType", "").toLowerCase(Locale.ROOT);
    return type.equals("target") ? connector.target(endpoint) : connector.source(endpoint);
  }
}
