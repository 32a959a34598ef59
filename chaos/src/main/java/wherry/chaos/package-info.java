/**
 * Proves that changes arrive exactly once and in order while services, servers, networks and disks
 * fail.
 */
@NullMarked
package wherry.chaos;

import org.jspecify.annotations.NullMarked;
