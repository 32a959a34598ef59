package wherry.connector;

import java.util.List;

/**
 * What both sides can be asked. Each call opens and closes its own connection; safe for all
 * threads.
 */
public interface Database extends Resource {
  /**
   * Connects for real (TCP, TLS, login) and probes the privileges that this side needs.
   *
   * @throws wherry.error.DmsException naming what failed, the likely cause and the statement that
   *     mends it
   */
  void test();

  /** Schemas (PostgreSQL) or databases (MySQL) that are not the system's, sorted. */
  List<String> schemas();
}
