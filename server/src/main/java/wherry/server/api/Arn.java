package wherry.server.api;

import java.security.SecureRandom;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import wherry.server.store.ResourceKind;
import wherry.server.wire.Caller;

/**
 * The name of a resource: {@code arn:partition:dms:region:account:kind:id}. The account may be
 * empty in ARNs that clients build without knowing it.
 */
record Arn(String partition, String region, String account, String kind, String id) {
  private static final Pattern FORM =
      Pattern.compile(
          "arn:(aws[a-z-]*):dms:([a-z0-9-]*):(\\d{12}|):([a-z-]+):([A-Za-z0-9._:-]{1,255})");

  /** RFC 4648. */
  private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  /** Characters of a random id: 26 × 5 bits hold 128 bits. */
  private static final int ID_CHARACTERS = 26;

  private static final SecureRandom RANDOM = new SecureRandom();

  static Optional<Arn> parse(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches()
        ? Optional.of(
            new Arn(form.group(1), form.group(2), form.group(3), form.group(4), form.group(5)))
        : Optional.empty();
  }

  /** The caller's resource of this id. */
  static String of(Caller caller, ResourceKind kind, String id) {
    return new Arn(caller.partition(), caller.region(), caller.accountId(), kind.arnSegment(), id)
        .toString();
  }

  /**
   * A new resource of the caller's.
   *
   * @param resourceIdentifier the id that the caller wants; null for a random one
   */
  static String fresh(Caller caller, ResourceKind kind, @Nullable String resourceIdentifier) {
    String id =
        resourceIdentifier == null
            ? randomId()
            : Identifiers.resourceIdentifier(resourceIdentifier);
    return of(caller, kind, id);
  }

  private static String randomId() {
    StringBuilder id = new StringBuilder(ID_CHARACTERS);
    for (int i = 0; i < ID_CHARACTERS; i++) {
      id.append(BASE32.charAt(RANDOM.nextInt(BASE32.length())));
    }
    return id.toString();
  }

  @Override
  public String toString() {
    return "arn:" + partition + ":dms:" + region + ":" + account + ":" + kind + ":" + id;
  }
}
