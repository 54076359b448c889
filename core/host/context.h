/* context: the `struct ouse_ctx` of one callback, and everything the host keeps for it.
 *
 * It lives on the stack of the caller of the plugin, from context_begin to context_end. It
 * describes what is open (a snapshot or a change set), the role with which the plugin reads, and
 * the reply. context_begin sets the role of the office and opens nothing; its caller changes this
 * as needed. `sticky` is the first error of a service in this callback; context_end combines it
 * with the result of the callback into one status. */
#ifndef HOST_CONTEXT_H
#define HOST_CONTEXT_H

#include "../http/http.h"
#include "../record/record.h"
#include <ouse/plugin.h>

struct worker;
struct rest_writing;

struct context_reply {
    uint32_t status; /* 0: not set yet */
    const char *media_type;
    struct ouse_str body;
    cJSON *document; /* replaces a body if the server itself made the request */
    struct http_header headers[HTTP_REPLY_HEADERS];
    uint32_t n_headers;
};

struct ouse_rows {
    struct rows *query; /* one of the two */
    struct referrers *referrers;
    uint32_t target; /* referrers: of this target, and the first field */
    struct ouse_str target_id;
    int any_field;
    struct ouse_rows *next;
};

struct context {
    struct ouse_ctx visible; /* must be first */
    const struct worker *worker;
    const char *plugin;   /* its name, for the log */
    const char *callback; /* its name, for the log */
    struct arena *arena, scratch;
    struct problem *problem;
    struct records *records;     /* NULL before the store is open */
    struct txn *txn;             /* NULL: no transaction */
    struct change_set *set;      /* NULL where writing is not allowed */
    struct change_set *rechecks; /* where records may be rechecked; NULL where not */
    enum change_mode mode;       /* of the set, but for this callback */
    struct change *change;       /* of a hook */
    uint32_t role;
    uint32_t seen;          /* the highest visibility of a record that the callback was given */
    uint32_t consulted;     /* the lowest role that sees all that the callback has read, as it read it */
    int for_audience;       /* only its warnings count: it writes nothing, and is not logged */
    int64_t as_of;          /* the instant of the past that all is read at, and that is now; 0: the present */
    int64_t now;            /* set at its first use */
    struct ouse_rows *rows; /* those that were opened */
    cJSON **loose;          /* documents that are in no tree yet: see host_doc.c */
    uint32_t n_loose, loose_room;
    ouse_rc sticky;
    struct context_reply *reply;        /* of a route, or of the form of a problem; NULL elsewhere */
    const struct http_request *request; /* of a route; NULL elsewhere */
    struct deadline *deadline;          /* of the request; NULL: no deadline */
    int search_cut;                     /* the last search passed something over */
    int may_ask;                        /* the API */
    struct buffer *out;                 /* of a format */
    struct rest_writing *writing;       /* of a format; NULL for a problem, and elsewhere */
    const struct http_parameter *parameters;
    uint32_t n_parameters;
};

static inline struct context *context_of(struct ouse_ctx *ctx)
{
    return (struct context *)(void *)ctx;
}

/* Begins a callback. It allocates in `arena`; if that is NULL, its memory is freed when it returns. */
void context_begin(struct context *context, const struct worker *worker, const char *kind,
                   const char *callback, struct arena *arena, struct problem *problem);

/* Lets the callback write, with every right, whatever the role of the caller. */
void context_write(struct context *context, struct change_set *set);

/* Lets the callback read a change set as a role sees it. Rejects writes, and ignores rechecks. */
void context_view(struct context *context, struct change_set *set, uint32_t role);

/* Ends a callback: closes rows, and returns the status: the sticky error, else the problem's, else
 * the result of the callback. A failure without detail is logged with the names of plugin and
 * callback, and returned as an internal error. */
ouse_rc context_end(struct context *context, ouse_rc returned);

/* Why something failed, as one sentence for the log. */
static inline struct ouse_str context_reason(const struct problem *problem)
{
    return problem->n_errors ? problem->errors[0].detail : problem->detail;
}

/* Remembers a failure of the host on the plugin's behalf: the first one stays. Returns rc. */
static inline ouse_rc context_stick(struct context *context, ouse_rc rc)
{
    if (!context->sticky)
        context->sticky = rc;
    return rc;
}

/* Reports work of the host for the plugin, in units of the deadline. Returns whether the deadline is over;
 * then the callback fails for that. */
int context_over(struct context *context, uint32_t units);

/* Records and logs a call that the plugin may not make, or damaged data. */
void context_defect(struct context *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes ownership of a tree for the plugin, until the context ends or the plugin puts it into
 * another one; frees trees that were not put anywhere (host_doc.c). */
struct ouse_doc *doc_hold(struct context *context, cJSON *tree);

/* Transfers a document from the plugin: the tree itself if it is loose, or a copy if it is part of
 * a tree. */
cJSON *doc_give(struct context *context, const struct ouse_doc *document);

/* Whether the plugin may change a tree that it is shown (host_doc.c); NULL is legal. */
void doc_seal(struct ouse_doc *tree, int sealed);

/* Services by concern; host.c puts them into the table. */
struct ouse_doc *host_get(struct ouse_ctx *, const char *, struct ouse_str);
struct ouse_rows *host_vquery(struct ouse_ctx *, const char *, const char *, va_list);
struct ouse_rows *host_referrers(struct ouse_ctx *, const char *, struct ouse_str, const char *,
                                 const char *);
struct ouse_doc *host_next(struct ouse_ctx *, struct ouse_rows *);
struct ouse_str host_label(struct ouse_ctx *, const struct ouse_doc *);
struct ouse_str host_label_of(struct ouse_ctx *, const char *, struct ouse_str);
struct ouse_str host_title(struct ouse_ctx *, struct ouse_str);

/* A record as the callback is given it. */
struct ouse_doc *host_document(struct context *, const struct record *);

struct ouse_doc *host_doc_new(struct ouse_ctx *, uint32_t);
struct ouse_doc *host_doc_text(struct ouse_ctx *, struct ouse_str);
struct ouse_doc *host_doc_number(struct ouse_ctx *, double);
struct ouse_doc *host_doc_bool(struct ouse_ctx *, int32_t);
struct ouse_doc *host_doc_copy(struct ouse_ctx *, const struct ouse_doc *);
uint32_t host_doc_kind(const struct ouse_doc *);
uint32_t host_doc_count(const struct ouse_doc *);
struct ouse_doc *host_doc_member(const struct ouse_doc *, const char *);
struct ouse_doc *host_doc_at(const struct ouse_doc *, uint32_t);
struct ouse_str host_doc_name(const struct ouse_doc *);
struct ouse_str host_doc_as_text(const struct ouse_doc *);
double host_doc_as_number(const struct ouse_doc *, double);
void host_doc_set(struct ouse_ctx *, struct ouse_doc *, const char *, struct ouse_doc *);
void host_doc_add(struct ouse_ctx *, struct ouse_doc *, struct ouse_doc *);
int32_t host_doc_equal(const struct ouse_doc *, const struct ouse_doc *);
void host_doc_sort(struct ouse_ctx *, struct ouse_doc *, const char *);

struct ouse_doc *host_describe(struct ouse_ctx *, uint32_t role);
struct ouse_doc *host_about(struct ouse_ctx *);
struct ouse_str host_uuid(struct ouse_ctx *, struct ouse_str);
struct ouse_doc *host_ask(struct ouse_ctx *, uint32_t role, struct ouse_str, uint32_t *);
struct ouse_doc *host_measures(struct ouse_ctx *);

/* A cJSON tree as a plugin sees it, and back. */
static inline struct ouse_doc *doc_of(const cJSON *json)
{
    return (struct ouse_doc *)(uintptr_t)json;
}

static inline cJSON *json_of(const struct ouse_doc *doc)
{
    return (cJSON *)(uintptr_t)doc;
}

#endif
