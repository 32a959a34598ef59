package wherry.connector;

/**
 * What is to be carried from where to where.
 *
 * @param source connection settings of the source
 * @param target connection settings of the target, of the same family of engines
 * @param selection which schemas and tables
 * @param preparation what happens to selected objects that the target has already: DROP_AND_CREATE
 *     replaces them, TRUNCATE_BEFORE_LOAD empties tables and keeps definitions, DO_NOTHING keeps
 *     both
 * @param grants whether the rights of other users are carried
 * @param changesFollow whether changes are applied after the load, so that nothing may be carried
 *     before {@link ObjectCarrier#atCutover} that would do twice what the source has done
 * @param jobs sessions at most that work on the target at the same time, at least 1
 */
public record ObjectRequest(
    Endpoint source,
    Endpoint target,
    ObjectSelection selection,
    PrepareMode preparation,
    boolean grants,
    boolean changesFollow,
    int jobs) {}
