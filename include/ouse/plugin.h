/* plugin.h: what a plugin is. The one header that a plugin includes.
 *
 *     #include <ouse/plugin.h>
 *
 *     static const struct ouse_collection collections[] = { … };   // schema.h
 *     static const struct ouse_hook hooks[] = { … };               // below
 *
 *     OUSE_PLUGIN(.name = "library", .version = "1.0.0", .title = "Library",
 *                 .collections = OUSE_ROWS(collections), .hooks = OUSE_ROWS(hooks))
 *
 * The life of a plugin, all on the main thread but for requests:
 *   load         its description is checked; nothing of it runs
 *   options      the config file fills its `self`
 *   migrate      records of an older schema version are brought over
 *   validate     judges its options, all plugins before any starts
 *   start        before anything is served, in order of needs; may refuse
 *                (ouse_fail), which stops the server with the reason
 *   ready        all plugins have started; may refuse likewise
 *   …            hooks, routes, formats, tasks
 *   validate     after SIGHUP, with the options of the file as it is now
 *   reconfigure  after SIGHUP, when a RELOADABLE option changed and all plugins have
 *                validated, while requests go on: ctx->self has the new options, other
 *                callbacks get them when all plugins have returned. If one refuses
 *                (ouse_fail), it is called again with the old options, in the plugins
 *                that had accepted; the old options stay in force
 *   stop         in reverse order, of those that have started; the code is never
 *                unloaded
 *
 * Commands that work on records (ouse import, export, verify) start and stop plugins too,
 * without routes, tasks and deliveries; `ouse plugin check` has routes besides.
 *
 * Tables are checked when the plugin is loaded: their address, stride and number of rows, and
 * the texts and functions that every row needs; so are the tables in their rows.
 * Caps, beyond which a plugin is refused: 4,096 rows of a table, and 64 tasks;
 * those of collections are in schema.h.
 */
#ifndef OUSE_PLUGIN_H
#define OUSE_PLUGIN_H

#include "abi.h"
#include "host.h"
#include "schema.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Options: keys of the plugin's section in the config file ----------- */

/* Types, and what they are in the plugin's struct. */
#define OUSE_OPTION_TEXT     1 /* const char *; never NULL once options are set, unless dflt is NULL */
#define OUSE_OPTION_INT      2 /* int64_t */
#define OUSE_OPTION_BOOL     3 /* int32_t: 0 or 1 */
#define OUSE_OPTION_DURATION 4 /* int64_t milliseconds; written "250ms", "15s", "5min", "24h", "7d" */
#define OUSE_OPTION_SIZE     5 /* int64_t bytes; written "64MiB", "16GiB", "4096" */

/* Flags. On SIGHUP the host reads a plugin's RELOADABLE options into a new struct,
 * which later callbacks get as ctx->self; the one a callback holds stays as it is. */
#define OUSE_SECRET     0x01u /* never shown: logs and dumps say "(set)" */
#define OUSE_RELOADABLE 0x02u /* read again on SIGHUP */

struct ouse_option {
    const char *name; /* snake_case */
    uint32_t type;
    uint32_t flags;
    const char *dflt; /* as it would be written in the file; NULL: none, the option is required
                         unless it is TEXT */
    int64_t min, max; /* INT, DURATION (ms), SIZE: bounds, when not both 0 */
    uint32_t offset;  /* of the member in the struct: offsetof(struct settings, member) */
    uint32_t reserved;
    const char *help; /* one line */
};

/* ---- Hooks: rules inside the write transaction --------------------------- */

#define OUSE_ON_CREATE 0x01u
#define OUSE_ON_UPDATE 0x02u /* PUT, PATCH, import of a record that is there */
#define OUSE_ON_MOVE   0x04u
#define OUSE_ON_REMOVE 0x08u
#define OUSE_ON_MERGE  0x10u /* this record goes into another */
#define OUSE_ON_WRITE  0x07u /* whatever leaves a record behind: create, update, move */
#define OUSE_ON_ALL    0x1fu /* all there are in this header */

/* Phases of one change, in order. Schema validation lies between FILL and CHECK.
 * For OUSE_ON_REMOVE and OUSE_ON_MERGE there is no FILL. */
#define OUSE_FILL 10 /* may complete change->after: computed and system fields           */
#define OUSE_CHECK                                                           \
    20 /* sees the final document; may refuse (ouse_fail) for what is in it, \
          or warn; runs again for an audience that sees less (ouse_warn). A  \
          rule that reads other records refuses in SETTLE                  */
#define OUSE_FOLLOW                                                       \
    30 /* the record is written: further writes, in the same transaction; \
          runs again for its rechecks if a record was hidden or shown       */
#define OUSE_SETTLE                                                          \
    40 /* at the end of the change set (one request, one batch, one import), \
          once for each record that it touched or rechecked; may refuse  */
#define OUSE_DELIVER                                                           \
    50 /* after the commit, at least once, from a durable outbox, in commit    \
          order; if it fails with OUSE_E_UNAVAILABLE it is called again later, \
          and its further deliveries wait; after any other failure, which is   \
          logged, it is not. Each plugin has a thread for its DELIVER hooks,   \
          which take turns: a slow or failing one does not stop the others     */

struct ouse_change {
    uint32_t size; /* of this struct, as the host has it */
    uint32_t op;   /* one OUSE_ON_ bit; in SETTLE what the change set did all told */
    uint32_t phase;
    uint32_t revision; /* that the change makes */
    const char *collection;
    struct ouse_str id;
    const struct ouse_doc *before; /* the record as it was, without id and meta; NULL for a create */
    struct ouse_doc *after;        /* as it will be, without id and meta; NULL for remove and merge. May be
                                      changed in FILL only */
    struct ouse_str actor;         /* who asked for it */
};

/* Returns OUSE_OK, or the result of ouse_fail. May run again for one request. */
typedef ouse_rc (*ouse_hook_fn)(struct ouse_ctx *ctx, const struct ouse_change *change);

struct ouse_hook {
    const char *collection; /* NULL: all; for one that is not loaded it is never called */
    uint32_t ops;           /* OUSE_ON_… it is called for */
    uint32_t ops_known;     /* OUSE_ON_ALL, as this header has it: operations that a newer host adds
                               are refused on the collection, rather than pass unguarded. 0: same as
                               OUSE_ON_ALL of ABI 1.0 */
    uint32_t phase;
    uint32_t flags; /* 0 */
    ouse_hook_fn fn;
    const char *name; /* DELIVER: names its queue in the outbox, [a-z][a-z0-9-]*, up to 64 bytes, and is
                         not changed from version to version. NULL: "COLLECTION#N", the N-th
                         DELIVER hook of its collection ("*": of all), from 0. If an update of the plugin has
                         no hook of a queue, what waits in that is dropped, with a warning in the log */
};

/* ---- Routes: computed endpoints and actions ----------------------------- */

#define OUSE_NONE 0 /* no store: texts that do not depend on records */
#define OUSE_READ 1 /* a snapshot, on the request thread              */
#define OUSE_WRITE                                                          \
    2 /* the write transaction, one at a time; the reply goes out after the \
         commit; may run again for one request                     */

/* A parameter of the query. What is not declared, or given twice, is refused with 400. One
 * that is called "*" lets everything else through, unchecked, for a route that hands its
 * query on. */
struct ouse_parameter {
    const char *name;
    uint32_t type;       /* OUSE_TEXT ENUM BOOL INT DATE PDATE REF (an id) */
    uint32_t flags;      /* OUSE_REQUIRED */
    const char *choices; /* ENUM: values separated by spaces */
    const char *doc;
};

struct ouse_request {
    uint32_t size;                 /* of this struct, as the host has it */
    uint32_t role;                 /* of the caller */
    const char *collection;        /* under which the path lies; NULL: under none */
    struct ouse_str id;            /* what {id} stands for */
    const struct ouse_doc *record; /* collection/{id} as the caller sees it, where the path is under a
                                      collection: the host has answered 404, 410 and 308 before. NULL
                                      with OUSE_NONE */
    const struct ouse_doc *body;   /* JSON of a POST, PUT or PATCH, to 1 MiB; on an absolute path also a
                                      form, as an object of texts. NULL: none came */
    struct ouse_str path;          /* as it was asked for */
    struct ouse_str rest;          /* what {*} stands for */
    struct ouse_str if_match;      /* header, or no text */
    struct ouse_str query;         /* as it came, percent-encoded, without its "?"; no text: none */
};

/* JSON as it is written, as a constant text: OUSE_JSON({"type": "object"}). */
#define OUSE_JSON(...) #__VA_ARGS__

/* Replies (ouse_reply…) or returns the result of ouse_fail. */
typedef ouse_rc (*ouse_route_fn)(struct ouse_ctx *ctx, const struct ouse_request *request);

struct ouse_route {
    const char *method; /* "GET", "POST", … */
    /* Relative to /api/v1/: "hubs/{id}/portfolio", "milestones/-/slippage"; or
     * absolute, with a leading slash: "/robots.txt", "/{*}". */
    const char *path;
    uint32_t access; /* OUSE_NONE, OUSE_READ, OUSE_WRITE */
    uint32_t role;   /* least role of the caller; 0 is everybody */
    ouse_route_fn fn;
    const char *summary; /* one line, for documentation */
    OUSE_TABLE(struct ouse_parameter)
    parameters;                             /* of the query */
    const char *body_schema, *reply_schema; /* JSON Schema (2020-12) objects, or NULL: OUSE_JSON(…) */
};

/* ---- Formats: further representations of records, lists, changes and problems ----- */

#define OUSE_OF_RECORD 0x01u
#define OUSE_OF_LIST   0x02u
#define OUSE_OF_PROBLEM                                                           \
    0x04u /* of a failed request, for those who like the format better than JSON: \
             one part, OUSE_ITEM, the problem document; may add headers. One      \
             format of a register has this */

#define OUSE_OF_CHANGES 0x08u /* of a page of /api/v1/-/changes; has a suffix, and no collection */

/* Which records of a list a format gets. Without a flag, a request with `limit` or `cursor` gets a page, and
 * any other request the whole list. `ouse plugin check` asks each format of lists to have one of the flags.
 */
#define OUSE_PAGED                                                                        \
    0x1u /* a page, as JSON has it: the format writes the address of the next page, which \
            ouse_about has, where its clients look for it (rel="next" of a feed) */
#define OUSE_WHOLE                                                                              \
    0x2u /* all records of the list, while they are sent: `limit` and `cursor` are refused, and \
            OUSE_BEGIN has {"limit": null, "next": null} as its page */

#define OUSE_BEGIN                                                                                         \
    1               /* value: the list's {"collection","page"}, or the page of changes; not for one record \
                     */
#define OUSE_ITEM 2 /* value: one record, one change, or the problem */
#define OUSE_END  3 /* value: NULL */

/* Writes (ouse_write) a part of the representation. ouse_about describes what it represents. If the
 * media type is a text (text/…, JSON, XML), each part must be UTF-8. */
typedef ouse_rc (*ouse_format_fn)(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *value);

struct ouse_format {
    const char *media_type; /* "text/calendar": chosen by Accept */
    const char *suffix;     /* "ics": chosen by …/ID.ics */
    const char *collection; /* NULL: all */
    uint32_t applies_to;    /* OUSE_OF_RECORD | OUSE_OF_LIST | OUSE_OF_PROBLEM | OUSE_OF_CHANGES */
    uint32_t flags;         /* of lists: OUSE_PAGED or OUSE_WHOLE */
    ouse_format_fn fn;
    const char *doc;
};

/* ---- Tasks: work by the clock -------------------------------------------- */

struct ouse_task {
    const char *name;
    int64_t every_ms;  /* from the end of one run to the start of the next, and before the first;
                          at least 1000. The time goes on over restarts: a task that was due while
                          the server was down runs at its start. Each plugin has a thread for its tasks */
    int64_t budget_ms; /* a run that takes longer is logged */
    uint32_t access;   /* as of a route */
    uint32_t flags;    /* 0 */
    ouse_rc (*fn)(struct ouse_ctx *ctx);
};

/* ---- Migrations ---------------------------------------------------------- */

/* Brings the records of a collection of this plugin from version `from`, at least 1, to
 * `to`, which is `from + 1` (0 means that). There is one for each step. All of it runs at start, in one
 * transaction; each changed record gets a revision. A record that is not valid afterwards stops the server,
 * and nothing is changed. */
struct ouse_migration {
    const char *collection;
    uint32_t from, to;
    /* Changes `record` (as in FILL, without id and meta); a field that is not
     * declared any more is taken out by ouse_set_null. */
    ouse_rc (*fn)(struct ouse_ctx *ctx, struct ouse_str id, struct ouse_doc *record);
};

/* ---- The plugin ---------------------------------------------------------- */

/* Thread models. The lock is per plugin and covers routes, formats and tasks, not
 * hooks, derived, reconfigure. For routes and tasks it is taken before the
 * transaction; for each part of a format, while the list is being read. */
#define OUSE_SERIAL   10 /* one at a time        */
#define OUSE_PARALLEL 20 /* any number at a time */

struct ouse_plugin {
    struct ouse_abi abi; /* by OUSE_PLUGIN */
    const char *name;    /* [a-z][a-z0-9-]*, as the .so and the section of the config file are called */
    const char *version; /* semantic: "1.4.0" */
    const char *title, *doc;
    const char *needs;  /* "directory>=1 funding>=1": name and least major version, separated by
                           spaces; they start before this one */
    uint32_t threads;   /* OUSE_SERIAL when 0 */
    uint32_t self_size; /* of the struct that options are put into; 0: none */
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
    uint32_t analysis; /* version of `analyse`, from 1: another one makes the words of all records
                          anew at the start */
    uint32_t reserved;
    ouse_analyse_fn analyse; /* what words are: in one plugin of a register; NULL in the others */
    const char *spellings;   /* words of its field names and choices that are not written as others are
                                in titles, separated by spaces: "NHS ICB" makes "nhs_trust" "NHS trust" */
    /* Checks the options in ctx->self, which it does not keep, and refuses those that cannot work
     * (ouse_fail, in words that name the option). It has no effect, as what was refused or only
     * tried ("ouse check") must leave none. Of ctx->self only the members that are options are
     * set. Main thread, no store; ABI 1.0 hosts that are older do not call it. */
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

/* Defines the one exported function. Its arguments are designated
 * initialisers of struct ouse_plugin. */
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
