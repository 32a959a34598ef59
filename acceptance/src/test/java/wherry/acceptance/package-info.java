/** Black-box tests: real clients and real databases against the service as users run it. */
@NullMarked
package wherry.acceptance;

import org.jspecify.annotations.NullMarked;
