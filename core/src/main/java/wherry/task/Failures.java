package wherry.task;

import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;

/** What came out of another thread, as a failure of the run. */
final class Failures {
  private Failures() {}

  /**
   * @param doing what was being done, as the beginning of a sentence
   */
  static DmsException of(@Nullable Throwable cause, String doing) {
    return switch (cause) {
      case DmsException failure -> failure;
      case OutOfMemoryError full ->
          new DmsException(
              ErrorCode.RESOURCES_EXHAUSTED,
              doing
                  + " did not fit into the service's heap of "
                  + (Runtime.getRuntime().maxMemory() >> 20)
                  + " MB. Start the service with more, for example WHERRY_JAVA_OPTIONS=-Xmx2g.",
              full);
      case null, default ->
          new DmsException(
              ErrorCode.INTERNAL,
              doing
                  + " ended unexpectedly: "
                  + cause
                  + ". This is a defect in Wherry; the log of the service has the stack. Resume the task to try again.",
              cause);
    };
  }
}
