/** What a task would do and what stands in its way, told before anything moves. */
@NullMarked
package wherry.plan;

import org.jspecify.annotations.NullMarked;
