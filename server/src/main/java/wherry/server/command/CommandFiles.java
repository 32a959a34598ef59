package wherry.server.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import wherry.task.SettingsDocument;
import wherry.task.SettingsException;
import wherry.task.TaskSettings;

/** The files that a command is given. */
final class CommandFiles {
  private CommandFiles() {}

  /** What cannot go on; the message is for the user, and all there is to say. */
  static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unusable(String message) {
      super(message);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new Unusable("There is no file " + file + ".");
    } catch (IOException e) {
      throw new Unusable("The file " + file + " cannot be read: " + e.getMessage());
    }
  }

  static void write(Path file, String text) {
    try {
      Files.writeString(file, text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new Unusable("The file " + file + " cannot be written: " + e.getMessage());
    }
  }

  /**
   * Task settings over the defaults.
   *
   * @param file null for none
   */
  static TaskSettings settings(@Nullable Path file) {
    try {
      ObjectNode given = SettingsDocument.parse(file == null ? "{}" : read(file));
      return TaskSettings.of(SettingsDocument.merge(SettingsDocument.defaults(), given), given);
    } catch (SettingsException e) {
      throw new Unusable(file + ": " + e.getMessage());
    }
  }
}
