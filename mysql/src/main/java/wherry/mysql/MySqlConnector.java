package wherry.mysql;

import java.util.List;
import java.util.Set;
import wherry.connector.Connector;
import wherry.connector.Endpoint;
import wherry.connector.EndpointSetting;
import wherry.connector.ObjectCarrier;
import wherry.connector.ObjectRequest;
import wherry.connector.Source;
import wherry.connector.Target;

/** MySQL, MariaDB and Aurora MySQL, all through the MariaDB driver. */
public final class MySqlConnector implements Connector {
  @Override
  public Set<String> engines() {
    return Set.of("mysql", "mariadb", "aurora");
  }

  @Override
  public List<EndpointSetting> settings() {
    return List.of(
        text(
            "AfterConnectScript", "Statements to run after connecting, on a source or target.", ""),
        text("Initstmt", "Extra connection attribute: statements to run after connecting.", ""),
        choice(
            "TargetDbType",
            List.of("multiple-databases", "specific-database"),
            "On a target: one database for each of the source's schemas, or the one that DatabaseName names."),
        choice("AuthenticationMethod", List.of("password"), "How to log in."),
        text(
            "ServerTimezone",
            "On a source: accepted; instants are read in UTC whatever the server's zone is.",
            "UTC"),
        integer(
            "ExecuteTimeout",
            "seconds",
            "How long a catalogue query may take; 0 for no limit.",
            0,
            86400,
            "60"),
        integer(
            "ConnectionTimeout",
            "seconds",
            "Extra connection attribute: how long connecting may take.",
            1,
            3600,
            "10"),
        integer(
            "ParallelLoadThreads",
            "",
            "On a target: accepted; MaxFullLoadSubTasks decides.",
            1,
            64,
            "1"),
        flag(
            "loadUsingCSV",
            "Extra connection attribute of a target: LOAD DATA LOCAL, or multi-row INSERT.",
            "true"));
  }

  @Override
  public Source source(Endpoint endpoint) {
    return new MySqlSource(MySqlSettings.from(endpoint));
  }

  @Override
  public Target target(Endpoint endpoint) {
    return new MySqlTarget(MySqlSettings.from(endpoint));
  }

  @Override
  public ObjectCarrier objects(ObjectRequest request) {
    return new MySqlObjects(request);
  }

  private static EndpointSetting text(String name, String what, String otherwise) {
    return new EndpointSetting(name, "string", List.of(), false, "", what, 0, 0, otherwise);
  }

  private static EndpointSetting choice(String name, List<String> values, String what) {
    return new EndpointSetting(name, "enum", values, false, "", what, 0, 0, values.get(0));
  }

  private static EndpointSetting integer(
      String name, String units, String what, int min, int max, String otherwise) {
    return new EndpointSetting(name, "integer", List.of(), false, units, what, min, max, otherwise);
  }

  private static EndpointSetting flag(String name, String what, String otherwise) {
    return new EndpointSetting(name, "boolean", List.of(), false, "", what, 0, 0, otherwise);
  }
}
