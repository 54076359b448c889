/* feature: the parts that a folder of core/features adds to the server.
 *
 *     main.c: features[] ──> struct rest ──> parameters, routes, formats, page parts, write guard
 *                        └─> plugin host ──> services for plugins
 *                        └─> maintenance ──> what expires
 *
 * The kernel names no feature: it walks this table where one may take part, and works without any.
 * Each folder of features/ has one `const struct feature feature_NAME`, declared in
 * features/features.h.
 *
 * Tables of rows end with a row without a name or path, lists of pointers with NULL. */
#ifndef API_FEATURE_H
#define API_FEATURE_H

#include "query_params.h"

struct submission;
struct ouse_ctx;
struct ouse_doc;

/* A path below that of each collection, or of the API. */
struct api_route {
    uint32_t method;
    const char *path, *kind;
    http_handler handler; /* its arg is the struct resource, or the struct rest */
    uint32_t unless;      /* left out of a collection that has this flag (OUSE_NO_…) */
    int flows;            /* left out of a collection without flows */
    const char *suffixes; /* of the API: it also has the suffixes of the formats of changes, at this path */
    const char *link;     /* of the API: its name among the links of /api/v1; may be NULL */
};

/* Adds a part of a page next to its records. `state` is that of question_extra. NULL: nothing to
 * do. */
struct page_part {
    /* Before the first record is read. */
    ouse_rc (*open)(struct question *question, struct txn *txn, void *state);
    /* After each record was written. */
    ouse_rc (*record)(const struct question *question, struct txn *txn, const struct record *record,
                      void *state);
    /* Appends members to the object "page". */
    void (*page)(const void *state, struct buffer *out);
    /* Appends members after "page". */
    ouse_rc (*body)(const struct question *question, struct txn *txn, void *state, struct buffer *out);
};

/* Takes part in each change set of a client. At most one feature has one. */
struct write_guard {
    size_t size; /* of its state, for one request */
    /* On the request thread, before the change set. */
    ouse_rc (*read)(const struct submission *submission, void *state);
    /* In the transaction, before the change. Sets *answered if it has filled the reply: nothing changes. */
    ouse_rc (*before)(struct change_set *set, const struct submission *submission, void *state,
                      int *answered);
    /* In the transaction, after the reply was filled. */
    ouse_rc (*after)(struct change_set *set, const struct submission *submission, void *state);
};

/* The context of a feature for sign-in. Valid while the server runs. */
struct sign_in_options {
    struct engine *engine;
    struct writer *writer;
    const char *address, *base_path; /* of the register: config.h */
    /* Answers with a page: {"page", "title", "data"}. */
    void (*page)(struct http_request *request, struct cJSON *document, struct http_reply *reply, void *arg);
    void *page_arg;
};

struct feature {
    const char *name;
    const struct api_param *params;     /* of paths of the kernel: see api_param.on */
    const struct api_route *routes;     /* below each collection */
    const struct api_route *api_routes; /* of the API as a whole */
    const struct rest_format *const *formats;
    const struct write_guard *guard;
    /* Answers a list with all its records, in a format without pages. */
    ouse_rc (*whole_list)(const struct question *question, const struct rest_format *format,
                          struct http_reply *reply);
    /* Deletes at most `most` expired entries; stores their number in *n. Runs in a write
     * transaction each minute. */
    ouse_rc (*expire)(struct txn *txn, int64_t now, uint32_t most, uint32_t *n);
    /* The service `search` of plugins: ouse_search in include/ouse/host.h. */
    struct ouse_doc *(*search)(struct ouse_ctx *ctx, struct ouse_str collection, struct ouse_str text,
                               uint32_t flags, uint32_t most);
    /* Adds the pages by which people sign in, and sets what identifies them afterwards. At most one feature
     * has this. */
    ouse_rc (*sign_in)(const struct sign_in_options *options, struct router *router,
                       const struct http_sessions **sessions, struct problem *problem);
};

#endif
