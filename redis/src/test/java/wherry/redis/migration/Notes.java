package wherry.redis.migration;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;

/** Remembers what a migration tells. */
final class Notes implements MigrationListener {
  final List<String> noticed = new CopyOnWriteArrayList<>();
  final List<Progress.Phase> phases = new CopyOnWriteArrayList<>();
  volatile @Nullable DmsException failure;

  @Override
  public void noticed(String message) {
    noticed.add(message);
  }

  @Override
  public void entered(Progress.Phase phase) {
    phases.add(phase);
  }

  @Override
  public void failed(DmsException reason) {
    failure = reason;
  }

  @Override
  public String toString() {
    return phases + " " + noticed + " " + failure;
  }
}
