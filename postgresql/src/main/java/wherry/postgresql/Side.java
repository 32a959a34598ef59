package wherry.postgresql;

/** Which end of a task a database is; the word appears in messages. */
enum Side {
  SOURCE("source"),
  TARGET("target");

  private final String word;

  Side(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }
}
