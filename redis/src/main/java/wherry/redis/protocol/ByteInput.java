package wherry.redis.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A buffered, counted stream of bytes whose last part can be read twice: what was read since {@link
 * #mark} stays in the buffer, as far as it is large enough.
 *
 * <p>Not safe for several threads.
 */
public final class ByteInput {
  private final InputStream in;
  private final byte[] buffer;
  private int position;
  private int limit;
  private int mark = -1;
  private long bufferOffset;

  /** Thrown when more was read since the mark than the buffer holds; {@link #reset} is possible. */
  public static final class MarkExceededException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * It is the answer to a question and not a failure, so that nobody needs to know from where.
     */
    @Override
    public Throwable fillInStackTrace() {
      return this;
    }
  }

  public ByteInput(InputStream in, int bufferBytes) {
    this.in = in;
    this.buffer = new byte[bufferBytes];
  }

  /** How many bytes were taken since the beginning. */
  public long offset() {
    return bufferOffset + position;
  }

  /** Whether at least one byte can be taken without waiting. */
  public boolean isReady() throws IOException {
    return position < limit || in.available() > 0;
  }

  /** Waits until a byte can be taken; one that ends because it took too long takes nothing. */
  public void await() throws IOException {
    if (position == limit) {
      fill();
    }
  }

  /** Remembers this place. */
  public void mark() {
    mark = position;
  }

  /** Goes back to the mark and forgets it. */
  public void reset() {
    position = mark;
    mark = -1;
  }

  /** Forgets the mark. */
  public void unmark() {
    mark = -1;
  }

  /** How many bytes were taken since the mark. */
  public int markedLength() {
    return position - mark;
  }

  /** The array in which what was taken since the mark begins at {@link #markedStart}. */
  public byte[] array() {
    return buffer;
  }

  public int markedStart() {
    return mark;
  }

  /** The next byte, 0 … 255. */
  public int read() throws IOException {
    if (position == limit) {
      fill();
    }
    return buffer[position++] & 0xff;
  }

  public byte[] readBytes(int length) throws IOException {
    byte[] bytes = new byte[length];
    readFully(bytes, 0, length);
    return bytes;
  }

  public void readFully(byte[] target, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      if (position == limit) {
        fill();
      }
      int part = Math.min(length - done, limit - position);
      System.arraycopy(buffer, position, target, offset + done, part);
      position += part;
      done += part;
    }
  }

  public void skip(long length) throws IOException {
    long left = length;
    while (left > 0) {
      if (position == limit) {
        fill();
      }
      int part = (int) Math.min(left, limit - position);
      position += part;
      left -= part;
    }
  }

  /** A little-endian number of 8 bytes. */
  public long readLongLittleEndian() throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      value |= (long) read() << shift;
    }
    return value;
  }

  /** A big-endian number of this many bytes, at most 8. */
  public long readBigEndian(int bytes) throws IOException {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << Byte.SIZE | read();
    }
    return value;
  }

  private void fill() throws IOException {
    if (mark < 0) {
      bufferOffset += limit;
      position = 0;
      limit = 0;
    } else if (limit == buffer.length) {
      if (mark == 0) {
        throw new MarkExceededException();
      }
      System.arraycopy(buffer, mark, buffer, 0, limit - mark);
      bufferOffset += mark;
      position -= mark;
      limit -= mark;
      mark = 0;
    }
    int count = in.read(buffer, limit, buffer.length - limit);
    if (count < 0) {
      throw new EOFException("the server has closed the connection");
    }
    limit += count;
  }

  /** An input over bytes that are there already. */
  public static ByteInput of(byte[] bytes) {
    ByteInput input = new ByteInput(InputStream.nullInputStream(), bytes, bytes.length);
    return input;
  }

  private ByteInput(InputStream in, byte[] buffer, int limit) {
    this.in = in;
    this.buffer = buffer;
    this.limit = limit;
  }

  /** Nothing is kept of a buffer: for messages. */
  @Override
  public @Nullable String toString() {
    return "input at " + offset();
  }
}
