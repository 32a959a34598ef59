package wherry.demo;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;

/**
 * What the user sees: headings, commands, and one line of progress that is redrawn on a terminal.
 */
public final class Display {
  private static final long PLAIN_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final String ERASE_LINE = "\r\u001b[2K";

  private final PrintWriter out;
  private final boolean terminal;
  private long lastStatusNanos;
  private boolean statusShown;

  /** On anything but a terminal, progress is printed as a plain line every two seconds. */
  public Display(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  public void heading(String text) {
    line("");
    line(terminal ? "\u001b[1m" + text + "\u001b[0m" : text);
  }

  public void line(String text) {
    if (terminal && statusShown) {
      out.print(ERASE_LINE);
      statusShown = false;
    }
    out.println(text);
    out.flush();
  }

  /** A command that would do the same as the step that follows. */
  public void command(String command) {
    line(terminal ? "  \u001b[36m$ " + command + "\u001b[0m" : "  $ " + command);
  }

  /** Progress; the next status takes its place. */
  public void status(String text) {
    if (terminal) {
      out.print(ERASE_LINE + "  " + text);
      out.flush();
      statusShown = true;
    } else if (System.nanoTime() - lastStatusNanos >= PLAIN_INTERVAL_NANOS) {
      lastStatusNanos = System.nanoTime();
      out.println("  " + text);
      out.flush();
    }
  }
}
