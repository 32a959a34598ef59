CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs;
CREATE DATABASE `odd ``base` CHARACTER SET latin1 COLLATE latin1_german1_ci;
USE shop;
CREATE TABLE customers (
  id int unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s "quoted", (with brackets), \\ and\nlines;',
  name varchar(100) CHARACTER SET latin1 COLLATE latin1_german1_ci NOT NULL DEFAULT 'n/a, (none)',
  email varchar(190) COLLATE utf8mb4_bin DEFAULT NULL,
  story mediumtext,
  tags json DEFAULT (json_array()),
  uid char(36) DEFAULT (uuid()),
  hidden int DEFAULT '7' /*!80023 INVISIBLE */,
  lowered varchar(100) GENERATED ALWAYS AS (lower(concat(email, ', ('))) VIRTUAL,
  points int NOT NULL DEFAULT '0',
  doubled bigint GENERATED ALWAYS AS (points * 2) STORED COMMENT 'stored',
  kind enum('a','it''s','x,y','back\\slash','(') DEFAULT '(',
  colours set('r','g','b') DEFAULT 'r,b',
  flags bit(9) DEFAULT b'101',
  seen timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  changed datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  bare timestamp NULL,
  place point NOT NULL /*!80003 SRID 4326 */,
  price decimal(10,2) unsigned zerofill DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY email (email),
  KEY part (name(10) DESC, id),
  KEY expression ((lower(email)), points) COMMENT 'of a function',
  KEY unseen (points) /*!80000 INVISIBLE */,
  KEY computed (doubled),
  FULLTEXT KEY words (story) /*!50100 WITH PARSER `ngram` */,
  FULLTEXT KEY names (name),
  SPATIAL KEY place (place),
  CONSTRAINT points_are_good CHECK (points >= 0 AND email <> 'x, (y)'),
  CONSTRAINT not_yet CHECK (points < 1000) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB AUTO_INCREMENT=1000 ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8 STATS_PERSISTENT=0 COMMENT='All; of (them), ENGINE=MyISAM';
CREATE TABLE departments (id int PRIMARY KEY, boss int, KEY boss_index (boss)) ENGINE=InnoDB;
CREATE TABLE employees (
  id int PRIMARY KEY, department int NOT NULL, mentor int,
  CONSTRAINT works_in FOREIGN KEY (department) REFERENCES departments (id) ON UPDATE CASCADE,
  CONSTRAINT mentored_by FOREIGN KEY (mentor) REFERENCES employees (id) ON DELETE SET NULL
) ENGINE=InnoDB;
ALTER TABLE departments ADD CONSTRAINT led_by FOREIGN KEY (boss) REFERENCES employees (id);
CREATE TABLE `odd ``base`.`tab``le, (` (
  `co``l` varchar(10) CHARACTER SET utf8mb4 NOT NULL PRIMARY KEY, customer int unsigned,
  CONSTRAINT `f, k` FOREIGN KEY (customer) REFERENCES shop.customers (id) ON DELETE CASCADE
) COMMENT='x';
CREATE TABLE orders (
  id bigint NOT NULL, made date NOT NULL, country char(2) NOT NULL DEFAULT 'de', PRIMARY KEY (id, made),
  KEY by_country (country)
) PARTITION BY RANGE (year(made)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2
  (PARTITION before_2020 VALUES LESS THAN (2020) COMMENT = 'old, (ones)', PARTITION later VALUES LESS THAN MAXVALUE);
CREATE TABLE regions (country varchar(2) NOT NULL, n int NOT NULL)
  PARTITION BY LIST COLUMNS (country) (PARTITION dach VALUES IN ('de', 'at', 'ch'), PARTITION other VALUES IN ('x)', 'fr'));
CREATE TABLE keyless (a int NOT NULL, b int, UNIQUE KEY a (a), UNIQUE KEY b (b), KEY ab (a, b));
CREATE TABLE counted (other int PRIMARY KEY, n bigint NOT NULL AUTO_INCREMENT, KEY n (n), KEY both_of (n, other), KEY other_n (other, n));
CREATE TABLE old_engine (g int NOT NULL, n int NOT NULL AUTO_INCREMENT, t text, PRIMARY KEY (g, n), FULLTEXT KEY t (t)) ENGINE=MyISAM CHECKSUM=1 DELAY_KEY_WRITE=1;
CREATE TABLE in_memory (id int PRIMARY KEY, v int, KEY v (v) USING HASH, KEY w (v) USING BTREE) ENGINE=MEMORY;
CREATE DEFINER=CURRENT_USER FUNCTION discount(points int) RETURNS decimal(5,2) DETERMINISTIC NO SQL SQL SECURITY INVOKER COMMENT 'don''t'
  BEGIN
    -- it's a comment; with a lone quote
    RETURN points / 100;
  END;
SET sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES';
CREATE PROCEDURE greet(IN who varchar(20), OUT greeting text CHARACTER SET utf8mb4) READS SQL DATA
  SELECT 'hello\' || "who" INTO greeting FROM (SELECT 'Grüße' AS "x") AS t;
SET sql_mode=DEFAULT;
CREATE ALGORITHM=MERGE DEFINER=`owner`@`nowhere` SQL SECURITY DEFINER VIEW z_base AS SELECT id, name, email, points FROM customers WHERE points > 1 WITH CASCADED CHECK OPTION;
CREATE SQL SECURITY INVOKER VIEW a_top (number, label, off) AS SELECT id, concat(email, ' ü'), discount(points) FROM z_base WHERE name <> 'x, (';
CREATE VIEW `odd ``base`.`v``iew` AS SELECT * FROM shop.a_top;
CREATE TABLE audit (n int AUTO_INCREMENT PRIMARY KEY, what varchar(100));
CREATE TRIGGER first_made BEFORE INSERT ON orders FOR EACH ROW SET NEW.country = upper(NEW.country);
SET sql_mode='';
CREATE TRIGGER made_later BEFORE INSERT ON orders FOR EACH ROW PRECEDES first_made BEGIN INSERT INTO audit(what) VALUES ('before; it''s'); END;
SET sql_mode=DEFAULT;
CREATE TRIGGER after_all AFTER UPDATE ON orders FOR EACH ROW INSERT INTO audit(what) VALUES (concat('updated ', NEW.id));
CREATE TRIGGER in_between BEFORE INSERT ON orders FOR EACH ROW FOLLOWS made_later INSERT INTO audit(what) VALUES ('between');
SET time_zone='+03:00';
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2036-01-01 01:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'at one; o''clock' DO DELETE FROM audit WHERE n < 0;
SET time_zone='+00:00';
CREATE EVENT once ON SCHEDULE AT '2037-06-01 12:00:00' DO BEGIN DELETE FROM audit; DELETE FROM keyless; END;
ALTER DATABASE shop COLLATE utf8mb4_general_ci;
CREATE FUNCTION of_other_collation(t varchar(10)) RETURNS varchar(10) DETERMINISTIC RETURN t;
