package wherry.server;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import wherry.server.command.MapCommand;
import wherry.server.command.PlanCommand;

/** The service's command line. */
@Command(
    name = "./wherry",
    description = "The open, self-hosted AWS Database Migration Service.",
    mixinStandardHelpOptions = true,
    version = Service.VERSION,
    subcommands = {Main.Serve.class, MapCommand.class, PlanCommand.class})
public final class Main {
  /** Characters of the lines that the descriptions are written in, and one. */
  private static final int HELP_WIDTH = 121;

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  public static CommandLine commandLine() {
    return new CommandLine(new Main()).setUsageHelpWidth(HELP_WIDTH);
  }

  @Command(
      name = "serve",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Runs the service in the foreground until it is ended.",
        "It answers the AWS DMS API and ElastiCache's on one port, and carries on with every task that was running before."
      },
      footer = {
        "",
        "Environment:",
        "  WHERRY_ACCESS_KEY_ID, WHERRY_SECRET_ACCESS_KEY",
        "                       who may call; without them the first start makes keys and shows them once",
        "  WHERRY_ENCRYPTION_KEY",
        "                       base64 of 32 bytes that encrypt stored passwords; without it a key file in the data folder",
        "  WHERRY_CACHE_SERVERS, WHERRY_CACHE_ADDRESS",
        "                       redis-server and valkey-server programs (default: those of the PATH), and the address they",
        "                       listen on (default: 127.0.0.1)",
        "  WHERRY_CACHE_ATTACHED",
        "                       file that shows Redis and Valkey servers which run already as replication groups, on each",
        "                       line a name and redis://[user:password@]host:port (docs/redis-migrations.md)"
      })
  static final class Serve implements Callable<Integer> {
    @Option(
        names = "--port",
        defaultValue = "8080",
        description = "port to listen on, 0 for a free one (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(
        names = "--bind",
        defaultValue = "127.0.0.1",
        description = "address to listen on (default: ${DEFAULT-VALUE})")
    private String bind = "";

    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "folder of the store, keys and task logs (default: ~/.wherry)")
    private @Nullable Path data;

    @Option(
        names = "--compat-dwell",
        paramLabel = "TIME",
        defaultValue = "30s",
        converter = DurationText.class,
        description = {
          "how long a finished load stays \"running\" at most while no client has seen it running,",
          "for scripts written against a slower service; 0s ends it at once (default: ${DEFAULT-VALUE})"
        })
    private Duration compatDwell = Duration.ZERO;

    @Option(
        names = "--account",
        paramLabel = "ID",
        description = "account of all resources, twelve digits (default: 000000000000)")
    private @Nullable String account;

    @Option(
        names = "--tls-certificate",
        paramLabel = "FILE",
        description = "PEM certificate chain; with --tls-key the service speaks HTTPS")
    private @Nullable Path tlsCertificate;

    @Option(
        names = "--tls-key",
        paramLabel = "FILE",
        description = "PEM private key of the certificate")
    private @Nullable Path tlsKey;

    @Option(
        names = "--no-auth",
        description =
            "take requests without checking signatures; for throw-away use on loopback only")
    private boolean noAuth;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
      CommandLine line = java.util.Objects.requireNonNull(spec).commandLine();
      ServerConfig config = config(line);
      List<String> problems = config.problems();
      if (!problems.isEmpty()) {
        throw new CommandLine.ParameterException(
            line, String.join(System.lineSeparator(), problems));
      }
      PrintWriter out = line.getOut();
      Service service;
      try {
        service = Service.start(config, System.getenv());
      } catch (IllegalStateException | IllegalArgumentException e) {
        line.getErr().println("wherry: " + e.getMessage());
        return 1;
      }
      CountDownLatch ended = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    service.close();
                    ended.countDown();
                  },
                  "shutdown"));
      service.credentials().ifPresent(out::print);
      out.println(
          "Wherry "
              + Service.VERSION
              + " answers on "
              + service.url()
              + ", data in "
              + config.data());
      out.flush();
      ended.await();
      return 0;
    }

    private ServerConfig config(CommandLine line) {
      if ((tlsCertificate == null) != (tlsKey == null)) {
        throw new CommandLine.ParameterException(
            line, "--tls-certificate and --tls-key go together; only one is given.");
      }
      Optional<ServerConfig.Tls> tls =
          tlsCertificate == null || tlsKey == null
              ? Optional.empty()
              : Optional.of(new ServerConfig.Tls(tlsCertificate, tlsKey));
      Path folder = data == null ? Path.of(System.getProperty("user.home"), ".wherry") : data;
      return new ServerConfig(
          port, bind, folder, compatDwell, !noAuth, tls, Optional.ofNullable(account));
    }
  }

  /** {@code 30s}, {@code 500ms}, {@code 2m}. */
  static final class DurationText implements CommandLine.ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (!text.matches("\\d{1,7}(ms|s|m)")) {
        throw new CommandLine.TypeConversionException(
            "'" + text + "' is no time; 30s, 500ms or 2m is expected");
      }
      long number = Long.parseLong(text.replaceAll("\\D", ""));
      return text.endsWith("ms")
          ? Duration.ofMillis(number)
          : text.endsWith("s") ? Duration.ofSeconds(number) : Duration.ofMinutes(number);
    }
  }
}
