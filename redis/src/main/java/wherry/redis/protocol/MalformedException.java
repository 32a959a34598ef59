package wherry.redis.protocol;

import java.io.IOException;

/** What a server sends is not what it should be, and would be the same when it is sent again. */
public final class MalformedException extends IOException {
  private static final long serialVersionUID = 1L;

  public MalformedException(String message) {
    super(message);
  }
}
