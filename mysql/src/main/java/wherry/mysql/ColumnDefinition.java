package wherry.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import wherry.schema.Column;

/**
 * A column as a statement defines it.
 *
 * @param type the words of its type as they are written
 * @param nullable whether it takes NULL
 * @param collation from a COLLATE behind the type; empty for none
 * @param key PRIMARY KEY or UNIQUE behind the type; empty for none
 * @param primary which of the two
 * @param defaultWords what stands behind DEFAULT; empty when there is none
 * @param computed whether each row gets a value of its own: AUTO_INCREMENT, GENERATED, SERIAL
 * @param generated whether it is GENERATED, so that a row has no other value than that
 */
record ColumnDefinition(
    String name,
    List<String> type,
    boolean nullable,
    String collation,
    boolean key,
    boolean primary,
    List<String> defaultWords,
    boolean computed,
    boolean generated) {
  private static final int TINY_BYTES = 255;
  private static final int BLOB_BYTES = 65535;
  private static final int MEDIUM_BYTES = (1 << 24) - 1;

  /** Charset and collation of a text. */
  private record Coding(String charset, String collation) {}

  /**
   * The column as the catalogue would have it.
   *
   * @param charset of a text that names none
   * @param mariaDb where json is another name of longtext
   */
  Column column(String charset, String tableCollation, boolean mariaDb) {
    List<String> words = type.stream().map(word -> word.toLowerCase(Locale.ROOT)).toList();
    String word = canonical(words);
    List<String> parameters = parameters();
    boolean json = mariaDb && word.equals("json");
    word = json ? "longtext" : sized(word, parameters);
    boolean text = word.endsWith("text") || word.equals("char") || word.equals("varchar");
    boolean labelled = word.equals("enum") || word.equals("set");
    Coding coding =
        json
            ? new Coding("utf8mb4", "utf8mb4_bin")
            : text || labelled ? coding(words, charset, tableCollation) : new Coding("", "");
    boolean unsigned =
        words.contains("unsigned") || words.contains("zerofill") || words.contains("serial");
    return MySqlColumns.column(
        new MySqlColumns.Described(
            name,
            word,
            written(word, parameters, unsigned, words.contains("zerofill")),
            length(word, parameters),
            number(parameters, 0, word.equals("decimal") ? 10 : word.equals("bit") ? 1 : 0),
            number(parameters, 1, 0),
            word.startsWith("date") || word.startsWith("time") ? number(parameters, 0, 0) : 0,
            coding.charset(),
            coding.collation(),
            nullable,
            json,
            false,
            false));
  }

  /** Other names of types ("Using Data Types from Other Database Engines" and their like). */
  private static String canonical(List<String> words) {
    String first = words.get(0);
    String second = words.size() > 1 ? words.get(1) : "";
    if (first.equals("national")) {
      return second.equals("varchar") || words.contains("varying") ? "varchar" : "char";
    }
    if (first.equals("long")) {
      return second.equals("varbinary") ? "mediumblob" : "mediumtext";
    }
    return switch (first) {
      case "integer", "int4" -> "int";
      case "bool", "boolean", "int1" -> "tinyint";
      case "int2" -> "smallint";
      case "int3", "middleint" -> "mediumint";
      case "int8", "serial" -> "bigint";
      case "dec", "numeric", "fixed" -> "decimal";
      case "real", "float8" -> "double";
      case "float4" -> "float";
      case "character", "nchar", "char" ->
          words.contains("varying") || second.equals("varchar") ? "varchar" : "char";
      case "nvarchar", "varcharacter" -> "varchar";
      case "geomcollection" -> "geometrycollection";
      default -> first;
    };
  }

  /** TEXT(n) and BLOB(n) are the smallest type that holds n; FLOAT(p) may be a double. */
  private static String sized(String word, List<String> parameters) {
    if (parameters.isEmpty()) {
      return word;
    }
    if (word.equals("float")) {
      return parameters.size() == 1 && Integer.parseInt(parameters.get(0)) > 24 ? "double" : word;
    }
    if (!word.equals("text") && !word.equals("blob")) {
      return word;
    }
    long wanted = Long.parseLong(parameters.get(0)) * (word.equals("text") ? 4 : 1);
    return wanted <= TINY_BYTES
        ? "tiny" + word
        : wanted <= BLOB_BYTES ? word : wanted <= MEDIUM_BYTES ? "medium" + word : "long" + word;
  }

  /** What stands in the brackets, separated by commas. */
  private List<String> parameters() {
    List<String> parameters = new ArrayList<>();
    int open = type.indexOf("(");
    for (int i = open + 1; open >= 0 && i < type.size() && !type.get(i).equals(")"); i++) {
      if (!type.get(i).equals(",")) {
        parameters.add(type.get(i));
      }
    }
    return parameters;
  }

  private Coding coding(List<String> words, String charset, String tableCollation) {
    if (words.get(0).startsWith("n") && !words.get(0).equals("numeric")) {
      return new Coding("utf8mb3", "utf8mb3_general_ci");
    }
    int place =
        Math.max(words.indexOf("charset"), words.subList(1, words.size()).indexOf("set") + 1);
    String named = place > 0 && place + 1 < words.size() ? words.get(place + 1) : "";
    int collate = words.indexOf("collate");
    String collated =
        collate >= 0 && collate + 1 < words.size()
            ? words.get(collate + 1)
            : collation.toLowerCase(Locale.ROOT);
    if (words.contains("binary") && collated.isEmpty()) {
      collated = (named.isEmpty() ? charset : named) + "_bin";
    }
    if (!collated.isEmpty()) {
      return new Coding(collated.replaceFirst("_.*", ""), collated);
    }
    return named.isEmpty()
        ? new Coding(charset, tableCollation)
        : new Coding(named.equals("utf8") ? "utf8mb3" : named, named + "_general_ci");
  }

  private static String written(
      String word, List<String> parameters, boolean unsigned, boolean zerofill) {
    boolean integer = word.endsWith("int");
    String brackets =
        parameters.isEmpty() || integer ? "" : "(" + String.join(",", parameters) + ")";
    if (word.equals("decimal") && parameters.size() < 2) {
      brackets = "(" + (parameters.isEmpty() ? "10" : parameters.get(0)) + ",0)";
    } else if ((word.equals("char") || word.equals("binary") || word.equals("bit"))
        && parameters.isEmpty()) {
      brackets = "(1)";
    } else if (word.endsWith("text") || word.endsWith("blob")) {
      brackets = "";
    }
    return word + brackets + (unsigned ? " unsigned" : "") + (zerofill ? " zerofill" : "");
  }

  private static long length(String word, List<String> parameters) {
    return switch (word) {
      case "tinytext", "tinyblob" -> TINY_BYTES;
      case "text", "blob" -> BLOB_BYTES;
      case "char", "binary" -> number(parameters, 0, 1);
      case "varchar", "varbinary" -> number(parameters, 0, 0);
      default -> 0;
    };
  }

  private static int number(List<String> parameters, int at, int otherwise) {
    return parameters.size() > at && parameters.get(at).matches("[0-9]{1,9}")
        ? Integer.parseInt(parameters.get(at))
        : otherwise;
  }
}
