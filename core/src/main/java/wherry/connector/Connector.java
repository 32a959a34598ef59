package wherry.connector;

import java.util.List;
import java.util.Set;

/** One family of databases. Stateless; safe for all threads. */
public interface Connector {
  /** The EngineNames that it serves. */
  Set<String> engines();

  /** The settings that it understands. */
  List<EndpointSetting> settings();

  /**
   * Opens nothing yet; the settings are checked here.
   *
   * @throws wherry.error.DmsException SETTING_INVALID, naming every bad setting
   */
  Source source(Endpoint endpoint);

  /** As {@link #source}. */
  Target target(Endpoint endpoint);
}
