/** The commands that show what a mapping does before anything moves. */
@NullMarked
package wherry.server.command;

import org.jspecify.annotations.NullMarked;
