package wherry.connector;

import java.util.Map;
import java.util.TreeMap;

/**
 * A database to connect to, in the API's words. Text only at this border: a connector's first act
 * is to read the settings into a typed record that reports every bad one at once.
 *
 * @param arn of the endpoint
 * @param engine as EngineName: {@code postgres}, {@code mysql}, {@code mariadb}, …
 * @param settings by wire name, case-insensitive: ServerName, Port, DatabaseName, Username,
 *     Password, SslMode, CertificatePem (the imported certificate's text), and those of the engine,
 *     whether they came as a structure or as extra connection attributes
 */
public record Endpoint(String arn, String engine, Map<String, String> settings) {
  public Endpoint {
    Map<String, String> anyCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    anyCase.putAll(settings);
    settings = java.util.Collections.unmodifiableMap(anyCase);
  }

  /** Names the settings, never their values: a password may be among them. */
  @Override
  public String toString() {
    return "Endpoint[" + arn + ", " + engine + ", " + settings.keySet() + "]";
  }
}
