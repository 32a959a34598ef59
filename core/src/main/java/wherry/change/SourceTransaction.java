package wherry.change;

import java.time.Instant;

/**
 * A transaction of the source, known when its first change is read.
 *
 * @param id in the engine's words: PostgreSQL's xid, MySQL's GTID; empty when it has none
 * @param at its place in the order of commits, always before the end of it: what is at or behind a
 *     checkpoint's position is not applied yet, what is before it is
 * @param committedAt by the source's clock
 */
public record SourceTransaction(String id, Position at, Instant committedAt) {}
