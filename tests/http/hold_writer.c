/* hold_writer FOLDER: another process that holds the write transaction of a register until its standard
 * input ends. Writes "held" to standard output when it has it. */
#include "store/engine.h"

#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct problem problem;
    struct engine *engine = NULL;
    struct txn *txn = NULL;
    char byte;
    problem_init(&problem, &arena);
    const struct engine_options options = {
        .directory = argc > 1 ? argv[1] : ".", .map_size = 1 << 30, .max_readers = 126};
    int failed = engine_open(&options, &engine, &problem) || engine_write(engine, &txn);
    if (!failed) {
        puts("held");
        fflush(stdout);
        while (read(STDIN_FILENO, &byte, 1) > 0)
            continue;
    }
    txn_end(txn);
    engine_close(engine);
    arena_finish(&arena);
    return failed;
}
