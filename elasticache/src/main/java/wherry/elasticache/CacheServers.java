package wherry.elasticache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where this service's cache servers live.
 *
 * @param binaries the programs of this machine
 * @param folder of all groups' data
 * @param address that all servers listen on
 */
public record CacheServers(EngineBinaries binaries, Path folder, String address) {
  /** The environment variable for another address than loopback's. */
  public static final String ADDRESS_VARIABLE = "WHERRY_CACHE_ADDRESS";

  /** As the environment says. */
  public static CacheServers of(Path folder, Map<String, String> environment) {
    String address = environment.getOrDefault(ADDRESS_VARIABLE, "");
    return new CacheServers(
        new EngineBinaries(environment, folder.resolve("_programs")),
        folder,
        address.isBlank() ? "127.0.0.1" : address);
  }

  /** The folder of a group's data. */
  public Path folderOf(String groupId) {
    return folder.resolve(groupId);
  }

  /** The certificate that clients of groups with encryption in transit have to trust. */
  public TlsFiles tls() {
    return TlsFiles.of(folder.resolve("_tls"), address); // An underscore is in no group's id.
  }

  /**
   * The group, not yet started.
   *
   * @param passwords that clients may log in with; the first is also the nodes' own
   */
  public GroupSupervisor supervise(
      GroupPlan plan, EngineBinary binary, List<String> passwords, GroupListener listener) {
    return new GroupSupervisor(this, plan, binary, passwords, listener);
  }

  /** Deletes a folder with all that is in it, if it is there. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
