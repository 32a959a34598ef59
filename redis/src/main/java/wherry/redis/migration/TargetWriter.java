package wherry.redis.migration;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import wherry.error.DmsException;
import wherry.error.ErrorCode;
import wherry.redis.ServerAddress;
import wherry.redis.protocol.Command;
import wherry.redis.protocol.Connection;
import wherry.redis.protocol.Reply;

/**
 * Commands to one primary of the target without waiting for each reply: one thread writes, another
 * reads the replies. A reply that is an error is thrown by the next call, with its command and key.
 */
final class TargetWriter implements AutoCloseable {
  private static final int FLUSH_BYTES = 64 * 1024;
  private static final int COMMANDS_IN_FLIGHT_MAX = 20_000;
  private static final int SILENCE_SECONDS = 60;
  private static final int LOOK_MILLISECONDS = 10_000;

  /** What was sent and not answered: the command's name and its key, for a message. */
  private record Sent(byte[] name, byte @Nullable [] key) {}

  private final Connection connection;
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(2 * FLUSH_BYTES);
  private final ArrayBlockingQueue<Sent> inFlight =
      new ArrayBlockingQueue<>(COMMANDS_IN_FLIGHT_MAX);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition answered = lock.newCondition();
  private final Runnable onFailure;
  private volatile long sent;
  private volatile long received;
  private volatile @Nullable DmsException failure;
  private volatile boolean closed;

  /** When something last passed, either way. */
  private volatile long passedAt = System.nanoTime();

  /**
   * @param onFailure called once, by the thread that reads, when a reply is an error or none comes
   */
  TargetWriter(ServerAddress primary, Runnable onFailure) {
    this.onFailure = onFailure;
    connection = Connection.open(primary);
    ForeignWriters.exempt(connection);
    connection.readTimeout(LOOK_MILLISECONDS);
    Thread.ofVirtual().name("redis-replies-" + primary.port()).start(this::read);
  }

  ServerAddress address() {
    return connection.address();
  }

  /** How many commands were sent; all of them are done when {@link #received} is as many. */
  long sent() {
    return sent;
  }

  long received() {
    return received;
  }

  /** The command, whose key, if it has one, is its second argument. */
  void send(byte[]... arguments) {
    begin(arguments[0], arguments.length > 1 ? arguments[1] : null);
    Command.writeHeader(buffer, arguments.length);
    for (byte[] argument : arguments) {
      if (argument.length < FLUSH_BYTES) {
        Command.writeArgument(buffer, argument);
      } else {
        sendUncopied(argument);
      }
    }
    flushWhenLarge();
  }

  /** A large argument goes from where it is. */
  private void sendUncopied(byte[] argument) {
    Command.writeLine(buffer, '$', argument.length);
    flush();
    try {
      for (int from = 0; from < argument.length; from += FLUSH_BYTES) {
        connection.output().write(argument, from, Math.min(FLUSH_BYTES, argument.length - from));
        passedAt = System.nanoTime();
      }
    } catch (IOException e) {
      throw Connection.unreachable(connection.address(), e);
    }
    buffer.write('\r');
    buffer.write('\n');
  }

  /** A command of which some bytes are in a larger array. */
  void sendRestore(
      byte[] key, byte[] ttl, int type, byte[] array, int offset, int length, byte[] footer) {
    begin(RESTORE, key);
    boolean expires = ttl.length > 1;
    Command.writeHeader(buffer, expires ? 5 : 4);
    Command.writeArgument(buffer, RESTORE);
    Command.writeArgument(buffer, key);
    Command.writeArgument(buffer, ttl);
    Command.writeLine(buffer, '$', 1 + length + footer.length);
    buffer.write(type);
    buffer.write(array, offset, length);
    buffer.write(footer, 0, footer.length);
    buffer.write('\r');
    buffer.write('\n');
    if (expires) {
      Command.writeArgument(buffer, ABSOLUTE);
    }
    flushWhenLarge();
  }

  private static final byte[] RESTORE = Command.bytes("RESTORE");
  private static final byte[] ABSOLUTE = Command.bytes("ABSTTL");

  private void begin(byte[] name, byte @Nullable [] key) {
    throwFailure();
    if (received == sent) {
      passedAt = System.nanoTime(); // It has been silent because nothing was asked.
    }
    Sent entry = new Sent(name, key);
    if (!inFlight.offer(entry)) {
      flush();
      await(entry);
    }
    sent++;
  }

  private void await(Sent entry) {
    try {
      while (!inFlight.offer(entry, 100, TimeUnit.MILLISECONDS)) {
        throwFailure();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    }
  }

  private void flushWhenLarge() {
    if (buffer.size() >= FLUSH_BYTES) {
      flush();
    }
  }

  void flush() {
    throwFailure();
    try {
      buffer.writeTo(connection.output());
      connection.output().flush();
      passedAt = System.nanoTime();
      buffer.reset();
    } catch (IOException e) {
      throw Connection.unreachable(connection.address(), e);
    }
  }

  /** Waits until everything that was sent is done. */
  void await() {
    flush();
    lock.lock();
    try {
      while (received < sent && failure == null) {
        answered.await(100, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    } finally {
      lock.unlock();
    }
    throwFailure();
  }

  private DmsException interrupted(InterruptedException e) {
    return new DmsException(
        ErrorCode.CONNECTION_FAILED, "writing to %s was interrupted".formatted(address()), e);
  }

  void throwFailure() {
    DmsException seen = failure;
    if (seen != null) {
      throw seen;
    }
  }

  private void read() {
    try {
      while (!closed) {
        awaitReply();
        Reply reply = Reply.read(connection.input());
        Sent command = inFlight.poll();
        if (command == null) {
          throw new IOException("it answers what nobody has asked");
        }
        refuseErrors(command, reply);
        lock.lock();
        try {
          received++;
          answered.signalAll();
        } finally {
          lock.unlock();
        }
      }
    } catch (IOException e) {
      fail(Connection.unreachable(connection.address(), e));
    } catch (DmsException e) {
      fail(e);
    }
  }

  /** Waits as long as there is nothing to answer, and otherwise not for ever. */
  private void awaitReply() throws IOException {
    while (true) {
      try {
        connection.input().await();
        passedAt = System.nanoTime();
        return;
      } catch (SocketTimeoutException nothingYet) {
        long silent = System.nanoTime() - passedAt;
        if (!inFlight.isEmpty() && silent > TimeUnit.SECONDS.toNanos(SILENCE_SECONDS)) {
          throw new IOException("it has answered nothing for " + SILENCE_SECONDS + " s");
        }
      }
    }
  }

  /** EXEC's reply holds those of its commands, errors as well. */
  private void refuseErrors(Sent command, Reply reply) {
    switch (reply) {
      case Reply.Failure error ->
          throw Connection.refused(address(), describe(command), error.message());
      case Reply.Array array -> array.items().forEach(item -> refuseErrors(command, item));
      case Reply.Bytes bytes -> {}
      case Reply.Number number -> {}
      case Reply.Nil nil -> {}
    }
  }

  private static String describe(Sent command) {
    String name = Comparison.printable(command.name());
    byte[] key = command.key();
    return key == null ? name : name + " of " + Comparison.printable(key);
  }

  private void fail(DmsException reason) {
    lock.lock();
    try {
      if (failure == null && !closed) {
        failure = reason;
      }
      answered.signalAll();
    } finally {
      lock.unlock();
    }
    connection.close();
    onFailure.run();
  }

  @Override
  public void close() {
    closed = true;
    connection.close();
  }
}
