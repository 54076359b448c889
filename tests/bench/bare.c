/* bare: the least that could serve a record by id with the same libraries, to
 * measure Ouse against: CivetWeb, one LMDB look-up with a renewed read
 * transaction, one mg_write of head and body.
 *
 *     bare FOLDER THREADS HEAD BODY N      HEAD, BODY: files; the answer to every request
 *
 * Prints its port, and serves until standard input ends. No checks, no routing, no
 * access rules: what these cost is what is measured.
 */
#include <civetweb.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 65536 };

static struct {
    MDB_env *env;
    MDB_dbi records;
    char head[TEXT];
    size_t n_head;
} bare;

struct worker {
    MDB_txn *txn;
    char out[TEXT * 2];
};

static void must(int code, const char *what)
{
    if (code) {
        fprintf(stderr, "%s: %s\n", what, mdb_strerror(code));
        exit(1);
    }
}

static size_t read_file(const char *path, char text[TEXT])
{
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(text, 1, TEXT, file) : 0;
    must(!n, path);
    fclose(file);
    return n;
}

/* The id is what stands behind the last slash. */
static int begin_request(struct mg_connection *wire)
{
    struct worker *worker = mg_get_thread_pointer(wire);
    const char *uri = mg_get_request_info(wire)->request_uri, *id = strrchr(uri, '/') + 1;
    MDB_val key = {strlen(id), (void *)(size_t)id}, value;
    if (mdb_txn_renew(worker->txn) || mdb_get(worker->txn, bare.records, &key, &value)) {
        mdb_txn_reset(worker->txn);
        mg_send_http_error(wire, 404, "%s", "");
        return 404;
    }
    memcpy(worker->out, bare.head, bare.n_head);
    memcpy(worker->out + bare.n_head, value.mv_data, value.mv_size);
    mdb_txn_reset(worker->txn);
    mg_write(wire, worker->out, bare.n_head + value.mv_size);
    return 200;
}

static void *init_thread(const struct mg_context *context, int type)
{
    struct worker *worker;
    (void)context;
    if (type != 1)
        return NULL;
    worker = calloc(1, sizeof *worker);
    must(!worker, "memory");
    must(mdb_txn_begin(bare.env, NULL, MDB_RDONLY, &worker->txn), "begin");
    mdb_txn_reset(worker->txn);
    return worker;
}

static void exit_thread(const struct mg_context *context, int type, void *pointer)
{
    struct worker *worker = pointer;
    (void)context;
    if (type == 1) {
        mdb_txn_abort(worker->txn);
        free(worker);
    }
}

static void fill(const char *folder, const char *body, size_t n_body, int n)
{
    MDB_txn *txn;
    must(mdb_env_create(&bare.env), "env");
    must(mdb_env_set_mapsize(bare.env, (size_t)1 << 30), "map");
    must(mdb_env_set_maxreaders(bare.env, 1024), "readers");
    must(mdb_env_open(bare.env, folder, MDB_NOTLS | MDB_NOSYNC, 0600), folder);
    must(mdb_txn_begin(bare.env, NULL, 0, &txn), "begin");
    must(mdb_dbi_open(txn, NULL, 0, &bare.records), "records");
    for (int i = 0; i < n; i++) {
        char id[32];
        MDB_val key = {(size_t)snprintf(id, sizeof id, "person-%d", i), id},
                value = {n_body, (void *)(size_t)body};
        must(mdb_put(txn, bare.records, &key, &value, 0), "put");
    }
    must(mdb_txn_commit(txn), "commit");
}

int main(int argc, char **argv)
{
    static char body[TEXT];
    const struct mg_callbacks callbacks = {
        .begin_request = begin_request, .init_thread = init_thread, .exit_thread = exit_thread};
    struct mg_server_port port;
    if (argc != 6)
        return 2;
    const char *settings[] = {"listening_ports",
                              "127.0.0.1:0",
                              "num_threads",
                              argv[2],
                              "enable_keep_alive",
                              "yes",
                              "tcp_nodelay",
                              "1",
                              "decode_url",
                              "no",
                              "listen_backlog",
                              "1024",
                              NULL};
    bare.n_head = read_file(argv[3], bare.head);
    fill(argv[1], body, read_file(argv[4], body), atoi(argv[5]));
    struct mg_context *server = mg_start(&callbacks, NULL, settings);
    must(!server || mg_get_server_ports(server, 1, &port) != 1, "listen");
    printf("%d\n", port.port);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    mg_stop(server);
    mdb_env_close(bare.env);
    return 0;
}
