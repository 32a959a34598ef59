package wherry.demo;

import picocli.CommandLine.Option;

/** {@code --help}, for any command. */
public final class HelpOption {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  @SuppressWarnings("UnusedVariable") // picocli's
  private boolean help;
}
