/**
 * The demonstration: generated data, a migration through the public API, an independent comparison.
 */
@NullMarked
package wherry.demo;

import org.jspecify.annotations.NullMarked;
