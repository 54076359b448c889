/* plugin.h: the description of a plugin. The one header that a plugin includes.
 *
 *     #include <ouse/plugin.h>
 *
 *     static const struct ouse_collection collections[] = { … };   // schema.h
 *     static const struct ouse_hook hooks[] = { … };               // below
 *
 *     OUSE_PLUGIN(.name = "library", .version = "1.0.0", .title = "Library",
 *                 .collections = OUSE_ROWS(collections), .hooks = OUSE_ROWS(hooks))
 *
 * The life of a plugin. Everything except requests runs on the main thread:
 *   load         checks the description; no code of the plugin runs
 *   options      fills `self` from the config file
 *   migrate      converts records of an older schema version
 *   validate     checks the options, in all plugins before any starts
 *   start        before anything is served, in the order of `needs`. If it fails
 *                (ouse_fail), the server stops with that reason
 *   ready        after all plugins have started; may fail in the same way
 *   …            hooks, routes, formats, tasks
 *   validate     after SIGHUP, with the new options
 *   reconfigure  after SIGHUP, if a RELOADABLE option has changed and all plugins
 *                have validated, while requests continue. ctx->self has the new
 *                options; other callbacks get them after all plugins have
 *                returned. If one fails (ouse_fail), reconfigure runs again with
 *                the old options in the plugins that had accepted, and the old
 *                options stay in force
 *   stop         in reverse order, for the plugins that have started. The code is
 *                never unloaded
 *
 * Commands that work on records (ouse import, export, verify) also start and stop plugins, without
 * routes, tasks and deliveries. `ouse plugin check` also has routes.
 *
 * The host checks the tables when it loads the plugin: their address, stride and number of rows,
 * the texts and functions that every row needs, and the tables inside rows. It rejects a plugin
 * with more than 4,096 rows in a table or more than 64 tasks. schema.h lists the limits of
 * collections. */
#ifndef OUSE_PLUGIN_H
#define OUSE_PLUGIN_H

#include "abi.h"
#include "host.h"
#include "schema.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Options: keys of the plugin's section in the config file ----------- */

/* Types, and their C types in the plugin's struct. */
#define OUSE_OPTION_TEXT     1 /* const char *; never NULL after options are set, unless dflt is NULL */
#define OUSE_OPTION_INT      2 /* int64_t */
#define OUSE_OPTION_BOOL     3 /* int32_t: 0 or 1 */
#define OUSE_OPTION_DURATION 4 /* int64_t milliseconds; written "250ms", "15s", "5min", "24h", "7d" */
#define OUSE_OPTION_SIZE     5 /* int64_t bytes; written "64MiB", "16GiB", "4096" */

/* Flags. On SIGHUP the host reads the RELOADABLE options of a plugin into a new struct, which later
 * callbacks get as ctx->self. The struct of a running callback does not change. */
#define OUSE_SECRET     0x01u /* never shown: logs and dumps print "(set)" */
#define OUSE_RELOADABLE 0x02u /* read again on SIGHUP */

struct ouse_option {
    const char *name; /* snake_case */
    uint32_t type;
    uint32_t flags;
    /* As written in the file; NULL: no default, so the option is required unless it is TEXT. */
    const char *dflt;
    int64_t min, max; /* INT, DURATION (ms), SIZE: bounds, if not both are 0 */
    uint32_t offset;  /* offset of the member in the struct: offsetof(struct settings, member) */
    uint32_t reserved;
    const char *help; /* one line */
};

/* ---- Hooks: rules inside the write transaction --------------------------- */

#define OUSE_ON_CREATE 0x01u
#define OUSE_ON_UPDATE 0x02u /* PUT, PATCH, import of an existing record */
#define OUSE_ON_MOVE   0x04u
#define OUSE_ON_REMOVE 0x08u
#define OUSE_ON_MERGE  0x10u /* this record is merged into another */
#define OUSE_ON_WRITE  0x07u /* every operation after which the record exists: create, update, move */
#define OUSE_ON_ALL    0x1fu /* all operations of this header */

/* Phases of one change, in order. Schema validation runs between FILL and CHECK. OUSE_ON_REMOVE and
 * OUSE_ON_MERGE have no FILL.
 *
 *   FILL     before validation: may complete change->after, with computed and system fields
 *   CHECK    after validation, with the final document: may fail (ouse_fail) for its content, or
 *            warn (ouse_warn); runs again for an audience that sees less. A rule that reads other
 *            records must fail in SETTLE
 *   FOLLOW   after the record is written: further writes in the same transaction; runs again for its
 *            rechecks if a record was hidden or shown
 *   SETTLE   before the commit, at the end of the change set (one request, one batch, one import),
 *            once for each record that it touched or rechecked; may fail
 *   DELIVER  after the commit, at least once, from a durable outbox, in commit order. If it fails
 *            with OUSE_E_UNAVAILABLE, the host calls it again later and its further deliveries wait.
 *            Any other failure is logged, and the delivery is dropped. Each plugin has a thread for
 *            its DELIVER hooks, which take turns: a slow or failing hook does not stop the others
 */
#define OUSE_FILL    10
#define OUSE_CHECK   20
#define OUSE_FOLLOW  30
#define OUSE_SETTLE  40
#define OUSE_DELIVER 50

struct ouse_change {
    uint32_t size; /* of this struct in the host */
    uint32_t op;   /* one OUSE_ON_ bit; in SETTLE, the total effect of the change set */
    uint32_t phase;
    uint32_t revision; /* of the record after the change */
    const char *collection;
    struct ouse_str id;
    const struct ouse_doc *before; /* the record before the change, without id and meta; NULL for a create */
    struct ouse_doc *after; /* the record after the change, without id and meta; NULL for remove and merge.
                               Only FILL may change it */
    struct ouse_str actor;  /* the caller who requested the change */
};

/* Returns OUSE_OK, or the result of ouse_fail. May run again for the same request. */
typedef ouse_rc (*ouse_hook_fn)(struct ouse_ctx *ctx, const struct ouse_change *change);

struct ouse_hook {
    const char *collection; /* NULL: all; a hook of a collection that is not loaded never runs */
    uint32_t ops;           /* the OUSE_ON_… operations that call it */
    uint32_t ops_known; /* OUSE_ON_ALL as in this header: the host rejects operations that a newer host adds,
                           so that no change passes without the rule. 0: as OUSE_ON_ALL of ABI 1.0 */
    uint32_t phase;
    uint32_t flags; /* 0 */
    ouse_hook_fn fn;
    /* DELIVER: the name of its queue in the outbox, [a-z][a-z0-9-]*, up to 64 bytes; it must be the
     * same in later versions. NULL: "COLLECTION#N", the N-th DELIVER hook of its collection ("*":
     * of all), from 0. If an update of the plugin has no hook for a queue, its entries are dropped,
     * with a warning in the log */
    const char *name;
};

/* ---- Routes: computed endpoints and actions ----------------------------- */

/* Access to the store.
 *
 *   NONE   no store: for answers that do not depend on records
 *   READ   a snapshot, on the request thread
 *   WRITE  the write transaction, one at a time. The reply is sent after the commit. The route may run
 *          again for the same request
 */
#define OUSE_NONE  0
#define OUSE_READ  1
#define OUSE_WRITE 2

/* ---- Route flags ---- */

/* GET "hubs/{id}/portfolio": its answer is shown on the page of the record, together with the record, and
 * has no page of its own: /hubs/ID/portfolio leads to /hubs/ID. GET "cohorts/-/open": the navigation leads
 * to its page if the collection is a subject. At most one route of each kind for a collection. */
#define OUSE_MAIN_PAGE 0x01u

/* A parameter of the query. The host rejects parameters that are not declared or are given twice,
 * with 400. A parameter with the name "*" accepts all others, unchecked, for a route that forwards
 * its query. */
struct ouse_parameter {
    const char *name;
    uint32_t type;       /* OUSE_TEXT ENUM BOOL INT DATE PDATE REF (an id) */
    uint32_t flags;      /* OUSE_REQUIRED */
    const char *choices; /* ENUM: values separated by spaces */
    const char *doc;
};

struct ouse_request {
    uint32_t size;          /* of this struct in the host */
    uint32_t role;          /* of the caller */
    const char *collection; /* the collection of the path; NULL if the path is not under a collection */
    struct ouse_str id;     /* the value of {id} */
    /* The record of collection/{id} as the caller sees it, if the path is under a collection; the
     * host has already answered 404, 410 and 308. NULL with OUSE_NONE. */
    const struct ouse_doc *record;
    const struct ouse_doc *body; /* JSON of a POST, PUT or PATCH, up to 1 MiB; on an absolute path also a
                                    form, as an object of texts. NULL if the request has no body */
    struct ouse_str path;        /* the path of the request */
    struct ouse_str rest;        /* the value of {*} */
    struct ouse_str if_match;    /* the header; no text if it is missing */
    struct ouse_str query;       /* as received, percent-encoded, without its "?"; no text if it is missing */
};

/* JSON as a constant text: OUSE_JSON({"type": "object"}). */
#define OUSE_JSON(...) #__VA_ARGS__

/* Calls ouse_reply… and returns OUSE_OK, or returns the result of ouse_fail. */
typedef ouse_rc (*ouse_route_fn)(struct ouse_ctx *ctx, const struct ouse_request *request);

struct ouse_route {
    const char *method; /* "GET", "POST", … */
    /* Relative to /api/v1/: "hubs/{id}/portfolio", "milestones/-/slippage"; or
     * absolute, with a leading slash: "/robots.txt", "/{*}". */
    const char *path;
    uint32_t access; /* OUSE_NONE, OUSE_READ, OUSE_WRITE */
    uint32_t role;   /* least role of the caller; 0: everyone */
    ouse_route_fn fn;
    const char *summary; /* one line, for documentation */
    OUSE_TABLE(struct ouse_parameter)
    parameters;                             /* of the query */
    const char *body_schema, *reply_schema; /* JSON Schema (2020-12) objects, or NULL: OUSE_JSON(…) */
    uint32_t flags;                         /* 0 or OUSE_MAIN_PAGE */
    uint32_t reserved;
};

/* ---- Formats: further representations of records, lists, changes and problems ----- */

/* The subjects of a format.
 *
 *   OF_PROBLEM  errors, for clients that prefer the media type to JSON: one part, OUSE_ITEM, with the
 *               problem document; may add headers. At most one format of a register has this
 *   OF_CHANGES  a page of /api/v1/-/changes; the format has a suffix and no collection
 *   OF_PAGE     pages of the server itself, such as /sign-in: one part, OUSE_ITEM, with the document
 *               {"page": the name of the page, "title", "data"}; may add headers, and may ask (ouse_ask) if
 *               the plugin is OUSE_PARALLEL. At most one format of a register has this
 */
#define OUSE_OF_RECORD  0x01u
#define OUSE_OF_LIST    0x02u
#define OUSE_OF_PROBLEM 0x04u
#define OUSE_OF_CHANGES 0x08u
#define OUSE_OF_PAGE    0x10u

/* The records of a list that a format gets. Without a flag, it gets a page if the request has
 * `limit` or `cursor`, and otherwise the whole list. `ouse plugin check` requires one of the flags
 * for a format of lists.
 *
 *   PAGED  a page, as in JSON: the format writes the address of the next page, from ouse_about, in the
 *          form its clients expect (rel="next" of a feed)
 *   WHOLE  all records of the list, while they are sent: `limit` and `cursor` are rejected, and the
 *          page of OUSE_BEGIN is {"limit": null, "next": null}
 */
#define OUSE_PAGED 0x1u
#define OUSE_WHOLE 0x2u

/* The parts of a representation, and the value that the format gets with each. OUSE_BEGIN is not
 * called for one record. */
#define OUSE_BEGIN 1 /* {"collection","page"} of the list, or the page of changes */
#define OUSE_ITEM  2 /* one record, one change, or the problem */
#define OUSE_END   3 /* NULL */

/* Writes one part of the representation with ouse_write. Returns OUSE_OK, or the result of
 * ouse_fail. ouse_about describes what is represented. If the media type is a text (text/…, JSON,
 * XML), each part must be UTF-8. */
typedef ouse_rc (*ouse_format_fn)(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *value);

struct ouse_format {
    const char *media_type; /* "text/calendar": chosen by Accept */
    const char *suffix;     /* "ics": chosen by …/ID.ics */
    const char *collection; /* NULL: all */
    uint32_t applies_to;    /* one or several of OUSE_OF_… */
    uint32_t flags;         /* for lists: OUSE_PAGED or OUSE_WHOLE */
    ouse_format_fn fn;
    const char *doc;
};

/* ---- Tasks: work by the clock -------------------------------------------- */

struct ouse_task {
    const char *name;
    /* From the end of one run to the start of the next, and before the first; at least 1000. The
     * time continues over restarts: a task that was due while the server was down runs at its
     * start. Each plugin has a thread for its tasks. */
    int64_t every_ms;
    int64_t budget_ms; /* a run that takes longer is logged */
    uint32_t access;   /* as for a route */
    uint32_t flags;    /* 0 */
    ouse_rc (*fn)(struct ouse_ctx *ctx);
};

/* ---- Migrations ---------------------------------------------------------- */

/* Converts the records of a collection of this plugin from version `from`, at least 1, to `to`,
 * which is `from + 1` (0 means that). Each step needs one. All of them run at start, in one
 * transaction; each changed record gets a revision. If a record is not valid afterwards, the server
 * does not start and nothing is changed. */
struct ouse_migration {
    const char *collection;
    uint32_t from, to;
    /* Changes `record` (as in FILL, without id and meta) and returns OUSE_OK, or the result of
     * ouse_fail. Removes a field that is no longer declared with ouse_set_null. */
    ouse_rc (*fn)(struct ouse_ctx *ctx, struct ouse_str id, struct ouse_doc *record);
};

/* ---- The plugin ---------------------------------------------------------- */

/* Thread models. The lock is per plugin and covers routes, formats and tasks, but not hooks,
 * derived fields and reconfigure. Routes and tasks take it before the transaction; formats take it
 * for each part, while the list is read. */
#define OUSE_SERIAL   10 /* one at a time        */
#define OUSE_PARALLEL 20 /* any number at a time */

struct ouse_plugin {
    struct ouse_abi abi; /* set by OUSE_PLUGIN */
    /* [a-z][a-z0-9-]*, the same as the name of the .so and of the section in the config file */
    const char *name;
    const char *version; /* semantic: "1.4.0" */
    const char *title, *doc;
    const char *needs;  /* "directory>=1 funding>=1": names and least major versions, separated by spaces;
                           those plugins start before this one */
    uint32_t threads;   /* OUSE_SERIAL if 0 */
    uint32_t self_size; /* of the struct for the options; 0: no struct */
    OUSE_TABLE(struct ouse_option)
    options;
    OUSE_TABLE(struct ouse_collection)
    collections;
    OUSE_TABLE(struct ouse_route)
    routes;
    OUSE_TABLE(struct ouse_hook)
    hooks;
    OUSE_TABLE(struct ouse_format)
    formats;
    OUSE_TABLE(struct ouse_task)
    tasks;
    OUSE_TABLE(struct ouse_migration)
    migrations;
    ouse_rc (*start)(struct ouse_ctx *ctx);
    ouse_rc (*ready)(struct ouse_ctx *ctx);
    void (*stop)(struct ouse_ctx *ctx);
    ouse_rc (*reconfigure)(struct ouse_ctx *ctx);
    uint32_t analysis; /* version of `analyse`, from 1: if it differs from the stored one, the host computes
                          the words of all records again at the start */
    uint32_t reserved;
    ouse_analyse_fn analyse; /* splits texts into words; NULL in all but one plugin of a register */
    const char *spellings;   /* words with an unusual spelling in titles, separated by spaces: "NHS ICB" makes
                                "nhs_trust" "NHS trust" */
    /* Checks the options in ctx->self and rejects those that cannot work (ouse_fail, with the name
     * of the option in the text). It must have no effect and must not keep ctx->self, as the
     * options may be rejected or only checked ("ouse check"). Only the members for options are set.
     * Main thread, no store. Older hosts of ABI 1.0 do not call it. */
    ouse_rc (*validate)(struct ouse_ctx *ctx);
};

#if defined(_WIN32)
#define OUSE_EXPORT __declspec(dllexport)
#else
#define OUSE_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define OUSE_EXTERN extern "C"
#else
#define OUSE_EXTERN extern
#endif

/* Defines the one exported function. The arguments are designated initialisers of struct
 * ouse_plugin. */
#define OUSE_PLUGIN(...)                                                                               \
    OUSE_EXTERN OUSE_EXPORT const struct ouse_plugin *ouse_plugin(void);                               \
    const struct ouse_plugin *ouse_plugin(void)                                                        \
    {                                                                                                  \
        static const struct ouse_plugin description = {                                                \
            .abi = {OUSE_ABI_MAGIC, OUSE_ABI_MAJOR, OUSE_ABI_MINOR, sizeof(struct ouse_plugin), 0, 0}, \
            __VA_ARGS__};                                                                              \
        return &description;                                                                           \
    }

#ifdef __cplusplus
}
#endif
#endif
