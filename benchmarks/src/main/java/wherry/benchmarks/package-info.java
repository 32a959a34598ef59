/** The benchmarks: our rates beside the limit of the machine and the peers, measured in one run. */
@NullMarked
package wherry.benchmarks;

import org.jspecify.annotations.NullMarked;
