package wherry.change;

import java.util.List;
import java.util.Optional;

/**
 * Changes of one transaction, in the order in which they were made. A large transaction comes in
 * several parts, one after the other with nothing in between; only the last has an end.
 *
 * @param end the place behind the transaction, where reading goes on once it is applied; empty when
 *     the transaction goes on in the next batch
 */
public record TransactionPart(
    SourceTransaction transaction, List<ChangeEvent> events, Optional<Position> end) {}
