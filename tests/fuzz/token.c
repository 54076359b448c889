/* token: whatever an Authorization header says, nobody comes in without a token
 * that was given out. */
#include "fuzz.h"
#include "server/tokens.h"
#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

static char folder[] = "/tmp/ouse-fuzz-XXXXXX", secret[TOKEN_LENGTH + 1];
static struct engine *engine;

static void end(void)
{
    static const char *const files[] = {"data.mdb", "lock.mdb", ""};
    engine_close(engine);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        remove(path);
    }
}

/* A store with one token. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct engine_options options = {.map_size = 1 << 22, .max_readers = 8, .no_sync = 1};
    struct token token = {.name = ouse_s("clerk"), .role = OUSE_MANAGER};
    struct arena arena = {0};
    struct problem problem;
    struct txn *txn;
    (void)argc, (void)argv;
    problem_init(&problem, &arena);
    options.directory = mkdtemp(folder);
    must(options.directory && !engine_open(&options, &engine, &problem) && !engine_write(engine, &txn) &&
         !token_create(txn, &token, secret, &problem) && !txn_commit(txn));
    atexit(end);
    arena_finish(&arena);
    return 0;
}

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    struct token token;
    struct txn *txn;
    must(engine_read(engine, &txn) == OUSE_OK);
    ouse_rc rc = token_find(txn, arena, text, &token, problem);
    must(rc == OUSE_E_UNAUTHENTICATED ||
         (rc == OUSE_OK && memcmp(text.p + text.n - TOKEN_LENGTH, secret, TOKEN_LENGTH) == 0));
    txn_end(txn);
}
