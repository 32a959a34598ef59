package wherry.server.api;

import java.util.Map;
import java.util.TreeMap;
import wherry.server.run.Engines;
import wherry.server.wire.Fault;

/** The EngineNames of the DMS API (CreateEndpoint), with what the console calls them. */
final class EngineCatalog {
  /** The engine's own settings of PostgreSQL and its relatives. */
  static final String POSTGRESQL_STRUCTURE = "PostgreSQLSettings";

  private static final Map<String, String> DISPLAY_NAMES = new TreeMap<>();

  static {
    DISPLAY_NAMES.put("mysql", "MySQL");
    DISPLAY_NAMES.put("oracle", "Oracle");
    DISPLAY_NAMES.put("postgres", "PostgreSQL");
    DISPLAY_NAMES.put("mariadb", "MariaDB");
    DISPLAY_NAMES.put("aurora", "Amazon Aurora MySQL");
    DISPLAY_NAMES.put("aurora-postgresql", "Amazon Aurora PostgreSQL");
    DISPLAY_NAMES.put("opensearch", "Amazon OpenSearch Service");
    DISPLAY_NAMES.put("redshift", "Amazon Redshift");
    DISPLAY_NAMES.put("s3", "Amazon S3");
    DISPLAY_NAMES.put("db2", "IBM Db2 LUW");
    DISPLAY_NAMES.put("db2-zos", "IBM Db2 z/OS");
    DISPLAY_NAMES.put("azuredb", "Azure SQL Database");
    DISPLAY_NAMES.put("sybase", "SAP Sybase ASE");
    DISPLAY_NAMES.put("dynamodb", "Amazon DynamoDB");
    DISPLAY_NAMES.put("mongodb", "MongoDB");
    DISPLAY_NAMES.put("kinesis", "Amazon Kinesis");
    DISPLAY_NAMES.put("kafka", "Apache Kafka");
    DISPLAY_NAMES.put("elasticsearch", "Elasticsearch");
    DISPLAY_NAMES.put("docdb", "Amazon DocumentDB");
    DISPLAY_NAMES.put("sqlserver", "Microsoft SQL Server");
    DISPLAY_NAMES.put("neptune", "Amazon Neptune");
    DISPLAY_NAMES.put("babelfish", "Babelfish");
    DISPLAY_NAMES.put("redshift-serverless", "Amazon Redshift Serverless");
    DISPLAY_NAMES.put("aurora-serverless", "Amazon Aurora Serverless MySQL");
    DISPLAY_NAMES.put("aurora-postgresql-serverless", "Amazon Aurora Serverless PostgreSQL");
    DISPLAY_NAMES.put("gcp-mysql", "Google Cloud SQL for MySQL");
    DISPLAY_NAMES.put("azure-sql-managed-instance", "Azure SQL Managed Instance");
    DISPLAY_NAMES.put("redis", "Redis");
    DISPLAY_NAMES.put("dms-transfer", "DMS Transfer");
  }

  private EngineCatalog() {}

  static String displayName(String engine) {
    return DISPLAY_NAMES.getOrDefault(engine, engine);
  }

  /** The member of the endpoint that holds the engine's own settings. */
  static String structure(String engine) {
    return switch (engine) {
      case "mysql", "mariadb", "aurora", "aurora-serverless" -> "MySQLSettings";
      case "gcp-mysql" -> "GcpMySQLSettings";
      default -> POSTGRESQL_STRUCTURE;
    };
  }

  /**
   * @throws Fault InvalidParameterValueException for a name that the API does not know
   */
  static void requireKnown(String engine) {
    if (!DISPLAY_NAMES.containsKey(engine)) {
      throw Fault.invalidParameterValue("Invalid engine name: " + engine);
    }
  }

  /**
   * @throws Fault as {@link #requireKnown}; AccessDeniedFault for an engine that this build has no
   *     connector for
   */
  static void requireServed(Engines engines, String engine) {
    requireKnown(engine);
    if (!engines.names().contains(engine)) {
      throw Fault.accessDenied(
          "The engine "
              + engine
              + " ("
              + displayName(engine)
              + ") is not supported by this build of Wherry, which supports "
              + String.join(", ", engines.names())
              + ".");
    }
  }
}
