package wherry.connector;

import java.util.List;
import java.util.Set;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/** One family of databases. Stateless; safe for all threads. */
public interface Connector {
  /** The EngineNames that it serves. */
  Set<String> engines();

  /** The settings that it understands. */
  List<EndpointSetting> settings();

  /**
   * Opens nothing yet; the settings are checked here.
   *
   * @throws DmsException SETTING_INVALID, naming every bad setting
   */
  Source source(Endpoint endpoint);

  /** As {@link #source}. */
  Target target(Endpoint endpoint);

  /**
   * Carries schema objects between two databases of this family. Opens nothing yet; the settings of
   * both sides are checked here.
   *
   * @throws DmsException SETTING_INVALID, naming every bad setting, or because this family cannot
   */
  default ObjectCarrier objects(ObjectRequest request) {
    throw new DmsException(
        ErrorCode.SETTING_INVALID,
        "Schema objects cannot be carried between databases of engine "
            + request.source().engine()
            + ". Use a replication task, which moves tables with their keys.");
  }
}
