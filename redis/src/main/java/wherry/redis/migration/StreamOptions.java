package wherry.redis.migration;

/**
 * Sizes of the stream.
 *
 * @param restoreBytesMax a value whose serialized form is larger is written by several commands, so
 *     that neither side has to hold it twice
 * @param chunkBytes about how large each of those commands is
 */
record StreamOptions(int restoreBytesMax, int chunkBytes) {
  static final StreamOptions STANDARD = new StreamOptions(4 * 1024 * 1024, 256 * 1024);
}
