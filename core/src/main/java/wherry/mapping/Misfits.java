package wherry.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.schema.TableId;

/** What rules ask of one table that it cannot give; all of it is told at once. */
final class Misfits {
  private static final int TABLES_TOLD_MAX = 10;

  private final TableId table;
  private final List<String> sentences = new ArrayList<>();

  Misfits(TableId table) {
    this.table = table;
  }

  void add(String sentence) {
    sentences.add(sentence);
  }

  /**
   * @return what the step gives; empty when it does not fit, which is kept
   */
  <T> Optional<T> attempt(Supplier<T> step) {
    try {
      return Optional.of(step.get());
    } catch (DmsException e) {
      if (e.code() != ErrorCode.SETTING_INVALID) {
        throw e;
      }
      sentences.add(e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * @throws DmsException SETTING_INVALID with all that was found, if anything was
   */
  void refuse() {
    if (!sentences.isEmpty()) {
      String told = sentences.stream().distinct().collect(Collectors.joining(" "));
      throw new DmsException(ErrorCode.SETTING_INVALID, table, told, null);
    }
  }

  /**
   * @param refused one failure for each table that the rules do not fit, at least one
   */
  static DmsException of(List<DmsException> refused) {
    int more = refused.size() - TABLES_TOLD_MAX;
    Stream<String> told = refused.stream().limit(TABLES_TOLD_MAX).map(DmsException::getMessage);
    Stream<String> rest =
        more > 0 ? Stream.of("The rules do not fit " + more + " more tables.") : Stream.empty();
    return refused.size() == 1
        ? refused.getFirst()
        : new DmsException(
            ErrorCode.SETTING_INVALID, Stream.concat(told, rest).collect(Collectors.joining(" ")));
  }
}
