package wherry.server.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import wherry.server.wire.Fault;

/**
 * The replication instance classes and engine versions that AWS DMS offers; here a name for a
 * capacity, and a label.
 */
final class InstanceClasses {
  static final int LEAST_STORAGE_GIGABYTES = 5;
  static final int MOST_STORAGE_GIGABYTES = 6144;

  /** Oldest first; the last is the default. */
  static final List<String> ENGINE_VERSIONS =
      List.of("3.4.7", "3.5.1", "3.5.2", "3.5.3", "3.5.4", "3.6.0", "3.6.1");

  /** Default storage in GB by class, in the order of DescribeOrderableReplicationInstances. */
  private static final Map<String, Integer> DEFAULT_STORAGE_GIGABYTES = new LinkedHashMap<>();

  static {
    family("t2", 50, "micro", "small", "medium", "large");
    family("t3", 50, "micro", "small", "medium", "large");
    family("c4", 100, "large", "xlarge", "2xlarge", "4xlarge");
    family(
        "c5",
        100,
        "large",
        "xlarge",
        "2xlarge",
        "4xlarge",
        "9xlarge",
        "12xlarge",
        "18xlarge",
        "24xlarge");
    family(
        "c6i",
        100,
        "large",
        "xlarge",
        "2xlarge",
        "4xlarge",
        "8xlarge",
        "12xlarge",
        "16xlarge",
        "24xlarge",
        "32xlarge");
    family(
        "c7i",
        100,
        "large",
        "xlarge",
        "2xlarge",
        "4xlarge",
        "8xlarge",
        "12xlarge",
        "16xlarge",
        "24xlarge",
        "48xlarge");
    family("r4", 100, "large", "xlarge", "2xlarge", "4xlarge", "8xlarge");
    family(
        "r5",
        100,
        "large",
        "xlarge",
        "2xlarge",
        "4xlarge",
        "8xlarge",
        "12xlarge",
        "16xlarge",
        "24xlarge");
    family(
        "r6i",
        100,
        "large",
        "xlarge",
        "2xlarge",
        "4xlarge",
        "8xlarge",
        "12xlarge",
        "16xlarge",
        "24xlarge",
        "32xlarge");
    family(
        "r7i",
        100,
        "large",
        "xlarge",
        "2xlarge",
        "4xlarge",
        "8xlarge",
        "12xlarge",
        "16xlarge",
        "24xlarge",
        "48xlarge");
  }

  private InstanceClasses() {}

  private static void family(String name, int storageGigabytes, String... sizes) {
    for (String size : sizes) {
      DEFAULT_STORAGE_GIGABYTES.put("dms." + name + "." + size, storageGigabytes);
    }
  }

  static List<String> names() {
    return new ArrayList<>(DEFAULT_STORAGE_GIGABYTES.keySet());
  }

  static int defaultStorageGigabytes(String instanceClass) {
    Integer gigabytes = DEFAULT_STORAGE_GIGABYTES.get(instanceClass);
    if (gigabytes == null) {
      throw Fault.invalidParameterValue(
          "The replication instance class "
              + instanceClass
              + " is not valid. DescribeOrderableReplicationInstances"
              + " lists the classes, for example dms.t3.micro.");
    }
    return gigabytes;
  }

  static String checkedEngineVersion(String version) {
    if (!ENGINE_VERSIONS.contains(version)) {
      throw Fault.invalidParameterValue(
          "The engine version "
              + version
              + " is not valid; the versions are "
              + String.join(", ", ENGINE_VERSIONS)
              + ".");
    }
    return version;
  }

  static int checkedStorageGigabytes(int gigabytes) {
    if (gigabytes < LEAST_STORAGE_GIGABYTES || gigabytes > MOST_STORAGE_GIGABYTES) {
      throw Fault.invalidParameterValue(
          "The value "
              + gigabytes
              + " of AllocatedStorage is not valid: it must be between "
              + LEAST_STORAGE_GIGABYTES
              + " and "
              + MOST_STORAGE_GIGABYTES
              + " GB.");
    }
    return gigabytes;
  }
}
