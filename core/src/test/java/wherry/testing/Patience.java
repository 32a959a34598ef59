package wherry.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a test awaits without a time of its own may take three minutes: on a machine that does other
 * work too, Awaitility's ten seconds pass without anything being wrong. Found by JUnit itself, for
 * each module that has these classes.
 */
public final class Patience implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(3));
  }
}
