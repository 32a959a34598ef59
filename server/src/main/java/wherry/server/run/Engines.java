package wherry.server.run;

import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import wherry.connector.Connector;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.mysql.MySqlConnector;
import wherry.postgresql.PostgresConnector;

/** The engines that this build serves. Immutable, for any thread. */
public final class Engines {
  private final TreeMap<String, Connector> connectors = new TreeMap<>();

  public Engines(List<Connector> connectors) {
    for (Connector connector : connectors) {
      connector.engines().forEach(engine -> this.connectors.put(engine, connector));
    }
  }

  /** All of them. */
  public static Engines ofThisBuild() {
    return new Engines(List.of(new PostgresConnector(), new MySqlConnector()));
  }

  /** EngineNames, sorted. */
  public NavigableSet<String> names() {
    return new TreeSet<>(connectors.navigableKeySet());
  }

  public Optional<Connector> find(String engine) {
    return Optional.ofNullable(connectors.get(engine));
  }

  /**
   * The connector of an engine.
   *
   * @throws DmsException SETTING_INVALID when no connector serves it
   */
  public Connector of(String engine) {
    return find(engine)
        .orElseThrow(() ->
            new DmsException(
                ErrorCode.SETTING_INVALID,
                "The engine "
                    + engine
                    + " is not served by this build, which serves "
                    + String.join(", ", names())
                    + "."));
  }
}
