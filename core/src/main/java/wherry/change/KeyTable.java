package wherry.change;

import java.util.Arrays;
import java.util.List;
import wherry.row.RowBatch;

/**
 * Numbers the keys of a window of changes 0, 1, 2 … in the order in which they first occur. Keys
 * are compared as bytes, in place. Open addressing, one int per place. Not thread-safe.
 */
final class KeyTable {
  private static final int EMPTY = -1;

  private final int[] key;
  private int[] places;
  private int[] hashes;
  private RowBatch[] batches;
  private int[] rows;
  private int count;

  /**
   * @param key indexes of the key's columns
   * @param expected how many keys there may be
   */
  KeyTable(List<Integer> key, int expected) {
    this.key = key.stream().mapToInt(Integer::intValue).toArray();
    int capacity = Math.max(16, Integer.highestOneBit(Math.max(1, expected)) * 4);
    this.places = new int[capacity];
    Arrays.fill(places, EMPTY);
    int first = Math.max(16, expected);
    this.hashes = new int[first];
    this.batches = new RowBatch[first];
    this.rows = new int[first];
  }

  int count() {
    return count;
  }

  /** The number of the row's key; a new one when it has not occurred yet. */
  int number(RowBatch batch, int row) {
    int hash = hash(batch, row);
    int mask = places.length - 1;
    for (int place = hash & mask; ; place = (place + 1) & mask) {
      int number = places[place];
      if (number == EMPTY) {
        places[place] = count;
        return add(hash, batch, row);
      }
      if (hashes[number] == hash && sameKey(batches[number], rows[number], batch, row)) {
        return number;
      }
    }
  }

  private int add(int hash, RowBatch batch, int row) {
    if (count == rows.length) {
      hashes = Arrays.copyOf(hashes, 2 * count);
      batches = Arrays.copyOf(batches, 2 * count);
      rows = Arrays.copyOf(rows, 2 * count);
    }
    hashes[count] = hash;
    batches[count] = batch;
    rows[count] = row;
    int number = count++;
    if (2 * count > places.length) {
      grow();
    }
    return number;
  }

  private void grow() {
    places = new int[2 * places.length];
    Arrays.fill(places, EMPTY);
    int mask = places.length - 1;
    for (int number = 0; number < count; number++) {
      int place = hashes[number] & mask;
      while (places[place] != EMPTY) {
        place = (place + 1) & mask;
      }
      places[place] = number;
    }
  }

  /** Whether two rows have the same key. */
  boolean sameKey(RowBatch one, int oneRow, RowBatch other, int otherRow) {
    for (int column : key) {
      int from = one.start(oneRow, column);
      int otherFrom = other.start(otherRow, column);
      if (one.isNull(oneRow, column) != other.isNull(otherRow, column)
          || !Arrays.equals(
              one.slab(),
              from,
              one.end(oneRow, column),
              other.slab(),
              otherFrom,
              other.end(otherRow, column))) {
        return false;
      }
    }
    return true;
  }

  private int hash(RowBatch batch, int row) {
    int hash = 1;
    byte[] slab = batch.slab();
    for (int column : key) {
      int end = batch.end(row, column);
      for (int i = batch.start(row, column); i < end; i++) {
        hash = 31 * hash + slab[i];
      }
      hash = 31 * hash + 7;
    }
    hash *= 0x9E3779B9; // Spreads keys that differ in their last digit only.
    return hash ^ (hash >>> 15);
  }
}
