package wherry.demo;

/** The engines that the demonstration moves data between. */
public enum Engine {
  POSTGRESQL("postgres", '"'),
  MARIADB("mariadb", '`');

  private final String engineName;
  private final char quote;

  Engine(String engineName, char quote) {
    this.engineName = engineName;
    this.quote = quote;
  }

  /** The EngineName of the AWS DMS API. */
  public String engineName() {
    return engineName;
  }

  /** The identifier in SQL. */
  public String quoted(String identifier) {
    String mark = String.valueOf(quote);
    return mark + identifier.replace(mark, mark + mark) + mark;
  }
}
