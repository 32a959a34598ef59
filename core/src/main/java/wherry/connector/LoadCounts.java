package wherry.connector;

/**
 * What became of the rows of one load transaction.
 *
 * @param loaded rows that the target itself says it has taken
 * @param rejected rows that it cannot hold
 * @param bytes sent
 */
public record LoadCounts(long loaded, long rejected, long bytes) {}
