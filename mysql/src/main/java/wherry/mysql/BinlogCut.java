package wherry.mysql;

import wherry.change.Cut;
import wherry.change.SourceTransaction;

/**
 * The cut of a view whose place in the log is exact: it has seen what begins before that place.
 *
 * @param from the end of the last transaction that the view has seen
 */
record BinlogCut(BinlogPosition from) implements Cut {
  @Override
  public boolean contains(SourceTransaction transaction) {
    return transaction.at().compareTo(from) < 0;
  }

  @Override
  public String text() {
    return from.text();
  }
}
