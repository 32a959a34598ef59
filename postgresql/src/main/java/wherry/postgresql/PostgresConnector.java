package wherry.postgresql;

import java.util.List;
import java.util.Set;
import wherry.connector.Connector;
import wherry.connector.Endpoint;
import wherry.connector.EndpointSetting;
import wherry.connector.ObjectCarrier;
import wherry.connector.ObjectRequest;
import wherry.connector.Source;
import wherry.connector.Target;

/** PostgreSQL 10 and later, Aurora PostgreSQL included. */
public final class PostgresConnector implements Connector {
  private static final String BOTH = "Source and target. ";
  private static final String SOURCE = "Source. ";
  private static final String TARGET = "Target. ";
  private static final String ACCEPTED = " Accepted; a full load does not need it.";

  private static final List<EndpointSetting> SETTINGS =
      List.of(
          text("ServerName", BOTH + "Host name or address."),
          integer("Port", "", 1, 65_535, "5432", BOTH + "TCP port."),
          text("DatabaseName", BOTH + "Database to connect to."),
          text("Username", BOTH + "Login role."),
          new EndpointSetting(
              "Password", "string", List.of(), true, "", BOTH + "Password of the role.", 0, 0, ""),
          text("AfterConnectScript", TARGET + "SQL that each session runs first."),
          integer(
              "ExecuteTimeout",
              "seconds",
              1,
              86_400,
              "60",
              BOTH
                  + "Limit of catalogue queries, and of waiting for locks when tables are prepared."
                  + " Rows are never limited."),
          integer(
              "ConnectionTimeout",
              "seconds",
              1,
              86_400,
              "10",
              BOTH + "Limit of connecting and logging in."),
          flag(
              "MapUnboundedNumericAsString",
              "false",
              SOURCE + "NUMERIC without precision is text to other engines."),
          flag("MapJsonbAsClob", "false", SOURCE + "JSONB is a CLOB and not an NCLOB."),
          choice(
              "MapLongVarcharAs",
              List.of("wstring", "clob", "nclob"),
              "wstring",
              SOURCE + "Type of VARCHAR longer than 16,387 characters."),
          flag(
              "TrimSpaceInChar",
              "true",
              SOURCE + "The padding of CHAR(n) never leaves PostgreSQL for another engine."),
          flag("MapBooleanAsBoolean", "false", BOTH + "A boolean is always carried as a boolean."),
          choice(
              "AuthenticationMethod",
              List.of("password", "iam"),
              "password",
              BOTH + "Only password is supported."),
          choice(
              "DatabaseMode",
              List.of("default", "babelfish"),
              "default",
              TARGET + "Only default is supported."),
          flag(
              "FailTasksOnLobTruncation",
              "false",
              SOURCE + "Nothing is cut unless the task's LOB settings say so."),
          flag(
              "DisableUnicodeSourceFilter",
              "false",
              SOURCE + "No filter on Unicode text exists here." + ACCEPTED),
          integer(
              "MaxFileSize",
              "KB",
              1,
              1_048_576,
              "32768",
              TARGET + "Rows are streamed, not staged in files." + ACCEPTED),
          flag(
              "CaptureDdls",
              "true",
              SOURCE + "Whether changes of definitions, learned from the log, are followed."),
          text(
              "DdlArtifactsSchema",
              SOURCE + "Schema of DDL capture objects. Accepted; none are made."),
          text(
              "SlotName",
              SOURCE
                  + "Logical replication slot with the plug-in pgoutput to read from; by default each"
                  + " task makes its own."),
          choice(
              "PluginName",
              List.of("no-preference", "test-decoding", "pglogical"),
              "no-preference",
              SOURCE + "Accepted; changes are always decoded by pgoutput."),
          flag(
              "HeartbeatEnable",
              "false",
              SOURCE + "Accepted; an idle slot is always kept moving, by a message in the log."),
          text("HeartbeatSchema", SOURCE + "Accepted; the heartbeat needs no table."),
          integer(
              "HeartbeatFrequency",
              "minutes",
              1,
              86_400,
              "5",
              SOURCE + "Accepted; the heartbeat comes every few seconds."));

  @Override
  public Set<String> engines() {
    return Set.of("postgres", "aurora-postgresql");
  }

  @Override
  public List<EndpointSetting> settings() {
    return SETTINGS;
  }

  @Override
  public Source source(Endpoint endpoint) {
    return new PostgresSource(PostgresSettings.from(endpoint));
  }

  @Override
  public Target target(Endpoint endpoint) {
    return new PostgresTarget(PostgresSettings.from(endpoint));
  }

  @Override
  public ObjectCarrier objects(ObjectRequest request) {
    return new PostgresObjects(request);
  }

  private static EndpointSetting text(String name, String applicability) {
    return new EndpointSetting(name, "string", List.of(), false, "", applicability, 0, 0, "");
  }

  private static EndpointSetting flag(String name, String byDefault, String applicability) {
    return new EndpointSetting(
        name, "boolean", List.of(), false, "", applicability, 0, 0, byDefault);
  }

  private static EndpointSetting choice(
      String name, List<String> values, String byDefault, String applicability) {
    return new EndpointSetting(name, "enum", values, false, "", applicability, 0, 0, byDefault);
  }

  private static EndpointSetting integer(
      String name, String units, int min, int max, String byDefault, String applicability) {
    return new EndpointSetting(
        name, "integer", List.of(), false, units, applicability, min, max, byDefault);
  }
}
