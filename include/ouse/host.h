/* host.h: the services of the host for the code of a plugin.
 *
 * Every callback gets a `struct ouse_ctx *`, which stands for one request, change, task or start.
 * Its first member points to the table of services, so the server exports no symbols, and a unit
 * test can run a plugin against a host of its own. Plugins call the inline functions below.
 *
 * MEMORY. There are three lifetimes, and neither side frees memory of the other:
 *   static       descriptors and their strings: as long as the process;
 *   callback     everything that these functions return, and ouse_alloc: until
 *                the callback has returned;
 *   `self`       the option struct of the plugin: as long as the process.
 *
 * THREADS. A ctx belongs to the thread that called the callback and is invalid after it returns.
 * The thread and the open transaction, by callback:
 *
 *     hook FILL CHECK FOLLOW SETTLE   writing thread, write transaction
 *     route, task with OUSE_WRITE     writing thread, write transaction
 *     route, task with OUSE_READ      request/task thread, snapshot
 *     route, task with OUSE_NONE      request/task thread, no store
 *     format                          request thread, snapshot; no store for a problem
 *     derived                         request thread, snapshot; or writing thread,
 *                                     write transaction, for the reply to a write
 *     hook DELIVER                    delivery thread, snapshot
 *     validate start ready stop reconfigure   main thread, no store
 *     migration                       main thread, no store
 *
 * The writing thread is the thread of some request or task, which writes for all that wait: there
 * is one at a time, and not always the same. A write of a caller without a token first runs as a
 * rehearsal on its request thread, against a snapshot that discards the writes. So hooks and routes
 * with OUSE_WRITE can run there while others run on the writing thread. Those of OUSE_SERIAL
 * plugins never overlap. Commands (ouse import) run everything on the main thread.
 *
 * STICKY ERRORS. If the host cannot do what a function requests (the store fails, a filter names no
 * field, a call is not permitted in this callback), the function returns nothing (NULL, 0), and the
 * callback fails with that error, whatever it returns. So code that reads needs no check at every
 * step; it must only work if a value is missing. Functions that write also return the error.
 *
 * VISIBILITY. In hooks, deliveries and tasks a plugin sees everything. In routes, formats and
 * derived fields it sees what the caller may see: other records are not found. Hidden fields are
 * absent, and so are references to records that are not found, even if they are required. So a
 * computed endpoint cannot leak.
 *
 * PAST STATES. A GET route with OUSE_READ accepts the parameter as_of as well as its own, as lists
 * and records do in every format. Then ouse_get, ouse_query, ouse_referrers and ouse_label read the
 * register at that instant, and ouse_now and ouse_today return that instant, in derived fields too.
 * So a computed endpoint that uses these answers for any day, without code for it.
 *
 * Functions that take a ctx run on its thread. All functions are since ABI 1.0. */
#ifndef OUSE_HOST_H
#define OUSE_HOST_H

#include "abi.h"
#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define OUSE_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define OUSE_PRINTF(f, a)
#endif

struct ouse_host;
struct ouse_doc;  /* a JSON value; opaque */
struct ouse_rows; /* an iterator over records; opaque */

/* The public beginning of a context; the host owns the rest. */
struct ouse_ctx {
    const struct ouse_host *host;
    void *self; /* the option struct of the plugin (self_size bytes), read-only after start; or NULL */
};

/* Kinds of JSON values. */
#define OUSE_JSON_NULL   0
#define OUSE_JSON_BOOL   1
#define OUSE_JSON_NUMBER 2
#define OUSE_JSON_TEXT   3
#define OUSE_JSON_LIST   4
#define OUSE_JSON_OBJECT 5

/* Log levels. */
#define OUSE_LOG_ERROR 0
#define OUSE_LOG_WARN  1
#define OUSE_LOG_INFO  2
/* The table of services, in the order in which they were added. Plugins call the functions below
 * instead. */
#define OUSE_LOG_DEBUG 3
struct ouse_host {
    uint32_t size;
    uint16_t major, minor;

    struct ouse_doc *(*get)(struct ouse_ctx *, const char *collection, struct ouse_str id);
    struct ouse_rows *(*vquery)(struct ouse_ctx *, const char *collection, const char *filter, va_list);
    struct ouse_rows *(*referrers)(struct ouse_ctx *, const char *target, struct ouse_str id,
                                   const char *collection, const char *field);
    struct ouse_doc *(*next)(struct ouse_ctx *, struct ouse_rows *);

    ouse_rc (*create)(struct ouse_ctx *, const char *collection, struct ouse_str id, const struct ouse_doc *,
                      struct ouse_str *made);
    ouse_rc (*patch)(struct ouse_ctx *, const char *collection, struct ouse_str id, const struct ouse_doc *);
    ouse_rc (*move)(struct ouse_ctx *, const char *collection, struct ouse_str id, const char *field,
                    const char *to, const struct ouse_doc *with);
    ouse_rc (*remove)(struct ouse_ctx *, const char *collection, struct ouse_str id);
    ouse_rc (*merge)(struct ouse_ctx *, const char *collection, struct ouse_str id, struct ouse_str into);
    void (*recheck)(struct ouse_ctx *, const char *collection, struct ouse_str id);

    ouse_rc (*vfail)(struct ouse_ctx *, ouse_rc, const char *pointer, const char *code, const char *format,
                     va_list);
    void (*vwarn)(struct ouse_ctx *, const char *pointer, const char *code, const char *format, va_list);
    void (*vlog)(struct ouse_ctx *, uint32_t level, const char *format, va_list);

    struct ouse_doc *(*doc_new)(struct ouse_ctx *, uint32_t kind);
    struct ouse_doc *(*doc_text)(struct ouse_ctx *, struct ouse_str);
    struct ouse_doc *(*doc_number)(struct ouse_ctx *, double);
    struct ouse_doc *(*doc_bool)(struct ouse_ctx *, int32_t);
    struct ouse_doc *(*doc_copy)(struct ouse_ctx *, const struct ouse_doc *);
    uint32_t (*doc_kind)(const struct ouse_doc *);
    uint32_t (*doc_count)(const struct ouse_doc *);
    struct ouse_doc *(*doc_member)(const struct ouse_doc *, const char *name);
    struct ouse_doc *(*doc_at)(const struct ouse_doc *, uint32_t i);
    struct ouse_str (*doc_name)(const struct ouse_doc *);
    struct ouse_str (*doc_as_text)(const struct ouse_doc *);
    double (*doc_as_number)(const struct ouse_doc *, double otherwise);
    void (*doc_set)(struct ouse_ctx *, struct ouse_doc *object, const char *name, struct ouse_doc *);
    void (*doc_add)(struct ouse_ctx *, struct ouse_doc *list, struct ouse_doc *);
    void (*doc_sort)(struct ouse_ctx *, struct ouse_doc *list, const char *keys);

    void (*reply)(struct ouse_ctx *, uint32_t status, const struct ouse_doc *);
    void (*reply_bytes)(struct ouse_ctx *, uint32_t status, const char *media_type, struct ouse_str);
    void (*reply_header)(struct ouse_ctx *, const char *name, struct ouse_str);
    void (*write)(struct ouse_ctx *, struct ouse_str);
    struct ouse_str (*parameter)(struct ouse_ctx *, const char *name);

    void *(*alloc)(struct ouse_ctx *, size_t);
    struct ouse_str (*vformat)(struct ouse_ctx *, const char *format, va_list);
    int64_t (*now)(struct ouse_ctx *);
    void (*random)(struct ouse_ctx *, void *, size_t);
    uint32_t (*role)(struct ouse_ctx *);
    int32_t (*span)(struct ouse_str date, int32_t *first, int32_t *last);
    int32_t (*doc_equal)(const struct ouse_doc *, const struct ouse_doc *);
    struct ouse_str (*label)(struct ouse_ctx *, const struct ouse_doc *record);
    struct ouse_doc *(*describe)(struct ouse_ctx *, uint32_t role);
    struct ouse_doc *(*ask)(struct ouse_ctx *, uint32_t role, struct ouse_str path, uint32_t *status);
    struct ouse_str (*header)(struct ouse_ctx *, const char *name);
    struct ouse_doc *(*search)(struct ouse_ctx *, struct ouse_str collection, struct ouse_str text,
                               uint32_t flags, uint32_t most);
    struct ouse_str (*title)(struct ouse_ctx *, struct ouse_str name);
    struct ouse_doc *(*measures)(struct ouse_ctx *);
    struct ouse_str (*address)(struct ouse_ctx *);
    int32_t (*takes)(struct ouse_ctx *, const char *coding);
    struct ouse_str (*gzip)(struct ouse_ctx *, struct ouse_str bytes);
    struct ouse_doc *(*about)(struct ouse_ctx *);
    struct ouse_str (*uuid)(struct ouse_ctx *, struct ouse_str name);
    struct ouse_str (*label_of)(struct ouse_ctx *, const char *collection, struct ouse_str id);
    int32_t (*cancelled)(struct ouse_ctx *);
    int32_t (*search_cut)(struct ouse_ctx *);
};

/* Returns whether the host has a service. A service added after ABI 1.0 may be missing. */
#define OUSE_HAS_(ctx, service)                                                                 \
    ((ctx)->host->size >= offsetof(struct ouse_host, service) + sizeof((ctx)->host->service) && \
     (ctx)->host->service)

/* ---- Reading records --------------------------------------------------- */

/* Returns the record with its `id` and `meta`. Returns NULL if the record does not exist, if the
 * caller may not see it, or if its collection is not loaded. For the id of a merged record, returns
 * the record that it was merged into. */
static inline struct ouse_doc *ouse_get(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    return ctx->host->get(ctx, collection, id);
}

/* Returns the records that match a filter, ascending by id. The filter is a printf format of the
 * query of a list: NULL for all, or "pillar=%.*s" with OUSE_F(id). Terms test references,
 * identifiers ("identifiers=ods:RWK") and indexed fields, with the operators of lists
 * ("state[in]=open,shut", "starts[gte]=2024-04-01", "pillar.hub=…"), joined by "&" (at most 32).
 * Ids and choices need no escaping; percent-encode other values, a space as %20. The id or a code
 * of a merged record means the record that it was merged into; an id that no record has finds
 * nothing. If a list would reject a term, the callback fails: this is a mistake of the plugin. A
 * collection that is not loaded has no records. */
OUSE_PRINTF(3, 4)
static inline struct ouse_rows *ouse_query(struct ouse_ctx *ctx, const char *collection, const char *filter,
                                           ...)
{
    struct ouse_rows *rows;
    va_list args;
    va_start(args, filter);
    rows = ctx->host->vquery(ctx, collection, filter, args);
    va_end(args);
    return rows;
}

/* Returns the records that refer to target/id, each once, grouped by collection. The id of a merged
 * record means the record that it was merged into. `collection` and `field` restrict this to one
 * collection and to one of its fields; NULL means any. If the collection lacks the field, or if
 * there is a field without a collection, the callback fails. */
static inline struct ouse_rows *ouse_referrers(struct ouse_ctx *ctx, const char *target, struct ouse_str id,
                                               const char *collection, const char *field)
{
    return ctx->host->referrers(ctx, target, id, collection, field);
}

/* Returns the next record, or NULL at the end. You can stop before the end. Each record stays valid
 * until the callback has returned, so memory grows with each one. You can write while you read;
 * whether records written meanwhile appear is undefined. */
static inline struct ouse_doc *ouse_next(struct ouse_ctx *ctx, struct ouse_rows *rows)
{
    return ctx->host->next(ctx, rows);
}

/* Runs its statement for each record of the rows:
 *
 *     OUSE_EACH(ctx, pillar, ouse_query(ctx, "pillars", "hub=%.*s", OUSE_F(hub)))
 *         use(pillar);
 */
#define OUSE_EACH(ctx, record, rows)                                                    \
    for (struct ouse_rows *record##_rows = (rows); record##_rows; record##_rows = NULL) \
        for (struct ouse_doc *record = ouse_next((ctx), record##_rows); record;         \
             record = ouse_next((ctx), record##_rows))

#define OUSE_SEARCH_LABELS 0x01u /* match only if the label of the record contains all the words */

/* Returns the records that contain all words of a text, best first, at most `most` (100).
 * `collection` restricts the search to one; no text means all. The result is a list of objects
 *
 *     {"collection", "id", "label", "score", "texts": [{"field", "text"}, …]}
 *
 * where texts are all searchable texts of the record, and a score is from 0 to 1. If very many
 * records match (1,000), some are not examined. If the text has no word, the collection does not
 * exist, or no plugin defines words (ouse_plugin.analyse), returns NULL and the callback fails with
 * OUSE_E_REQUEST. */
static inline struct ouse_doc *ouse_search(struct ouse_ctx *ctx, struct ouse_str collection,
                                           struct ouse_str text, uint32_t flags, uint32_t most)
{
    return ctx->host->search(ctx, collection, text, flags, most);
}

/* Returns whether the last ouse_search of this callback skipped records that may match, because
 * there were too many to examine or to rank. An answer with a page reports this in page.cut. */
static inline int ouse_search_cut(struct ouse_ctx *ctx)
{
    return OUSE_HAS_(ctx, search_cut) ? (int)ctx->host->search_cut(ctx) : 0;
}

/* Returns whether the result of this callback is no longer needed: its request has used up its
 * processor time (the key cpu_budget), or the client has disconnected. Then every function that
 * reads returns nothing, and the callback fails with 503, whatever it returns. Code that computes
 * for a long time without reading should call this now and then, and return. It costs one or two
 * system calls. Returns 0 except in routes and formats. */
static inline int ouse_cancelled(struct ouse_ctx *ctx)
{
    return OUSE_HAS_(ctx, cancelled) ? (int)ctx->host->cancelled(ctx) : 0;
}

/* ---- Writing records: in hooks FILL CHECK FOLLOW SETTLE, and with OUSE_WRITE -
 * Each function runs all hooks and rules in the same transaction. If it fails, the whole change set
 * fails, whatever the callback returns; the status is the reason, and the host keeps the detail.
 * Writes have every right and record the actor of the request; writes of a task record the plugin.
 * A write to a collection that is not loaded fails with OUSE_E_CONFLICT.
 *
 * A FILL or CHECK hook must not write the record for which it runs, and CHECK should only read.
 * FOLLOW is the place to write. SETTLE is the place for results over all changes, such as a count;
 * a record that is written there settles once more. */

/* Creates a record. If `id` is no text, the host makes an id from the label fields. Stores the id
 * in `made` unless it is NULL. */
static inline ouse_rc ouse_create(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                                  const struct ouse_doc *record, struct ouse_str *made)
{
    return ctx->host->create(ctx, collection, id, record, made);
}

/* Applies a JSON merge patch (RFC 7396). System fields can be set. */
static inline ouse_rc ouse_patch(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                                 const struct ouse_doc *changes)
{
    return ctx->host->patch(ctx, collection, id, changes);
}

/* Moves a state machine, and sets the members of `with` (may be NULL) in the same change. */
static inline ouse_rc ouse_move(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                                const char *field, const char *to, const struct ouse_doc *with)
{
    return ctx->host->move(ctx, collection, id, field, to, with);
}

/* Deletes a record. References to it follow on_delete of their fields. */
static inline ouse_rc ouse_remove(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    return ctx->host->remove(ctx, collection, id);
}

/* Merges `id` into `into`: every reference to `id` then refers to `into`, and requests for `id`
 * return 308. */
static inline ouse_rc ouse_merge(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                                 struct ouse_str into)
{
    return ctx->host->merge(ctx, collection, id, into);
}

/* Schedules a record for another check at the end of the change set, because something on which its
 * rules depend has changed. Its SETTLE hooks run, as after an update without a change, and may
 * fail; then its CHECK hooks run, for their warnings. Several calls for one record count as one.
 * Ignores a record that does not exist. */
static inline void ouse_recheck(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    ctx->host->recheck(ctx, collection, id);
}

/* ---- Failing, warning, logging ------------------------------------------ */

/* Reports an error and returns `rc`. Use it to fail:
 *
 *     return ouse_fail(ctx, OUSE_E_CONFLICT, "/amount", "over_allocated", "…", …);
 *
 * The text states what is wrong, with the values, and what would be accepted. The pointer (RFC
 * 6901) is into the record or body; "" is the whole. If you call it several times, the client
 * receives all errors (at most 64), with the status of the first. */
OUSE_PRINTF(5, 6)
static inline ouse_rc ouse_fail(struct ouse_ctx *ctx, ouse_rc rc, const char *pointer, const char *code,
                                const char *format, ...)
{
    va_list args;
    va_start(args, format);
    rc = ctx->host->vfail(ctx, rc, pointer, code, format, args);
    va_end(args);
    return rc;
}

/* Adds a warning to the record, in meta.warnings (at most 100). Only CHECK hooks may call it.
 * Callers see a warning if they may see the field of its pointer.
 *
 * If the partners or the public may not see everything that the hooks have read, the hooks run
 * again for each of them, with the record and all others as that audience sees them: required
 * fields can be missing, ouse_role returns the role of the audience, and writes fail. That audience
 * gets the warnings of that run. If the warnings of a record depend on another one, recheck it when
 * that one changes. */
OUSE_PRINTF(4, 5)
static inline void ouse_warn(struct ouse_ctx *ctx, const char *pointer, const char *code, const char *format,
                             ...)
{
    va_list args;
    va_start(args, format);
    ctx->host->vwarn(ctx, pointer, code, format, args);
    va_end(args);
}

/* Writes a line to the log of the server, under the name of the plugin. */
OUSE_PRINTF(3, 4)
static inline void ouse_log(struct ouse_ctx *ctx, uint32_t level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ctx->host->vlog(ctx, level, format, args);
    va_end(args);
}

/* ---- Documents ---------------------------------------------------------
 * JSON values. The plugin may change what ouse_get and ouse_next return (they are copies). NULL
 * means "nothing" everywhere: reading from it returns nothing, and adding it adds nothing. */

/* Return an empty object, an empty list, a copy that may be changed. The result is in no tree yet. */
static inline struct ouse_doc *ouse_object(struct ouse_ctx *ctx)
{
    return ctx->host->doc_new(ctx, OUSE_JSON_OBJECT);
}

static inline struct ouse_doc *ouse_list(struct ouse_ctx *ctx)
{
    return ctx->host->doc_new(ctx, OUSE_JSON_LIST);
}

static inline struct ouse_doc *ouse_copy(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    return ctx->host->doc_copy(ctx, value);
}

/* Returns the kind, OUSE_JSON_…; OUSE_JSON_NULL for NULL. */
static inline uint32_t ouse_kind(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    return ctx->host->doc_kind(value);
}

/* Returns the number of entries of a list or members of an object, otherwise 0. */
static inline uint32_t ouse_count(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    return ctx->host->doc_count(value);
}

/* Returns a member by name, or NULL. The result is part of the object, not a copy. */
static inline struct ouse_doc *ouse_member(struct ouse_ctx *ctx, const struct ouse_doc *object,
                                           const char *name)
{
    return ctx->host->doc_member(object, name);
}

/* Returns the i-th entry of a list or member of an object, or NULL after the last. */
static inline struct ouse_doc *ouse_at(struct ouse_ctx *ctx, const struct ouse_doc *value, uint32_t i)
{
    return ctx->host->doc_at(value, i);
}

/* Returns the name of a value in its object, or no text if it is not a member. */
static inline struct ouse_str ouse_name(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    return ctx->host->doc_name(value);
}

/* Returns the text of a text value, otherwise no text. */
static inline struct ouse_str ouse_as_text(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    return ctx->host->doc_as_text(value);
}

/* Returns the text of a member: ouse_text(ctx, hub, "state"). */
static inline struct ouse_str ouse_text(struct ouse_ctx *ctx, const struct ouse_doc *object, const char *name)
{
    return ctx->host->doc_as_text(ctx->host->doc_member(object, name));
}

/* Returns the number of a member (true is 1, false is 0), or `otherwise` if it has none. */
static inline double ouse_number(struct ouse_ctx *ctx, const struct ouse_doc *object, const char *name,
                                 double otherwise)
{
    return ctx->host->doc_as_number(ctx->host->doc_member(object, name), otherwise);
}

/* Returns an amount of money in whole pence, or `otherwise` if the member is not a number. Add
 * pence, never amounts: doubles cannot represent 0.10. */
static inline int64_t ouse_pence(struct ouse_ctx *ctx, const struct ouse_doc *object, const char *name,
                                 int64_t otherwise)
{
    const struct ouse_doc *value = ctx->host->doc_member(object, name);
    double pounds = ctx->host->doc_as_number(value, 0);
    if (ctx->host->doc_kind(value) != OUSE_JSON_NUMBER)
        return otherwise;
    return (int64_t)(pounds * 100 + (pounds < 0 ? -0.5 : 0.5));
}

/* Put a value into an object under a name (replacing an existing one), or at the end of a list. A
 * value that is in no tree yet is moved there, and you can still add to it; a value that is in a
 * tree is copied. */
static inline void ouse_set(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name,
                            struct ouse_doc *value)
{
    ctx->host->doc_set(ctx, object, name, value);
}

static inline void ouse_add(struct ouse_ctx *ctx, struct ouse_doc *list, struct ouse_doc *value)
{
    ctx->host->doc_add(ctx, list, value);
}

/* Sets a member as ouse_set does, but sets null if the value is NULL. */
static inline void ouse_set_or_null(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name,
                                    struct ouse_doc *value)
{
    ctx->host->doc_set(ctx, object, name, value ? value : ctx->host->doc_new(ctx, OUSE_JSON_NULL));
}

/* Set a member to a value of the type. ouse_set_text sets null for no text. */
static inline void ouse_set_text(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name,
                                 struct ouse_str text)
{
    ctx->host->doc_set(ctx, object, name,
                       text.p ? ctx->host->doc_text(ctx, text) : ctx->host->doc_new(ctx, OUSE_JSON_NULL));
}

static inline void ouse_set_number(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name,
                                   double number)
{
    ctx->host->doc_set(ctx, object, name, ctx->host->doc_number(ctx, number));
}

static inline void ouse_set_pence(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name,
                                  int64_t pence)
{
    ctx->host->doc_set(ctx, object, name, ctx->host->doc_number(ctx, (double)pence / 100.0));
}

static inline void ouse_set_bool(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name, int truth)
{
    ctx->host->doc_set(ctx, object, name, ctx->host->doc_bool(ctx, truth != 0));
}

static inline void ouse_set_null(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name)
{
    ctx->host->doc_set(ctx, object, name, ctx->host->doc_new(ctx, OUSE_JSON_NULL));
}

static inline void ouse_add_text(struct ouse_ctx *ctx, struct ouse_doc *list, struct ouse_str text)
{
    ctx->host->doc_add(ctx, list, ctx->host->doc_text(ctx, text));
}

/* Implements ouse_pick and ouse_show. */
static inline struct ouse_doc *ouse_members_(struct ouse_ctx *ctx, const struct ouse_doc *from,
                                             const char *names, int nulls)
{
    struct ouse_doc *taken = ouse_object(ctx);
    while (*names) {
        char name[64];
        size_t n = strcspn(names, " ");
        if (n > 0 && n < sizeof name) {
            struct ouse_doc *value;
            memcpy(name, names, n);
            name[n] = 0;
            value = ctx->host->doc_member(from, name);
            if (!value && nulls)
                value = ctx->host->doc_new(ctx, OUSE_JSON_NULL);
            ctx->host->doc_set(ctx, taken, name, value);
        }
        names += n;
        names += strspn(names, " ");
    }
    return taken;
}

/* Returns a new object with some members of another, in the order of `names` (separated by spaces).
 * Omits missing members. */
static inline struct ouse_doc *ouse_pick(struct ouse_ctx *ctx, const struct ouse_doc *from, const char *names)
{
    return ouse_members_(ctx, from, names, 0);
}

/* Returns the same with null for missing members, so that the shape of an answer is always the
 * same. Returns NULL if `from` is NULL. */
static inline struct ouse_doc *ouse_show(struct ouse_ctx *ctx, const struct ouse_doc *from, const char *names)
{
    return from ? ouse_members_(ctx, from, names, 1) : NULL;
}

/* Returns whether two values are equal; NULL equals NULL. */
static inline int ouse_equal(struct ouse_ctx *ctx, const struct ouse_doc *a, const struct ouse_doc *b)
{
    return (int)ctx->host->doc_equal(a, b);
}

/* Returns whether a member differs between two objects, each of which may be NULL:
 * ouse_differs(ctx, change->before, change->after, "state"). */
static inline int ouse_differs(struct ouse_ctx *ctx, const struct ouse_doc *a, const struct ouse_doc *b,
                               const char *name)
{
    return !ctx->host->doc_equal(ctx->host->doc_member(a, name), ctx->host->doc_member(b, name));
}

/* Returns the label of a record that ouse_get or ouse_next returned: the first of its label fields
 * if that is a text ("name"); otherwise all of them, with references as the labels of their records
 * and choices as ouse_title returns them ("Yannis Pappas, Chief executive"); otherwise the id. */
static inline struct ouse_str ouse_label(struct ouse_ctx *ctx, const struct ouse_doc *record)
{
    return ctx->host->label(ctx, record);
}

/* Returns the label of the record with this id, at less cost than ouse_get; no text if ouse_get
 * would return NULL. */
static inline struct ouse_str ouse_label_of(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    return ctx->host->label_of(ctx, collection, id);
}

/* Splits a "collection/id" reference: stores the collection and returns the id, or no text if it is
 * not such a reference. */
#define OUSE_COLLECTION_MAX 40 /* bytes of the name of a collection */
static inline struct ouse_str ouse_split(struct ouse_str reference, char collection[OUSE_COLLECTION_MAX + 1])
{
    const char *slash = reference.p ? (const char *)memchr(reference.p, '/', reference.n) : NULL;
    struct ouse_str id = {NULL, 0};
    size_t n = slash ? (size_t)(slash - reference.p) : 0;
    if (n == 0 || n > OUSE_COLLECTION_MAX)
        return id;
    memcpy(collection, reference.p, n);
    collection[n] = 0;
    id.p = slash + 1;
    id.n = reference.n - (uint32_t)n - 1;
    return id;
}

/* Return the record and the label of a "collection/id" reference, as ouse_get and ouse_label_of do. */
static inline struct ouse_doc *ouse_get_reference(struct ouse_ctx *ctx, struct ouse_str reference)
{
    char collection[OUSE_COLLECTION_MAX + 1];
    struct ouse_str id = ouse_split(reference, collection);
    return id.p ? ctx->host->get(ctx, collection, id) : NULL;
}

static inline struct ouse_str ouse_label_of_reference(struct ouse_ctx *ctx, struct ouse_str reference)
{
    char collection[OUSE_COLLECTION_MAX + 1];
    struct ouse_str id = ouse_split(reference, collection);
    return id.p ? ctx->host->label_of(ctx, collection, id) : id;
}

/* Returns the id of a "collection/id" reference to the given collection, or no text if it refers to
 * another one. */
static inline struct ouse_str ouse_reference_to(struct ouse_str reference, const char *collection)
{
    size_t n = strlen(collection);
    struct ouse_str id = {NULL, 0};
    if (reference.p && reference.n > n && reference.p[n] == '/' && memcmp(reference.p, collection, n) == 0) {
        id.p = reference.p + n + 1;
        id.n = reference.n - (uint32_t)n - 1;
    }
    return id;
}

/* Sorts a list of objects by members: "number -starts title" ("-" reverses). Missing members sort
 * last, numbers before texts, and texts as in lists. At most 8 keys. Stable. */
static inline void ouse_sort(struct ouse_ctx *ctx, struct ouse_doc *list, const char *keys)
{
    ctx->host->doc_sort(ctx, list, keys);
}

/* ---- Routes ------------------------------------------------------------ */

/* Sets the reply: 200 with a document of at most 64 MiB as JSON. The last reply counts. A route
 * that returns OUSE_OK without a reply returns 204 to the client. */
static inline void ouse_reply(struct ouse_ctx *ctx, const struct ouse_doc *document)
{
    ctx->host->reply(ctx, 200, document);
}

/* Sets a reply with another status, 200 to 599; NULL is an empty body. */
static inline void ouse_reply_status(struct ouse_ctx *ctx, uint32_t status, const struct ouse_doc *document)
{
    ctx->host->reply(ctx, status, document);
}

/* Sets a reply of another media type. Copies the bytes. */
static inline void ouse_reply_bytes(struct ouse_ctx *ctx, uint32_t status, const char *media_type,
                                    struct ouse_str bytes)
{
    ctx->host->reply_bytes(ctx, status, media_type, bytes);
}

/* Adds a header to the reply: "Location", "Content-Disposition", …; at most 16. "ETag" and
 * "Cache-Control" replace those of the server. Copies name and value; drops and logs a value with
 * control characters. If the request names the ETag of a 200, the host answers 304. */
static inline void ouse_reply_header(struct ouse_ctx *ctx, const char *name, struct ouse_str value)
{
    ctx->host->reply_header(ctx, name, value);
}

/* Appends to the representation. Only formats may call it. */
static inline void ouse_write(struct ouse_ctx *ctx, struct ouse_str bytes)
{
    ctx->host->write(ctx, bytes);
}

/* Returns what a format represents, the same for all parts; NULL for a problem:
 *
 *     {"base_path": "/register", "plugins": ["directory", …],
 *      "collection": { … }, "query": "state=open&sort=-updated", "as_of": "2026-01-31T00:00:00.000Z",
 *      "updated": "2026-01-31T09:00:00.000Z",
 *      "links": {"self": "/register/api/v1/hubs.atom?…", "next": "/register/api/v1/hubs.atom?…"}}
 *
 * The collection is as in ouse_describe; changes have no collection. The query is that of a list,
 * without parameters of pages. `updated` is the time of the newest item. The links lead to this
 * page and to the next. Members without a value are omitted. */
static inline const struct ouse_doc *ouse_about(struct ouse_ctx *ctx)
{
    return ctx->host->about(ctx);
}

/* Returns a declared parameter of the query, validated against its declaration; no text if it is
 * missing or not declared. */
static inline struct ouse_str ouse_parameter(struct ouse_ctx *ctx, const char *name)
{
    return ctx->host->parameter(ctx, name);
}

/* Returns a header of the request, by its name without regard to case; no text if it is missing.
 * Only in routes. */
static inline struct ouse_str ouse_header(struct ouse_ctx *ctx, const char *name)
{
    return ctx->host->header(ctx, name);
}

/* Returns the address of the client of a route, "127.0.0.1" or "::1"; with a proxy, the address of
 * the proxy. Returns no text if there is no client (ouse plugin check). */
static inline struct ouse_str ouse_address(struct ouse_ctx *ctx)
{
    return ctx->host->address(ctx);
}

/* Returns the metrics of the server, for a plugin that exports them: a list of families
 *
 *     {"name": "http_request_duration", "kind": "histogram", "unit": "seconds",
 *      "help": "…", "labels": ["route"], "samples": [ … ]}
 *
 * A "counter" only grows; a "gauge" is a current value. The unit is "seconds", "bytes" or absent. A
 * sample has a value for each of the "labels", and "value"; a sample of a "histogram" has "count",
 * "sum" and "buckets", [{"most": 0.005, "count": 17}, …], where each count includes all values up
 * to `most`. Later servers may have further families. Only in routes. The counts include records
 * that the caller may not see. */
static inline struct ouse_doc *ouse_measures(struct ouse_ctx *ctx)
{
    return ctx->host->measures(ctx);
}

/* Returns whether the client accepts a content coding, "gzip" or "br". Only in routes. */
static inline int ouse_takes(struct ouse_ctx *ctx, const char *coding)
{
    return (int)ctx->host->takes(ctx, coding);
}

/* Returns the bytes as gzip, at the best compression; no text if that would not be smaller. Use it
 * for answers that you keep and send with an ETag and Content-Encoding of their own: the server
 * compresses answers without an ETag. */
static inline struct ouse_str ouse_gzip(struct ouse_ctx *ctx, struct ouse_str bytes)
{
    return ctx->host->gzip(ctx, bytes);
}

/* Returns the contents of this server as far as a role may see them; `role` is at most the role of
 * the caller (ouse_role). They do not change while the server runs:
 *
 *     {"version": "1.4.0", "base_path": "/register",
 *      "collections": [ … ],
 *      "plugins": [{"name", "version", "title", "doc", "routes": [ … ], "formats": [ … ]}]}
 *
 * A collection is as in /api/v1/-/schema, with "open_create" in its verbs, "words" (whether it can
 * be searched) and "qualified" in references (in the form "collection/id"), and without the fields
 * that the role may not see. A route has "method", "path" (absolute), "role", "access", "summary",
 * "parameters" (name, type, required, choices, doc), "body_schema" and "reply_schema" (as JSON); a
 * format has "media_type", "suffix", "collection", "of" and "doc". Members that are not declared
 * are omitted. */
static inline struct ouse_doc *ouse_describe(struct ouse_ctx *ctx, uint32_t role)
{
    return ctx->host->describe(ctx, role);
}

/* Returns the answer of the API to a GET by the caller. `path` is relative to /api/v1/, with
 * percent-encoded values: ouse_ask(ctx, ouse_format(ctx, "projects?pillar=%.*s&facet=state",
 * OUSE_F(id)), &status). So a plugin that shows the register in another form (a page, a calendar)
 * reads the same answers as a client.
 *
 * Stores the status in `status` (may be NULL). For a failure, returns the problem document; for a
 * redirect, {"location": …}; for an answer that is not JSON, NULL. Only in a route or task with
 * OUSE_NONE of an OUSE_PARALLEL plugin. Each call has its own snapshot. A route that is called this
 * way cannot call it. */
static inline struct ouse_doc *ouse_ask(struct ouse_ctx *ctx, struct ouse_str path, uint32_t *status)
{
    return ctx->host->ask(ctx, ctx->host->role(ctx), path, status);
}

/* Returns the answer of the API to a role, which is at most that of the caller: for a task that
 * computes the answers for each role. */
static inline struct ouse_doc *ouse_ask_as(struct ouse_ctx *ctx, uint32_t role, struct ouse_str path,
                                           uint32_t *status)
{
    return ctx->host->ask(ctx, role, path, status);
}

/* Returns the title of a name of a field, choice or collection: "chief_executive" gives "Chief
 * executive"; with the spellings that plugins declare, "nhs_trust" gives "NHS trust". */
static inline struct ouse_str ouse_title(struct ouse_ctx *ctx, struct ouse_str name)
{
    return ctx->host->title(ctx, name);
}

/* Returns the UUID of a name ("projects/ageing-well") in this register. It is unique and does not
 * change when the register moves, so it can identify records in other formats. After `ouse
 * restore`, names have other UUIDs, as they may then belong to other records. */
static inline struct ouse_str ouse_uuid(struct ouse_ctx *ctx, struct ouse_str name)
{
    return ctx->host->uuid(ctx, name);
}

/* ---- Memory, time, roles ------------------------------------------------ */

/* Returns zeroed memory, valid until the callback has returned; never NULL. */
static inline void *ouse_alloc(struct ouse_ctx *ctx, size_t n)
{
    return ctx->host->alloc(ctx, n);
}

/* Returns a formatted text, NUL-terminated, valid until the callback has returned. */
OUSE_PRINTF(2, 3)
static inline struct ouse_str ouse_format(struct ouse_ctx *ctx, const char *format, ...)
{
    struct ouse_str text;
    va_list args;
    va_start(args, format);
    text = ctx->host->vformat(ctx, format, args);
    va_end(args);
    return text;
}

/* Returns milliseconds since 1970, the same value throughout one callback. In a request with as_of,
 * returns that instant. */
static inline int64_t ouse_now(struct ouse_ctx *ctx)
{
    return ctx->host->now(ctx);
}

/* Returns the days since 1970-01-01, in UTC; comparable with ouse_span. */
static inline int32_t ouse_today(struct ouse_ctx *ctx)
{
    return (int32_t)(ctx->host->now(ctx) / 86400000);
}

/* Fills n bytes from the random source of the system, fit for secrets. */
static inline void ouse_random(struct ouse_ctx *ctx, void *bytes, size_t n)
{
    ctx->host->random(ctx, bytes, n);
}

/* Returns the role of the caller, OUSE_PUBLIC … OUSE_MANAGER, in a route, a format and a derived
 * field. Returns OUSE_PUBLIC in a format that writes a problem, and OUSE_MANAGER elsewhere. */
static inline uint32_t ouse_role(struct ouse_ctx *ctx)
{
    return ctx->host->role(ctx);
}

/* Stores the first and last day of a date or partial date: "2024-02" is the 1st to the 29th.
 * Returns 0, and stores nothing, if the text is not a date. */
static inline int ouse_span(struct ouse_ctx *ctx, struct ouse_str date, int32_t *first, int32_t *last)
{
    return (int)ctx->host->span(date, first, last);
}

/* Returns whether the whole of a date or partial date is before the whole of another: "2024-02" is
 * before "2024-03", but not before "2024". Returns 0 if one of them is unknown. */
static inline int ouse_before(struct ouse_ctx *ctx, struct ouse_str a, struct ouse_str b)
{
    int32_t first, last, from, to;
    return ouse_span(ctx, a, &first, &last) && ouse_span(ctx, b, &from, &to) && last < from;
}

/* Returns whether two records with the fields `starts` and `ends` are certainly both in force on
 * some day. If one ends and the other starts in the same month, without a day, they do not overlap.
 * An unknown date leaves its side open. */
static inline int ouse_overlap(struct ouse_ctx *ctx, const struct ouse_doc *a, const struct ouse_doc *b)
{
    const struct ouse_doc *both[2];
    int32_t from = INT32_MIN, to = INT32_MAX;
    int i;
    both[0] = a;
    both[1] = b;
    for (i = 0; i < 2; i++) {
        int32_t first, last;
        if (ouse_span(ctx, ouse_text(ctx, both[i], "starts"), &first, &last) && last > from)
            from = last;
        if (ouse_span(ctx, ouse_text(ctx, both[i], "ends"), &first, &last) && first < to)
            to = first;
    }
    return from <= to;
}

#ifdef __cplusplus
}
#endif
#endif
