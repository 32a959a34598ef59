/** The service: its command line, its configuration, and the wiring of its rooms. */
@NullMarked
package wherry.server;

import org.jspecify.annotations.NullMarked;
