/**
 * Private, real database servers as child processes of this JVM, for the demo, the tests and the
 * benchmarks.
 */
@NullMarked
package wherry.sandbox;

import org.jspecify.annotations.NullMarked;
