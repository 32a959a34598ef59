package wherry.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import wherry.connector.LoadCounts;
import wherry.connector.PrepareMode;
import wherry.connector.RejectedRow;
import wherry.schema.TableId;

class SameFamilyIT {
  static final String[] TABLE = {
    """
    CREATE TABLE `every type` (
      id bigint unsigned NOT NULL PRIMARY KEY,
      t tinyint, t1 tinyint(1), tu tinyint unsigned, s smallint, su smallint unsigned, m mediumint, mu mediumint unsigned,
      i int, iz int(8) unsigned zerofill, b bigint, bu bigint unsigned,
      d decimal(65,30), d2 decimal(12,2) NOT NULL, f float, db double,
      bit1 bit(1), bit9 bit(9), bit64 bit(64),
      y year, dt date, tm time(6), dtm datetime(6), ts timestamp(6) NULL, ts0 timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
      c char(5), vc varchar(100), `odd ``name"` varchar(10) CHARACTER SET latin1, u3 varchar(20) CHARACTER SET utf8,
      tt tinytext, tx text, mt mediumtext, lt longtext,
      bi binary(4), vb varbinary(100), tb tinyblob, bl blob, mb mediumblob, lb longblob,
      e enum('a','it''s','x,y','back\\\\slash'), st set('r','g','b'),
      j json, g geometry, p point,
      gen int GENERATED ALWAYS AS (char_length(vc)) VIRTUAL
    ) DEFAULT CHARACTER SET utf8mb4\
    """,
    """
    INSERT INTO `every type` (id,t,t1,tu,s,su,m,mu,i,iz,b,bu,d,d2,f,db,bit1,bit9,bit64,y,dt,tm,dtm,ts,ts0,c,vc,`odd ``name"`,u3,
      tt,tx,mt,lt,bi,vb,tb,bl,mb,lb,e,st,j,g,p) VALUES
     (0,-128,1,255,-32768,65535,-8388608,16777215,-2147483648,42,-9223372036854775808,18446744073709551615,
      99999999999999999999999999999999999.999999999999999999999999999999,-0.01,1.17549e-38,1.7976931348623157e308,
      b'1',b'101010101',0xFFFFFFFFFFFFFFFF,1901,'9999-12-31','838:59:59','9999-12-31 23:59:59.999999',
      '2038-01-19 03:14:07.999999','1970-01-01 00:00:01','ab','a\\tb\\nc\\\\N\\r\\0d','caf\u00e9','\u20ac',
      'tiny','','\\\\N','NULL',x'00010200',x'5C4E090A000D1A27225C',x'',x'FF00FE',x'00',x'5C',
      'it''s','r,b','{"a": [1, null, "\\u00e9"]}',ST_GeomFromText('POINT(1 2)'),ST_GeomFromText('POINT(0 10)',0)),
     (18446744073709551615,127,-128,0,32767,0,8388607,0,2147483647,0,9223372036854775807,0,
      -0.000000000000000000000000000001,9999999999.99,3.4028234e38,-0e0,b'0',b'0',0,0,'0000-00-00','-838:59:59',
      '0000-00-00 00:00:00','1970-01-01 00:00:01','2024-03-31 01:30:00','','\uD83D\uDE00 combining e\u0301','','\uFFFD',
      NULL,' ','x','y',x'FFFFFFFF','x','y','z','w','v','x,y','','[]',NULL,NULL),
     (7,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0.1,4.9e-324,NULL,NULL,NULL,NULL,'2024-02-00',NULL,
      '2024-00-00 00:00:00',NULL,'2024-10-27 01:30:00',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,
      NULL,NULL,NULL,NULL,NULL)\
    """
  };

  static Stream<Arguments> pairs() {
    return Stream.of(
        Arguments.of(Engine.MARIADB, Engine.MARIADB, true),
        Arguments.of(Engine.MYSQL, Engine.MYSQL, true),
        Arguments.of(Engine.MARIADB, Engine.MYSQL, true),
        Arguments.of(Engine.MYSQL, Engine.MARIADB, true),
        Arguments.of(Engine.MARIADB, Engine.MARIADB, false),
        Arguments.of(Engine.MYSQL, Engine.MYSQL, false));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void every_type_and_boundary_value_arrives_unchanged(Engine from, Engine to, boolean loadData)
      throws Exception {
    from.fresh("src");
    from.execute("src", "SET SESSION sql_mode='', time_zone='+00:00'", TABLE[0], TABLE[1]);
    to.fresh("dst");
    Copy copy = new Copy(from.source(), to.target("loadUsingCSV", Boolean.toString(loadData)));

    LoadCounts counts = copy.run(new TableId("src", "every type"), "dst");

    assertThat(copy.rejected).isEmpty();
    assertThat(counts.loaded()).isEqualTo(3);
    assertThat(rows(to, "dst", from != to))
        .containsExactlyElementsOf(rows(from, "src", from != to));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void an_enum_of_index_0_stays_and_hides_nothing_else(Engine from, Engine to, boolean loadData)
      throws Exception {
    from.fresh("src");
    from.execute(
        "src",
        "SET SESSION sql_mode=''",
        "CREATE TABLE t (id int PRIMARY KEY, e enum('a','b'), f enum('','x'), v varchar(5))",
        "INSERT INTO t VALUES (1,'wrong','','é'), (2,'b','wrong','e'), (3,'a','x','Ж'),"
            + " (4,'wrong','','Ж'), (5,'wrong','x',NULL)");
    to.fresh("dst");
    to.execute(
        "dst",
        "CREATE TABLE t (id int PRIMARY KEY, e enum('a','b'), f enum('','x'),"
            + " v varchar(5) CHARACTER SET latin1)");
    Copy copy = new Copy(from.source(), to.target("loadUsingCSV", Boolean.toString(loadData)));
    copy.mode = PrepareMode.DO_NOTHING;

    LoadCounts counts = copy.run(new TableId("src", "t"), "dst");

    assertThat(copy.rejected).extracting(RejectedRow::key).containsExactly("id=3", "id=4");
    assertThat(copy.rejected).extracting(RejectedRow::column).containsExactly("v", "v");
    assertThat(counts.loaded()).isEqualTo(3);
    try (Connection connection = to.server().connect("dst");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT id, e+0, concat(f) FROM t ORDER BY id")) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(result.getString(1) + "|" + result.getString(2) + "|" + result.getString(3));
      }
      assertThat(rows).containsExactly("1|0|", "2|2|", "5|0|x");
    }
  }

  /**
   * Each value as the bytes that it has in its own server, so that no display rule hides a
   * difference.
   */
  private static List<String> rows(Engine engine, String database, boolean otherServer)
      throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = engine.server().connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute("SET SESSION time_zone='+00:00', sql_mode=''");
      List<String> columns = new ArrayList<>();
      try (ResultSet names =
          statement.executeQuery(
              "SELECT column_name, column_type FROM information_schema.columns WHERE table_name='every type' AND table_schema='"
                  + database
                  + "' ORDER BY ordinal_position")) {
        while (names.next()) {
          String quoted = "`" + names.getString(1).replace("`", "``") + "`";
          columns.add(
              switch (names.getString(1)) {
                case "f" -> quoted + "*1e0";
                case "j", "d", "db" -> "CAST(" + quoted + " AS CHAR)";
                case "t", "d2" ->
                    "concat(" + quoted + ",'" + (otherServer ? "" : names.getString(2)) + "')";
                default -> "hex(" + quoted + ")";
              });
        }
      }
      try (ResultSet result =
          statement.executeQuery(
              "SELECT " + String.join(",", columns) + " FROM `every type` ORDER BY id")) {
        while (result.next()) {
          for (int i = 1; i <= columns.size(); i++) {
            rows.add(columns.get(i - 1) + "=" + result.getString(i));
          }
        }
      }
    }
    return rows;
  }
}
