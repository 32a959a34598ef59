/** What the AWS wire promises. */
@NullMarked
package wherry.server.wire;

import org.jspecify.annotations.NullMarked;
