package wherry.redis.rdb;

/**
 * A key and what stands before its value.
 *
 * @param type of the RDB
 * @param expiresAt milliseconds since 1970, -1 when it does not expire
 */
public record KeyHeader(byte[] key, int type, long expiresAt) {}
