package wherry.server.store;

import java.util.List;
import java.util.Optional;

/** Who may call: access key ids and their secrets, encrypted at rest. Safe for all threads. */
public final class AccessKeys {
  private final MetadataDatabase database;
  private final SecretCipher cipher;

  AccessKeys(MetadataDatabase database, SecretCipher cipher) {
    this.database = database;
    this.cipher = cipher;
  }

  /** Adds a key, or gives it another secret. */
  public void put(String id, String secret) {
    database.write(sql ->
        sql.update(
            "INSERT INTO access_key (id, sealed_secret, created_at) VALUES (?, ?, ?)"
                + " ON CONFLICT (id) DO UPDATE SET sealed_secret = excluded.sealed_secret",
            id,
            cipher.seal(id, secret),
            System.currentTimeMillis()));
  }

  public Optional<String> secret(String id) {
    return database
        .read(sql ->
            sql.first(
                "SELECT sealed_secret FROM access_key WHERE id = ?", row -> row.getString(1), id))
        .map(sealed -> cipher.open(id, sealed));
  }

  /** Ids, the oldest first. */
  public List<String> ids() {
    return database.read(sql ->
        sql.rows("SELECT id FROM access_key ORDER BY created_at, id", row -> row.getString(1)));
  }
}
