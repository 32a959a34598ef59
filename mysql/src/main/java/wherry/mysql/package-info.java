/** MySQL and MariaDB as source and target. */
@NullMarked
package wherry.mysql;

import org.jspecify.annotations.NullMarked;
