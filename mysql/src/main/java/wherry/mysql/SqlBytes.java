package wherry.mysql;

import java.io.IOException;
import org.mariadb.jdbc.client.Context;
import org.mariadb.jdbc.client.socket.Writer;
import org.mariadb.jdbc.message.ClientMessage;

/**
 * A statement that is already bytes in UTF-8; JDBC would want a String of it, and encode it again.
 */
record SqlBytes(Bytes sql, String description) implements ClientMessage {
  private static final byte COM_QUERY = 3;

  @Override
  public int encode(Writer writer, Context context) throws IOException {
    writer.initPacket();
    writer.writeByte(COM_QUERY);
    writer.writeBytes(sql.array(), 0, sql.length());
    writer.flush();
    return 1;
  }
}
