package wherry.mysql;

import java.util.LinkedHashMap;
import java.util.Map;

/** Keeps the entries that were asked for last. */
final class LeastRecentlyUsed<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;
  private final int sizeMax;

  LeastRecentlyUsed(int sizeMax) {
    super(16, 0.75f, true);
    this.sizeMax = sizeMax;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > sizeMax;
  }
}
