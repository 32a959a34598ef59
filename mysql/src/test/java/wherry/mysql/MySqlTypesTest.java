package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wherry.schema.Column;
import wherry.schema.DataType;
import wherry.schema.Key;
import wherry.schema.Meaning;
import wherry.schema.NativeType;
import wherry.schema.TableId;
import wherry.schema.TableSchema;

class MySqlTypesTest {
  private static final MySqlServer MYSQL = MySqlServer.of("8.0.31", 0, 1 << 26, true, true);
  private static final MySqlServer MARIADB =
      MySqlServer.of("11.4.5-MariaDB-log", 0, 1 << 26, true, true);
  private static final Set<String> OF_MYSQL =
      Set.of(
          "utf8mb4_bin",
          "utf8mb4_0900_bin",
          "utf8mb4_0900_ai_ci",
          "utf8mb4_0900_as_cs",
          "latin1_swedish_ci",
          "utf8mb3_general_ci");
  private static final Set<String> OF_MARIADB =
      Set.of(
          "utf8mb4_bin",
          "utf8mb4_nopad_bin",
          "utf8mb4_uca1400_nopad_ai_ci",
          "utf8mb4_uca1400_ai_ci",
          "utf8mb4_uca1400_nopad_as_cs",
          "utf8mb4_general_ci");

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "NUMERIC!numeric!0!0!0!decimal(65,30)",
        "NUMERIC!numeric(65,30)!0!65!30!decimal(65,30)",
        "NUMERIC!numeric(3,5)!0!3!5!decimal(5,5)",
        "NUMERIC!numeric(3,-2)!0!3!-2!decimal(5,0)",
        "NUMERIC!numeric(1000,500)!0!1000!500!decimal(65,30)",
        "WSTRING!character varying(16383)!16383!0!0!varchar(16383) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        "WSTRING!character varying(16384)!16384!0!0!longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        "NCLOB!text!0!0!0!longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        "BLOB!bytea!0!0!0!longblob",
        "BYTES!-!16!0!0!varbinary(16)",
        "BOOLEAN!boolean!0!0!0!tinyint(1)",
        "UINT8!-!0!0!0!bigint unsigned",
        "TIME!time without time zone!0!0!6!time(6)",
        "TIME!time(3) without time zone!0!0!3!time(3)",
        "TIME!time with time zone!0!0!6!varchar(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        "DATETIME!timestamp(0) without time zone!0!0!0!datetime(0)",
        "DATETIME!timestamp with time zone!0!0!6!datetime(6)"
      })
  void types_of_another_family_are_chosen_by_value(
      DataType type, String name, int length, int precision, int scale, String expected) {
    Column column =
        new Column(
            "c",
            type,
            Meaning.PLAIN,
            length,
            precision,
            scale,
            List.of(),
            true,
            new NativeType("postgresql", name));
    assertThat(new MySqlTypes(MYSQL, new MySqlCollations(OF_MYSQL)).type(column, 0))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci!varchar(9) CHARACTER SET utf8mb4 COLLATE"
            + " utf8mb4_uca1400_nopad_ai_ci",
        "text CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs!text CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_nopad_as_cs",
        "text CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin!text CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        "char(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci!char(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        "int(10) unsigned!int(10) unsigned",
        "geomcollection!geometrycollection",
        "uuid!uuid"
      })
  void types_of_the_family_stay_as_they_are_with_the_nearest_collation(
      String name, String expected) {
    assertThat(new MySqlTypes(MARIADB, new MySqlCollations(OF_MARIADB)).type(own(name), 0))
        .isEqualTo(expected);
  }

  @Test
  void what_only_mariadb_has_finds_an_equal_on_mysql() {
    MySqlTypes types = new MySqlTypes(MYSQL, new MySqlCollations(OF_MYSQL));
    assertThat(types.type(own("uuid"), 0)).startsWith("char(36)");
    assertThat(types.type(own("inet6"), 0)).startsWith("varchar(39)");
    assertThat(types.type(own("varchar(5) CHARACTER SET utf8 COLLATE utf8_general_ci"), 0))
        .isEqualTo("varchar(5) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci");
    assertThat(types.type(own("text CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci"), 0))
        .endsWith("utf8mb4_0900_ai_ci");
  }

  @Test
  void the_unbounded_columns_of_a_key_share_what_an_index_holds() {
    List<Column> columns =
        List.of(
            postgres("a", DataType.NCLOB, "text"),
            postgres("n", DataType.INT8, "bigint"),
            postgres("b", DataType.NCLOB, "text"),
            postgres("c", DataType.BLOB, "bytea"));
    TableSchema wanted =
        new TableSchema(
            new TableId("s", "t"), columns, Optional.of(new Key(true, List.of(0, 1, 2, 3))));
    String sql =
        new MySqlDdl(
                new MySqlTypes(MYSQL, new MySqlCollations(OF_MYSQL)), true, wanted.id(), wanted)
            .createTable(true);
    assertThat(sql)
        .contains(
            "`a` varchar(254)",
            "`b` varchar(254)",
            "`c` varbinary(1018)",
            "PRIMARY KEY (`a`,`n`,`b`,`c`)");
  }

  private static Column postgres(String name, DataType type, String nativeName) {
    return new Column(
        name,
        type,
        Meaning.PLAIN,
        0,
        0,
        0,
        List.of(),
        false,
        new NativeType("postgresql", nativeName));
  }

  private static Column own(String name) {
    return new Column(
        "c",
        DataType.WSTRING,
        Meaning.PLAIN,
        9,
        0,
        0,
        List.of(),
        true,
        new NativeType("mysql", name));
  }
}
