package wherry.server.wire;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Sends what libraries log through the platform's {@link System.Logger}, as the web server does, to
 * our own log.
 */
public final class PlatformLoggers extends System.LoggerFinder {

  @Override
  public System.Logger getLogger(String name, Module module) {
    return new PlatformLogger(LoggerFactory.getLogger(name));
  }

  private record PlatformLogger(org.slf4j.Logger log) implements System.Logger {

    @Override
    public String getName() {
      return log.getName();
    }

    @Override
    public boolean isLoggable(Level level) {
      return switch (level) {
        case ALL, TRACE -> log.isTraceEnabled();
        case DEBUG -> log.isDebugEnabled();
        case INFO -> log.isInfoEnabled();
        case WARNING -> log.isWarnEnabled();
        case ERROR -> log.isErrorEnabled();
        case OFF -> false;
      };
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable thrown) {
      switch (level) {
        case ALL, TRACE -> log.trace(message, thrown);
        case DEBUG -> log.debug(message, thrown);
        case INFO -> log.info(message, thrown);
        case WARNING -> log.warn(message, thrown);
        case ERROR -> log.error(message, thrown);
        case OFF -> {}
      }
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object @Nullable ... parameters) {
      if (isLoggable(level)) {
        boolean plain = parameters == null || parameters.length == 0 || format == null;
        log(
            level,
            bundle,
            plain ? format : MessageFormat.format(format, parameters),
            (Throwable) null);
      }
    }
  }
}
