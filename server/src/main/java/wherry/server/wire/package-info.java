/**
 * The AWS wire: JSON 1.1 by one codec over the SDK's shapes, checked against the service's
 * contract, signed, over HTTP.
 */
@NullMarked
package wherry.server.wire;

import org.jspecify.annotations.NullMarked;
