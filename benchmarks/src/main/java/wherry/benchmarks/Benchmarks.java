package wherry.benchmarks;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import wherry.demo.CommandRun;
import wherry.demo.HelpOption;

/** {@code ./wherry bench}: one subcommand per benchmark. */
@Command(
    name = "./wherry bench",
    subcommands = {
      LoadBenchmark.class,
      MappingBenchmark.class,
      ChangesBenchmark.class,
      HomogeneousBenchmark.class,
      RedisBenchmark.class
    },
    synopsisSubcommandLabel = "COMMAND",
    description = "Measures Wherry beside the limit of this machine and its peers.")
public final class Benchmarks {

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli's
  private HelpOption help = new HelpOption();

  public static void main(String[] arguments) {
    System.exit(CommandRun.of(new Benchmarks(), arguments));
  }
}
