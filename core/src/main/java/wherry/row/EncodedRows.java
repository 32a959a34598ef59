package wherry.row;

import java.util.List;

/**
 * Rows in a format that only the two ends understand. The pieces are handed on as they came from
 * the source's socket, each holding whole rows.
 *
 * @param format the agreed format
 * @param pieces bytes in order; not to be changed
 * @param count rows in all pieces
 * @param bytes sum of the pieces' lengths
 */
public record EncodedRows(RowFormat format, List<byte[]> pieces, int count, long bytes)
    implements Rows {}
