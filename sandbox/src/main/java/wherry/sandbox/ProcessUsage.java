package wherry.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process and its children use, read from /proc (proc(5)); a process that ended meanwhile
 * counts nothing.
 *
 * @param process the first process
 */
public record ProcessUsage(ProcessHandle process) {
  /**
   * Linux counts processor time in hundredths of a second towards user space on every architecture
   * we run on.
   */
  private static final double TICKS_PER_SECOND = 100;

  private static final long KIBIBYTE = 1024;

  /** Resident memory in bytes; pages that several of the processes share are counted once. */
  public long residentBytes() {
    return processes()
        .mapToLong(handle -> kibibytes(handle, "smaps_rollup", "Pss:") * KIBIBYTE)
        .sum();
  }

  /** The most that the first process ever had resident, in bytes; its children are not counted. */
  public long peakResidentBytes() {
    return kibibytes(process, "status", "VmHWM:") * KIBIBYTE;
  }

  /** Processor seconds, user and system, of all of them and of the children that ended. */
  public double cpuSeconds() {
    return processes().mapToLong(ProcessUsage::cpuTicks).sum() / TICKS_PER_SECOND;
  }

  /** Processor seconds of all direct children of this JVM that have ended, since it started. */
  public static double endedChildrenCpuSeconds() {
    return ticks(ProcessHandle.current(), 16, 17) / TICKS_PER_SECOND;
  }

  private Stream<ProcessHandle> processes() {
    return Stream.concat(Stream.of(process), process.descendants());
  }

  private static long kibibytes(ProcessHandle handle, String file, String label) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(handle.pid()), file)).stream()
          .filter(line -> line.startsWith(label))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    } catch (IOException ended) {
      return 0;
    }
  }

  private static long cpuTicks(ProcessHandle handle) {
    return ticks(handle, 14, 17);
  }

  /** Fields of the stat file; 14 to 17 are user and system time, own and of children that ended. */
  private static long ticks(ProcessHandle handle, int firstField, int lastField) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(handle.pid()), "stat"));
      // The second field is the command in parentheses and may hold spaces.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = 0;
      for (int field = firstField; field <= lastField; field++) {
        ticks += Long.parseLong(fields[field - 3]);
      }
      return ticks;
    } catch (IOException ended) {
      return 0;
    }
  }
}
