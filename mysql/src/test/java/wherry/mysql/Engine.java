package wherry.mysql;

import java.util.LinkedHashMap;
import java.util.Map;
import wherry.connector.Endpoint;
import wherry.connector.Source;
import wherry.connector.Target;
import wherry.sandbox.MariaDbServer;
import wherry.sandbox.MySqlFamilyServer;
import wherry.sandbox.MySqlServer;
import wherry.sandbox.ServerOptions;

/** The two servers that the tests share; each starts when first used and ends with the JVM. */
enum Engine {
  MARIADB,
  MYSQL;

  private static final Map<Engine, MySqlFamilyServer> RUNNING = new LinkedHashMap<>();

  MySqlFamilyServer server() {
    synchronized (RUNNING) {
      return RUNNING.computeIfAbsent(this, Engine::start);
    }
  }

  private static MySqlFamilyServer start(Engine engine) {
    MySqlFamilyServer server =
        engine == MARIADB ? MariaDbServer.start(options()) : MySqlServer.start(options());
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    return server;
  }

  private static wherry.sandbox.ServerOptions options() {
    return ServerOptions.standard().with("local_infile", "1");
  }

  /** Drops the database if it is there, and creates it; forgets all tasks. */
  void fresh(String database) {
    server().execute("DROP DATABASE IF EXISTS awsdms_control");
    server().execute("DROP DATABASE IF EXISTS `" + database + "`");
    server().createDatabase(database);
  }

  void execute(String database, String... statements) {
    server().executeIn(database, statements);
  }

  Endpoint endpoint(String... settings) {
    return endpoint(server(), settings);
  }

  static Endpoint endpoint(MySqlFamilyServer server, String... settings) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("ServerName", server.host());
    all.put("Port", Integer.toString(server.port()));
    all.put("Username", server.user());
    all.put("Password", server.password());
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    return new Endpoint("arn:test", server instanceof MariaDbServer ? "mariadb" : "mysql", all);
  }

  Source source(String... settings) {
    return new MySqlConnector().source(endpoint(settings));
  }

  Target target(String... settings) {
    return new MySqlConnector().target(endpoint(settings));
  }
}
