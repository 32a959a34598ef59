package wherry.server.wire;

import java.util.Optional;

/** The access keys that may call. Asked on every request, from many threads. */
@FunctionalInterface
public interface AccessKeys {

  /** The secret that belongs to an access key id; empty when there is no such key. Never log it. */
  Optional<String> secretOf(String accessKeyId);
}
