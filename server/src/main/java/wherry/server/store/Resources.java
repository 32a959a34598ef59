package wherry.server.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Everything that has an ARN, and the secrets beside it. Safe for all threads; every call is one
 * transaction.
 */
public final class Resources {
  private static final String COLUMNS =
      "SELECT kind, arn, identifier, wire_json, created_at FROM resource";

  private final MetadataDatabase database;
  private final SecretCipher cipher;

  Resources(MetadataDatabase database, SecretCipher cipher) {
    this.database = database;
    this.cipher = cipher;
  }

  /**
   * Keeps a new resource.
   *
   * @throws DuplicateResourceException when its ARN or its identifier is taken
   */
  public void insert(Resource resource) {
    database.write(sql -> {
      refuseDuplicate(sql, resource, "");
      return sql.update(
          "INSERT INTO resource (arn, kind, identifier, identifier_key, wire_json, created_at)"
              + " VALUES (?, ?, ?, ?, ?, ?)",
          resource.arn(),
          resource.kind().name(),
          resource.identifier(),
          key(resource.identifier()),
          resource.wireJson(),
          resource.createdAt().toEpochMilli());
    });
  }

  private static void refuseDuplicate(Sql sql, Resource resource, String ownArn)
      throws SQLException {
    Optional<String> other =
        sql.first(
            "SELECT arn FROM resource WHERE (arn = ? OR (kind = ? AND identifier_key = ?)) AND arn"
                + " <> ?",
            row -> row.getString(1),
            resource.arn(),
            resource.kind().name(),
            key(resource.identifier()),
            ownArn);
    if (other.isPresent()) {
      throw new DuplicateResourceException(other.get());
    }
  }

  public Optional<Resource> find(String arn) {
    return database.read(sql -> find(sql, arn));
  }

  private static Optional<Resource> find(Sql sql, String arn) throws SQLException {
    return sql.first(COLUMNS + " WHERE arn = ?", Resources::resource, arn);
  }

  /** By identifier, compared without case. */
  public Optional<Resource> find(ResourceKind kind, String identifier) {
    return database.read(sql ->
        sql.first(
            COLUMNS + " WHERE kind = ? AND identifier_key = ?",
            Resources::resource,
            kind.name(),
            key(identifier)));
  }

  /**
   * All of a kind, the oldest first; an order that later inserts, changes and deletes do not
   * disturb.
   */
  public List<Resource> list(ResourceKind kind) {
    return database.read(sql ->
        sql.rows(
            COLUMNS + " WHERE kind = ? ORDER BY created_at, arn",
            Resources::resource,
            kind.name()));
  }

  public long count(ResourceKind kind) {
    return database.read(sql ->
        sql.first(
                "SELECT COUNT(*) FROM resource WHERE kind = ?", row -> row.getLong(1), kind.name())
            .orElse(0L));
  }

  /**
   * Puts identifier and wire JSON in the place of what the ARN has now.
   *
   * @return whether the ARN was there
   * @throws DuplicateResourceException when another one of the kind has the identifier
   */
  public boolean replace(Resource resource) {
    return database.write(sql -> {
      refuseDuplicate(sql, resource, resource.arn());
      return sql.update(
              "UPDATE resource SET identifier = ?, identifier_key = ?, wire_json = ? WHERE arn"
                  + " = ?",
              resource.identifier(),
              key(resource.identifier()),
              resource.wireJson(),
              resource.arn())
          == 1;
    });
  }

  /**
   * Compare and set: looks at the resource and changes it in one transaction, so that of two
   * callers with the same expectation one loses.
   *
   * @param expected what must hold of the resource as it now stands
   * @param change from its wire JSON to the new one; called at most once
   * @return the changed resource; empty when it is gone or not as expected, and then nothing has
   *     changed
   */
  public Optional<Resource> transition(
      String arn, Predicate<Resource> expected, UnaryOperator<String> change) {
    return database.write(sql -> {
      Optional<Resource> found = find(sql, arn).filter(expected);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Resource changed = found.get().withWireJson(change.apply(found.get().wireJson()));
      sql.update("UPDATE resource SET wire_json = ? WHERE arn = ?", changed.wireJson(), arn);
      return Optional.of(changed);
    });
  }

  /**
   * Deletes a resource and all that is kept about it, except its events. Returns whether it was
   * there.
   */
  public boolean delete(String arn) {
    return database.write(sql -> {
      sql.update("DELETE FROM secret WHERE arn = ?", arn);
      sql.update("DELETE FROM tag WHERE arn = ?", arn);
      sql.update("DELETE FROM connection WHERE endpoint_arn = ? OR instance_arn = ?", arn, arn);
      sql.update("DELETE FROM schema_refresh WHERE endpoint_arn = ?", arn);
      sql.update("DELETE FROM refreshed_schema WHERE endpoint_arn = ?", arn);
      sql.update("DELETE FROM task_table WHERE task_arn = ?", arn);
      sql.update("DELETE FROM task_run WHERE task_arn = ?", arn);
      return sql.update("DELETE FROM resource WHERE arn = ?", arn) == 1;
    });
  }

  /** Puts these secrets in the place of all that the ARN had; encrypted at rest. */
  public void putSecrets(String arn, Map<String, String> secrets) {
    database.write(sql -> {
      sql.update("DELETE FROM secret WHERE arn = ?", arn);
      for (Map.Entry<String, String> secret : secrets.entrySet()) {
        String sealed = cipher.seal(owner(arn, secret.getKey()), secret.getValue());
        sql.update(
            "INSERT INTO secret (arn, name, sealed) VALUES (?, ?, ?)",
            arn,
            secret.getKey(),
            sealed);
      }
      return secrets.size();
    });
  }

  /** The decrypted secrets by name; empty when there are none. */
  public Map<String, String> secrets(String arn) {
    Map<String, String> secrets = new TreeMap<>();
    database.read(sql ->
        sql.rows(
            "SELECT name, sealed FROM secret WHERE arn = ?",
            row -> {
              String name = row.getString(1);
              return secrets.put(name, cipher.open(owner(arn, name), row.getString(2)));
            },
            arn));
    return secrets;
  }

  private static String owner(String arn, String name) {
    return arn + "#" + name;
  }

  private static String key(String identifier) {
    return identifier.toLowerCase(Locale.ROOT);
  }

  private static Resource resource(ResultSet row) throws SQLException {
    return new Resource(
        ResourceKind.valueOf(row.getString(1)),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        Instant.ofEpochMilli(row.getLong(5)));
  }
}
