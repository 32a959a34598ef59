package wherry.mysql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a session learns about its server.
 *
 * @param mariaDb else MySQL
 * @param lowerCaseTableNames 0: names of tables and databases differ by case; 1 and 2: they do not
 * @param maxAllowedPacket bytes of a statement at most
 * @param localInfile whether LOAD DATA LOCAL is allowed
 * @param logsChanges log_bin
 */
record MySqlServer(
    boolean mariaDb,
    int major,
    int minor,
    int lowerCaseTableNames,
    long maxAllowedPacket,
    boolean localInfile,
    boolean logsChanges) {
  private static final Pattern VERSION = Pattern.compile("(?:5\\.5\\.5-)?(\\d+)\\.(\\d+)\\..*");

  static MySqlServer of(
      String version,
      int lowerCaseTableNames,
      long maxAllowedPacket,
      boolean localInfile,
      boolean logsChanges) {
    Matcher matcher = VERSION.matcher(version);
    boolean known = matcher.matches();
    return new MySqlServer(
        version.contains("MariaDB"),
        known ? Integer.parseInt(matcher.group(1)) : 0,
        known ? Integer.parseInt(matcher.group(2)) : 0,
        lowerCaseTableNames,
        maxAllowedPacket,
        localInfile,
        logsChanges);
  }

  boolean atLeast(int wantedMajor, int wantedMinor) {
    return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
  }

  boolean hasUuid() {
    return mariaDb && atLeast(10, 7);
  }

  /** RENAME COLUMN, of MariaDB from 10.5.2 on. */
  boolean renamesColumns() {
    return mariaDb ? atLeast(10, 6) : atLeast(8, 0);
  }

  boolean ignoresCaseOfNames() {
    return lowerCaseTableNames != 0;
  }
}
