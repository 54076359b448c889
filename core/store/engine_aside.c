/* engine_aside: a second, larger mapping of a store file that another process has grown, for reads only; see
 * engine_lmdb.h.
 *
 * LMDB can map a file again only while no snapshot is out, and an export may hold one for minutes. Until
 * then reads go to a second environment of the same file. It has no lock file, so nothing is unlocked when it
 * is closed; and it has no reader slots, so a writer does not know its snapshots. They are safe all the same
 * while one snapshot of the first environment is out: pages that were in use then are not used again, nor
 * are those that were written later. engine.c sees to that: it opens a snapshot here only while it holds
 * such a one, and keeps that one (the pin) until the last snapshot here has ended.
 */
#include "engine_lmdb.h"

#include "../observe/log.h"

static int open_dbs(const struct engine *engine, MDB_env *env)
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    for (int db = 0; db < DB_COUNT && !code; db++) {
        MDB_dbi opened;
        code = mdb_dbi_open(txn, engine_db_names[db], 0, &opened);
        if (!code && opened != engine->dbs[db]) /* they are opened in the same order */
            code = MDB_BAD_DBI;
    }
    if (code)
        mdb_txn_abort(txn);
    return code ? code : mdb_txn_commit(txn);
}

/* Without a map size: LMDB takes the one that the other process wrote. */
int engine_open_aside(struct engine *engine)
{
    MDB_env *env = NULL;
    int code = mdb_env_create(&env);
    if (!code)
        code = mdb_env_set_maxdbs(env, DB_COUNT);
    if (!code)
        code = mdb_env_open(env, engine->directory, MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0600);
    if (!code)
        code = open_dbs(engine, env);
    if (code) {
        log_error("store", "%s cannot be mapped a second time: %s", engine->directory, mdb_strerror(code));
        mdb_env_close(env);
        return code;
    }
    engine->aside = env;
    return 0;
}

void engine_close_aside(struct engine *engine)
{
    mdb_env_close(engine->aside);
    engine->aside = NULL;
}
