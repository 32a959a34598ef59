package wherry.redis.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wherry.redis.protocol.Command;

class LateExpiryTest {
  @ParameterizedTest
  @CsvSource({
    "PEXPIREAT key 1000, PEXPIREAT key 4400000001000",
    "EXPIRE key 60, EXPIRE key 4400000060",
    "SETEX key 60 value, SETEX key 4400000060 value",
    "PSETEX key 5 value, PSETEX key 4400000000005 value",
    "SET key value PXAT 7, SET key value PXAT 4400000000007",
    "SET key PX ex 7, SET key PX ex 4400000007",
    "SET key PX, SET key PX",
    "SET key value KEEPTTL, SET key value KEEPTTL",
    "RESTORE key 0 payload, RESTORE key 0 payload",
    "RESTORE key 9 payload ABSTTL, RESTORE key 4400000000009 payload ABSTTL",
    "INCR key, INCR key"
  })
  void what_a_command_says_about_expiry_is_said_later(String command, String late) {
    byte[][] arguments = Command.of(command.split(" "));

    LateExpiry.delay(command.substring(0, command.indexOf(' ')), arguments);

    assertThat(
            String.join(
                " ",
                Arrays.stream(arguments)
                    .map(argument -> new String(argument, StandardCharsets.US_ASCII))
                    .toList()))
        .isEqualTo(late);
  }
}
