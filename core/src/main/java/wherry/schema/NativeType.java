package wherry.schema;

/**
 * A column's type in its own engine's words, so that a pair of one family keeps it verbatim.
 *
 * @param family {@code postgresql} or {@code mysql} (MariaDB included)
 * @param name as DDL writes it: {@code numeric(12,2)}, {@code int(10) unsigned}, {@code
 *     enum('a','b')}
 */
public record NativeType(String family, String name) {}
