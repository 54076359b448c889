/* bare_commit: what the disk gives: durable LMDB commits of so many records each,
 * for a while.
 *
 *     bare_commit FOLDER SECONDS RECORDS      prints records per second
 */
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void must(int code, const char *what)
{
    if (code) {
        fprintf(stderr, "%s: %s\n", what, mdb_strerror(code));
        exit(1);
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void commit(MDB_env *env, long n, long *sequence)
{
    static char body[400];
    MDB_txn *txn;
    MDB_dbi db;
    must(mdb_txn_begin(env, NULL, 0, &txn), "begin");
    must(mdb_dbi_open(txn, NULL, 0, &db), "open");
    for (long i = 0; i < n; i++) {
        char id[32];
        MDB_val key = {(size_t)snprintf(id, sizeof id, "%016ld", ++*sequence), id},
                value = {sizeof body, body};
        must(mdb_put(txn, db, &key, &value, 0), "put");
    }
    must(mdb_txn_commit(txn), "commit");
}

int main(int argc, char **argv)
{
    MDB_env *env;
    long sequence = 0;
    if (argc != 4)
        return 2;
    must(mdb_env_create(&env), "env");
    must(mdb_env_set_mapsize(env, (size_t)1 << 32), "map");
    must(mdb_env_open(env, argv[1], 0, 0600), argv[1]);
    double start = now(), end = start + atof(argv[2]);
    while (now() < end)
        commit(env, atol(argv[3]), &sequence);
    printf("%.0f\n", (double)sequence / (now() - start));
    mdb_env_close(env);
    return 0;
}
