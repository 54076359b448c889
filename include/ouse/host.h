/* host.h: what the host does for a plugin's code.
 *
 * Every callback gets a `struct ouse_ctx *`: the one request, change, task or
 * start it is called for. Its first member points to the table of services, so
 * the server exports no symbols and a unit test can run a plugin against a
 * host of its own. Plugins call the inline functions below.
 *
 * MEMORY. Three lifetimes, and nobody frees the other side's:
 *   static       descriptors and strings in them: as long as the process;
 *   callback     whatever these functions return, and ouse_alloc: until the
 *                callback has returned;
 *   `self`       the plugin's option struct: as long as the process.
 *
 * THREADS. A ctx belongs to the thread that called the callback and is dead
 * when it returns. Which thread that is, and what is open, by callback:
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
 * The writing thread is that of some request or task, which writes for all that
 * wait: there is one at a time, and not always the same. A write of a caller without
 * a token is rehearsed first, on its request thread, against a snapshot that drops
 * what is written; so hooks and routes with OUSE_WRITE may run there while others run
 * on the writing thread. Those of OUSE_SERIAL plugins never overlap.
 * Commands (ouse import) have no threads but the main one, which does all of it there.
 *
 * ERRORS THAT STICK. When the host cannot do what it was asked for (the store
 * fails, a filter names no field, a call is made where it may not be), it gives
 * nothing (NULL, 0) and remembers: the callback then fails with that error,
 * whatever it returns. So code that reads needs no check at every step; it only
 * has to stand "nothing there". Errors of writes are returned as well.
 *
 * WHO SEES WHAT. In hooks, deliveries and tasks a plugin sees all. In routes, formats and derived it
 * sees what the caller may see: other records are not found, and hidden fields
 * are absent, as are references to records that are not found, required ones too. So a
 * computed endpoint cannot leak.
 *
 * AS OF THEN. A route with OUSE_READ and GET takes the parameter as_of besides its own, as
 * lists and records do in every format. Then ouse_get, ouse_query, ouse_referrers and ouse_label read the
 * register as it was at that instant, and ouse_now and ouse_today are that instant, in derived too. So a
 * computed endpoint that asks these answers for any day, without code of its own.
 *
 * All functions are since ABI 1.0.
 */
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

/* The visible beginning of a context; the rest is the host's. */
struct ouse_ctx {
    const struct ouse_host *host;
    void *self; /* the plugin's option struct (self_size bytes), read-only after start; or NULL */
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
#define OUSE_LOG_DEBUG 3

/* The table of services, in the order in which they came. Plugins call the
 * functions below it instead. */
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

/* Whether the host has a service: one that came after ABI 1.0 may be missing. */
#define OUSE_HAS_(ctx, service)                                                                 \
    ((ctx)->host->size >= offsetof(struct ouse_host, service) + sizeof((ctx)->host->service) && \
     (ctx)->host->service)

/* ---- Reading records --------------------------------------------------- */

/* The record with its `id` and `meta`, or NULL when there is none that the
 * caller may see, or its collection is not loaded. A merged id leads to the
 * record that it went into. */
static inline struct ouse_doc *ouse_get(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    return ctx->host->get(ctx, collection, id);
}

/* The records that match a filter, ascending by id. The filter is a printf
 * format of what a list's query would be: NULL for all, or "pillar=%.*s" with
 * OUSE_F(id); terms on references, identifiers ("identifiers=ods:RWK") and
 * indexed fields, with the operators of lists ("state[in]=open,shut",
 * "starts[gte]=2024-04-01", "pillar.hub=…"), joined by "&" (32 at the most). Ids and choices need no
 * escaping; other values are percent-encoded, a space as %20. A term that a list would refuse is a
 * mistake of the plugin's. A collection that is not loaded has no records. */
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

/* The records that refer to target/id, each once, those of one collection
 * together: of one collection and through one field of it, or of any (NULL). A field
 * that the collection has not, or a field without a collection, is a mistake. */
static inline struct ouse_rows *ouse_referrers(struct ouse_ctx *ctx, const char *target, struct ouse_str id,
                                               const char *collection, const char *field)
{
    return ctx->host->referrers(ctx, target, id, collection, field);
}

/* The next record, or NULL at the end. Rows may be left before their end. Each record
 * stays until the callback has returned, so memory grows with what is read. Writing while reading is allowed;
 * records written meanwhile may or may not come. */
static inline struct ouse_doc *ouse_next(struct ouse_ctx *ctx, struct ouse_rows *rows)
{
    return ctx->host->next(ctx, rows);
}

/* Runs its statement for each record of the rows:
 *     OUSE_EACH(ctx, pillar, ouse_query(ctx, "pillars", "hub=%.*s", OUSE_F(hub)))
 *         use(pillar);                                                          */
#define OUSE_EACH(ctx, record, rows)                                                    \
    for (struct ouse_rows *record##_rows = (rows); record##_rows; record##_rows = NULL) \
        for (struct ouse_doc *record = ouse_next((ctx), record##_rows); record;         \
             record = ouse_next((ctx), record##_rows))

#define OUSE_SEARCH_LABELS 0x01u /* only where what people call a record has all of the words */

/* The records that have all words of a text, best first, at most `most` (100); of one
 * collection, or of all where that is no text. As objects
 *     {"collection", "id", "label", "score", "texts": [{"field", "text"}, …]}
 * where texts are all that is searched in the record, and a score is from 0 to 1. Of very
 * many (1,000) some are passed over. Where the text has no word, where there is no such
 * collection or nobody says what words are (ouse_plugin.analyse), the callback fails with
 * OUSE_E_REQUEST, and this gives NULL. */
static inline struct ouse_doc *ouse_search(struct ouse_ctx *ctx, struct ouse_str collection,
                                           struct ouse_str text, uint32_t flags, uint32_t most)
{
    return ctx->host->search(ctx, collection, text, flags, most);
}

/* Returns whether the last ouse_search of this callback passed over records that may match: there were too
 * many to look at, or to rank. An answer with a page says so in page.cut. */
static inline int ouse_search_cut(struct ouse_ctx *ctx)
{
    return OUSE_HAS_(ctx, search_cut) ? (int)ctx->host->search_cut(ctx) : 0;
}

/* Returns whether nobody needs the result of this callback any more: its request has used up its processor
 * time (the key cpu_budget), or the client has disconnected. Then every function that reads returns nothing,
 * and the callback fails with 503, whatever it returns. Code that computes for long without reading should
 * call this now and then, and return. One or two system calls. In routes and formats; 0 elsewhere. */
static inline int ouse_cancelled(struct ouse_ctx *ctx)
{
    return OUSE_HAS_(ctx, cancelled) ? (int)ctx->host->cancelled(ctx) : 0;
}

/* ---- Writing records: in hooks FILL CHECK FOLLOW SETTLE, and with OUSE_WRITE -
 * Each runs all hooks and rules, in the same transaction; what fails, fails the
 * whole change set (the status says why, and the host has the detail), whatever
 * the callback makes of it. Writes are made with every right, in the name of who
 * asked; a task's, in the plugin's. What is written to a collection that is not loaded
 * fails with OUSE_E_CONFLICT. A FILL or CHECK hook that writes the record that it is asked about
 * makes a mistake, and CHECK should only read; FOLLOW is the place to write, and SETTLE for what is worked
 * out over all that changed, such as a count: a record that is written there settles once more. */

/* Creates a record. `id` may be no text: then one is made from the label
 * fields. `made`, when not NULL, receives the id. */
static inline ouse_rc ouse_create(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                                  const struct ouse_doc *record, struct ouse_str *made)
{
    return ctx->host->create(ctx, collection, id, record, made);
}

/* Applies a JSON merge patch (RFC 7396). System fields may be set. */
static inline ouse_rc ouse_patch(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                                 const struct ouse_doc *changes)
{
    return ctx->host->patch(ctx, collection, id, changes);
}

/* Moves a state machine, setting the members of `with` (may be NULL) with it. */
static inline ouse_rc ouse_move(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                                const char *field, const char *to, const struct ouse_doc *with)
{
    return ctx->host->move(ctx, collection, id, field, to, with);
}

/* Deletes a record; references to it as their fields say (on_delete). */
static inline ouse_rc ouse_remove(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    return ctx->host->remove(ctx, collection, id);
}

/* Makes every reference to `id` point to `into`, and answers 308 for `id`. */
static inline ouse_rc ouse_merge(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                                 struct ouse_str into)
{
    return ctx->host->merge(ctx, collection, id, into);
}

/* Asks that the rules of a record be looked at anew at the end of the change set,
 * because something they depend on has changed: its SETTLE hooks run, as after an
 * update that left it as it was, and may refuse; then its CHECK hooks, for their
 * warnings. Once, however often it is asked for. A record that is not there is
 * passed over. */
static inline void ouse_recheck(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    ctx->host->recheck(ctx, collection, id);
}

/* ---- Failing, warning, logging ------------------------------------------ */

/* return ouse_fail(ctx, OUSE_E_CONFLICT, "/amount", "over_allocated", "…", …);
 * Records what is wrong, with which values, and what would be accepted, and
 * yields the status. The pointer (RFC 6901) is into the record or body; "" is
 * the whole. Called several times, all errors are told (64 at the most), under
 * the status of the first. */
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

/* In a CHECK hook: adds a warning to the record, kept in meta.warnings (100 at the
 * most). Anywhere else it is a mistake. A warning is shown to those who may see the
 * field it points to. If the partners or the public may not see all that the hooks
 * have read, the hooks run again for each of them, with the record and all others as
 * that audience sees them: required fields may be missing, ouse_role returns the
 * audience's role, and writes fail. Its warnings are those of that run. If a record
 * changes on which the warnings of another depend, recheck that one. */
OUSE_PRINTF(4, 5)
static inline void ouse_warn(struct ouse_ctx *ctx, const char *pointer, const char *code, const char *format,
                             ...)
{
    va_list args;
    va_start(args, format);
    ctx->host->vwarn(ctx, pointer, code, format, args);
    va_end(args);
}

/* A line in the server's log, under the plugin's name. */
OUSE_PRINTF(3, 4)
static inline void ouse_log(struct ouse_ctx *ctx, uint32_t level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ctx->host->vlog(ctx, level, format, args);
    va_end(args);
}

/* ---- Documents ---------------------------------------------------------
 * JSON values. What ouse_get and ouse_next return is the plugin's to change
 * (it is a copy). NULL stands for "nothing" everywhere: reading from it gives
 * nothing, adding it adds nothing. */

/* An empty object, an empty list, a copy that may be changed; in no tree yet. */
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

/* OUSE_JSON_…; nothing is OUSE_JSON_NULL. */
static inline uint32_t ouse_kind(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    return ctx->host->doc_kind(value);
}

/* Number of entries of a list, or of members of an object; else 0. */
static inline uint32_t ouse_count(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    return ctx->host->doc_count(value);
}

/* A member by name, or NULL. It is part of the object, not a copy. */
static inline struct ouse_doc *ouse_member(struct ouse_ctx *ctx, const struct ouse_doc *object,
                                           const char *name)
{
    return ctx->host->doc_member(object, name);
}

/* The i-th entry of a list or member of an object, or NULL behind the last. */
static inline struct ouse_doc *ouse_at(struct ouse_ctx *ctx, const struct ouse_doc *value, uint32_t i)
{
    return ctx->host->doc_at(value, i);
}

/* The name under which a value is a member of its object; else no text. */
static inline struct ouse_str ouse_name(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    return ctx->host->doc_name(value);
}

/* The text of a text value; else no text. */
static inline struct ouse_str ouse_as_text(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    return ctx->host->doc_as_text(value);
}

/* The text of a member: ouse_text(ctx, hub, "state"). */
static inline struct ouse_str ouse_text(struct ouse_ctx *ctx, const struct ouse_doc *object, const char *name)
{
    return ctx->host->doc_as_text(ctx->host->doc_member(object, name));
}

/* The number of a member, true being 1 and false 0; `otherwise` when it has none. */
static inline double ouse_number(struct ouse_ctx *ctx, const struct ouse_doc *object, const char *name,
                                 double otherwise)
{
    return ctx->host->doc_as_number(ctx->host->doc_member(object, name), otherwise);
}

/* An amount of money in whole pence; `otherwise` when there is none. Sum pence,
 * never amounts: doubles cannot hold 0.10. */
static inline int64_t ouse_pence(struct ouse_ctx *ctx, const struct ouse_doc *object, const char *name,
                                 int64_t otherwise)
{
    const struct ouse_doc *value = ctx->host->doc_member(object, name);
    double pounds = ctx->host->doc_as_number(value, 0);
    if (ctx->host->doc_kind(value) != OUSE_JSON_NUMBER)
        return otherwise;
    return (int64_t)(pounds * 100 + (pounds < 0 ? -0.5 : 0.5));
}

/* Puts a value into an object under a name (replacing one that is there), or at
 * the end of a list. A value that is in no tree yet is moved there, and may be
 * filled further; one that lies in a tree already is copied. */
static inline void ouse_set(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name,
                            struct ouse_doc *value)
{
    ctx->host->doc_set(ctx, object, name, value);
}

static inline void ouse_add(struct ouse_ctx *ctx, struct ouse_doc *list, struct ouse_doc *value)
{
    ctx->host->doc_add(ctx, list, value);
}

/* As ouse_set, with null for nothing. */
static inline void ouse_set_or_null(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name,
                                    struct ouse_doc *value)
{
    ctx->host->doc_set(ctx, object, name, value ? value : ctx->host->doc_new(ctx, OUSE_JSON_NULL));
}

/* No text sets null. */
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

/* Behind ouse_pick and ouse_show. */
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

/* A new object with some members of another, in the order of `names`
 * (separated by spaces); what the other does not have is left out. */
static inline struct ouse_doc *ouse_pick(struct ouse_ctx *ctx, const struct ouse_doc *from, const char *names)
{
    return ouse_members_(ctx, from, names, 0);
}

/* The same with null for what the other does not have: an answer whose shape is
 * always the same. Nothing of nothing. */
static inline struct ouse_doc *ouse_show(struct ouse_ctx *ctx, const struct ouse_doc *from, const char *names)
{
    return from ? ouse_members_(ctx, from, names, 1) : NULL;
}

/* Whether two values mean the same; nothing is the same as nothing. */
static inline int ouse_equal(struct ouse_ctx *ctx, const struct ouse_doc *a, const struct ouse_doc *b)
{
    return (int)ctx->host->doc_equal(a, b);
}

/* Whether a member differs between two objects, either of which may be NULL:
 * ouse_differs(ctx, change->before, change->after, "state"). */
static inline int ouse_differs(struct ouse_ctx *ctx, const struct ouse_doc *a, const struct ouse_doc *b,
                               const char *name)
{
    return !ctx->host->doc_equal(ctx->host->doc_member(a, name), ctx->host->doc_member(b, name));
}

/* What people call a record that ouse_get or ouse_next gave, of whatever
 * collection: the first of its label fields when that is a text ("name"), else all
 * of them together, references by what people call the record they point to
 * and choices as ouse_title writes them ("Yannis Pappas, Chief executive"). The id where it
 * has none of them. */
static inline struct ouse_str ouse_label(struct ouse_ctx *ctx, const struct ouse_doc *record)
{
    return ctx->host->label(ctx, record);
}

/* The same of the record of an id, at less cost than to get it; no text where ouse_get finds none. */
static inline struct ouse_str ouse_label_of(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    return ctx->host->label_of(ctx, collection, id);
}

/* Takes a "collection/id" reference apart: the id, or no text where it is none. */
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

/* Record and label of a "collection/id" reference, as ouse_get and ouse_label_of. */
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

/* The id in a "collection/id" reference to the given collection; no text when it
 * points elsewhere. */
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

/* Sorts a list of objects by members: "number -starts title" ("-" descends;
 * nothing comes last, numbers before texts; upper and lower case sort alike). At
 * most 8 keys. Stable. */
static inline void ouse_sort(struct ouse_ctx *ctx, struct ouse_doc *list, const char *keys)
{
    ctx->host->doc_sort(ctx, list, keys);
}

/* ---- Routes ------------------------------------------------------------ */

/* Answers 200 with a document, of at most 64 MiB as JSON; the last reply counts. A route that
 * returns OUSE_OK without one answers 204. */
static inline void ouse_reply(struct ouse_ctx *ctx, const struct ouse_doc *document)
{
    ctx->host->reply(ctx, 200, document);
}

/* The same with another status, 200 to 599; NULL is an empty body. */
static inline void ouse_reply_status(struct ouse_ctx *ctx, uint32_t status, const struct ouse_doc *document)
{
    ctx->host->reply(ctx, status, document);
}

/* Answers with bytes of another media type; they are copied. */
static inline void ouse_reply_bytes(struct ouse_ctx *ctx, uint32_t status, const char *media_type,
                                    struct ouse_str bytes)
{
    ctx->host->reply_bytes(ctx, status, media_type, bytes);
}

/* Adds a header to the reply: "Location", "Content-Disposition", … at most 16; "ETag" and
 * "Cache-Control" take the place of the server's. Name and value are copied; a value with control characters
 * is dropped and logged. A GET that brings the ETag of a 200 is answered 304 by the host. */
static inline void ouse_reply_header(struct ouse_ctx *ctx, const char *name, struct ouse_str value)
{
    ctx->host->reply_header(ctx, name, value);
}

/* In a format: appends to the representation. */
static inline void ouse_write(struct ouse_ctx *ctx, struct ouse_str bytes)
{
    ctx->host->write(ctx, bytes);
}

/* In a format: what it represents, the same for all parts:
 *     {"base_path": "/register", "plugins": ["directory", …],
 *      "collection": { … }, "query": "state=open&sort=-updated", "as_of": "2026-01-31T00:00:00.000Z",
 *      "updated": "2026-01-31T09:00:00.000Z",
 *      "links": {"self": "/register/api/v1/hubs.atom?…", "next": "/register/api/v1/hubs.atom?…"}}
 * The collection is as in ouse_describe; of changes it is none. The query is that of a list,
 * without what speaks of pages; `updated` is the time of the newest item. Links lead to this page
 * and to the next one. What there is not is left out. Nothing for a problem. */
static inline const struct ouse_doc *ouse_about(struct ouse_ctx *ctx)
{
    return ctx->host->about(ctx);
}

/* A declared parameter of the query, checked against its declaration, or no text
 * when it was not given (or is not declared). */
static inline struct ouse_str ouse_parameter(struct ouse_ctx *ctx, const char *name)
{
    return ctx->host->parameter(ctx, name);
}

/* A header of the request, by its name without regard to case; no text when it was not
 * sent. In a route. */
static inline struct ouse_str ouse_header(struct ouse_ctx *ctx, const char *name)
{
    return ctx->host->header(ctx, name);
}

/* The address of the client of a route, "127.0.0.1" or "::1"; behind a proxy, the proxy's.
 * No text where there is no client (ouse plugin check). */
static inline struct ouse_str ouse_address(struct ouse_ctx *ctx)
{
    return ctx->host->address(ctx);
}

/* What the server has counted since it started, and how it is now, for a plugin that shows
 * it to those who watch over the server: a list of families
 *     {"name": "http_request_duration", "kind": "histogram", "unit": "seconds",
 *      "help": "…", "labels": ["route"], "samples": [ … ]}
 * A "counter" only grows; a "gauge" is as it is now. The unit is "seconds", "bytes" or absent.
 * A sample has a value for each of the "labels", and "value"; that of a "histogram" has "count",
 * "sum" and "buckets", [{"most": 0.005, "count": 17}, …]: how many are at most so much. Later
 * servers may have further families. In a route; it tells of records, by their number only,
 * that the caller may not see. */
static inline struct ouse_doc *ouse_measures(struct ouse_ctx *ctx)
{
    return ctx->host->measures(ctx);
}

/* Whether the client takes a body in a content coding, "gzip" or "br". In a route. */
static inline int ouse_takes(struct ouse_ctx *ctx, const char *coding)
{
    return (int)ctx->host->takes(ctx, coding);
}

/* Bytes in gzip, as small as that makes them; no text where they would not be fewer. For what is
 * kept and answered with an ETag and Content-Encoding of its own: answers without an ETag are
 * compressed by the server. */
static inline struct ouse_str ouse_gzip(struct ouse_ctx *ctx, struct ouse_str bytes)
{
    return ctx->host->gzip(ctx, bytes);
}

/* What this server has, as far as a role may see it, which is at most the caller's (ouse_role); it
 * stays the same as long as the server runs:
 *     {"version": "1.4.0", "base_path": "/register",
 *      "collections": [ … ],
 *      "plugins": [{"name", "version", "title", "doc", "routes": [ … ], "formats": [ … ]}]}
 * A collection is as /api/v1/-/schema gives it, with "open_create" beside its verbs
 * (and "words", whether it can be asked for words)
 * and "qualified" in references (that are "collection/id"), and without the fields that
 * the role may not see. Of a route it has "method",
 * "path" (absolute), "role", "access", "summary", "parameters" (name, type, required,
 * choices, doc), "body_schema" and "reply_schema" (as JSON); of a format "media_type",
 * "suffix", "collection", "of" and "doc". What was not declared is left out. */
static inline struct ouse_doc *ouse_describe(struct ouse_ctx *ctx, uint32_t role)
{
    return ctx->host->describe(ctx, role);
}

/* What the API answers the caller to a GET of `path`, relative to /api/v1/:
 * ouse_ask(ctx, ouse_format(ctx, "projects?pillar=%.*s&facet=state", OUSE_F(id)), &status),
 * with values that are percent-encoded. So what shows the register in another form (a
 * page, a calendar) needs no way of its own to the records. `status` (may be NULL)
 * receives the status; a failure's document is its problem, a redirect's {"location": …},
 * and an answer without JSON is nothing. In a route or task with OUSE_NONE of a plugin that is
 * OUSE_PARALLEL; each question has a snapshot of its own. What is asked cannot ask further. */
static inline struct ouse_doc *ouse_ask(struct ouse_ctx *ctx, struct ouse_str path, uint32_t *status)
{
    return ctx->host->ask(ctx, ctx->host->role(ctx), path, status);
}

/* What it answers a role, which is at most the caller's: for a task that works out what each
 * role is shown. */
static inline struct ouse_doc *ouse_ask_as(struct ouse_ctx *ctx, uint32_t role, struct ouse_str path,
                                           uint32_t *status)
{
    return ctx->host->ask(ctx, role, path, status);
}

/* A name of a field, a choice or a collection as people write it: "chief_executive" is "Chief
 * executive"; with the spellings that plugins declare, "nhs_trust" is "NHS trust". */
static inline struct ouse_str ouse_title(struct ouse_ctx *ctx, struct ouse_str name)
{
    return ctx->host->title(ctx, name);
}

/* A UUID that stands for a name ("projects/ageing-well") in this register and for nothing
 * else, wherever the register moves: for forms of it in which things need an identifier that
 * stays the same. After `ouse restore` names have other UUIDs, as they may stand for other things. */
static inline struct ouse_str ouse_uuid(struct ouse_ctx *ctx, struct ouse_str name)
{
    return ctx->host->uuid(ctx, name);
}

/* ---- The rest ----------------------------------------------------------- */

/* Memory until the callback has returned, zeroed; never NULL. */
static inline void *ouse_alloc(struct ouse_ctx *ctx, size_t n)
{
    return ctx->host->alloc(ctx, n);
}

/* Formatted text until the callback has returned, NUL-terminated. */
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

/* Milliseconds since 1970; the same throughout one callback. The instant that is asked
 * for, where that is one of the past. */
static inline int64_t ouse_now(struct ouse_ctx *ctx)
{
    return ctx->host->now(ctx);
}

/* Days since 1970-01-01 now, in UTC; compares with ouse_span. */
static inline int32_t ouse_today(struct ouse_ctx *ctx)
{
    return (int32_t)(ctx->host->now(ctx) / 86400000);
}

/* Fills n bytes from the system's random source, fit for secrets. */
static inline void ouse_random(struct ouse_ctx *ctx, void *bytes, size_t n)
{
    ctx->host->random(ctx, bytes, n);
}

/* OUSE_PUBLIC … OUSE_MANAGER: the caller's, in a route, a format and in derived; OUSE_PUBLIC
 * where a problem is written; OUSE_MANAGER elsewhere, where all is seen. */
static inline uint32_t ouse_role(struct ouse_ctx *ctx)
{
    return ctx->host->role(ctx);
}

/* The days that a date or partial date spans: "2024-02" is the 1st to the 29th.
 * Returns 0 for text that is no date (and for no text), leaving the outputs. */
static inline int ouse_span(struct ouse_ctx *ctx, struct ouse_str date, int32_t *first, int32_t *last)
{
    return (int)ctx->host->span(date, first, last);
}

/* Whether all of a date or partial date lies before all of another: "2024-02" is
 * before "2024-03", not before "2024". Not where either is unknown. */
static inline int ouse_before(struct ouse_ctx *ctx, struct ouse_str a, struct ouse_str b)
{
    int32_t first, last, from, to;
    return ouse_span(ctx, a, &first, &last) && ouse_span(ctx, b, &from, &to) && last < from;
}

/* Whether there is a day on which two records with fields `starts` and `ends` are
 * surely both in force: a month of handing over, known as a month only, is no
 * overlap. A date that is unknown leaves its side open. */
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
