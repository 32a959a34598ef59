package wherry.testing;

import wherry.error.DmsException;
import wherry.task.TableStatistics;
import wherry.task.TaskListener;

/** Listens to a task and does nothing about it; a test overrides what it wants to know. */
public class QuietListener implements TaskListener {
  @Override
  public void running() {}

  @Override
  public void tableChanged(TableStatistics statistics) {}

  @Override
  public void snapshotTaken(String position) {}

  @Override
  public void loaded() {}

  @Override
  public void retrying(DmsException failure, int attempt, int afterSeconds) {}

  @Override
  public void log(Component component, Severity severity, String message) {}
}
