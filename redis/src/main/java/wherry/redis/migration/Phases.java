package wherry.redis.migration;

import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.migration.Progress.Phase;

/** What both ways say about their phases. */
final class Phases {
  private Phases() {}

  static Progress of(Progress progress, Phase phase) {
    return new Progress(
        phase,
        progress.way(),
        progress.keysDone(),
        progress.keysExpected(),
        progress.bytesDone(),
        progress.bytesExpected(),
        progress.lagBytes(),
        progress.link(),
        progress.fullSynchronisations(),
        progress.reconnections());
  }

  static DmsException notInSync(Progress seen) {
    return new DmsException(
        ErrorCode.NOT_IN_SYNC,
        ("The target does not have everything that the source has: phase %s, link %s, %d bytes of"
                + " the stream missing. Stop the writers of the source, wait until the lag is 0 and"
                + " complete again, or force it and lose what is missing.")
            .formatted(seen.phase(), seen.link(), seen.lagBytes()));
  }
}
