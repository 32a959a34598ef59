package wherry.connector;

/** Something that must be closed; closing never throws and may be done twice. */
public interface Resource extends AutoCloseable {
  @Override
  void close();
}
