package wherry.server.api;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import wherry.server.wire.Fault;

/** The rules for names that users choose. Each method returns the name as it is stored. */
final class Identifiers {
  private static final Pattern LETTERS_DIGITS_HYPHENS =
      Pattern.compile("[A-Za-z](?:-?[A-Za-z0-9])*");
  private static final Pattern SUBNET_GROUP = Pattern.compile("[A-Za-z0-9._-]+");

  private Identifiers() {}

  /** Stored lower case. */
  static String instance(String identifier) {
    return check("ReplicationInstanceIdentifier", identifier, 63).toLowerCase(Locale.ROOT);
  }

  static String endpoint(String identifier) {
    return check("EndpointIdentifier", identifier, 255);
  }

  static String task(String identifier) {
    return check("ReplicationTaskIdentifier", identifier, 255);
  }

  /**
   * A name of a data provider, instance profile, migration project or data migration.
   *
   * @param parameter its wire name
   * @param given null for one that is made from the ARN
   */
  static String named(String parameter, @Nullable String given, String arn) {
    return given == null
        ? "n" + arn.substring(arn.lastIndexOf(':') + 1).toLowerCase(Locale.ROOT)
        : check(parameter, given, 255);
  }

  static String certificate(String identifier) {
    return check("CertificateIdentifier", identifier, 255);
  }

  static String resourceIdentifier(String identifier) {
    return check("ResourceIdentifier", identifier, 31);
  }

  /** Stored lower case. */
  static String subnetGroup(String identifier) {
    String stored = identifier.toLowerCase(Locale.ROOT);
    if (identifier.length() > 255
        || !SUBNET_GROUP.matcher(identifier).matches()
        || stored.equals("default")) {
      throw Fault.invalidParameterValue(
          "The parameter ReplicationSubnetGroupIdentifier is not a valid identifier. Identifiers have 1 to 255 letters,"
              + " digits, periods, underscores or hyphens, and must not be \"default\".");
    }
    return stored;
  }

  static String subscription(String name) {
    if (name.isBlank() || name.length() > 254) {
      throw Fault.invalidParameterValue(
          "The parameter SubscriptionName must have 1 to 254 characters.");
    }
    return name;
  }

  /**
   * Letters, digits and single hyphens, beginning with a letter.
   *
   * @param parameter its wire name
   * @param most characters
   */
  static String check(String parameter, String identifier, int most) {
    if (identifier.length() > most || !LETTERS_DIGITS_HYPHENS.matcher(identifier).matches()) {
      throw Fault.invalidParameterValue(
          "The parameter "
              + parameter
              + " is not a valid identifier. Identifiers must begin with a letter; must"
              + " contain"
              + " only ASCII letters, digits, and hyphens; must not end with a hyphen or contain two consecutive"
              + " hyphens;"
              + " and have at most "
              + most
              + " characters.");
    }
    return identifier;
  }
}
