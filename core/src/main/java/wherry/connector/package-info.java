/** What a connector is: a source that gives a consistent snapshot and a target that takes rows. */
@NullMarked
package wherry.connector;

import org.jspecify.annotations.NullMarked;
