/** Makes wishes true: runs tasks, restarts them, and remembers what became of them. */
@NullMarked
package wherry.server.run;

import org.jspecify.annotations.NullMarked;
