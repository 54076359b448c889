/* api: the HTTP interface of the records.
 *
 *     router ─> handler(resource) ─> parameters, condition, body ─> record/
 *                     │                                                │
 *                     └── representation <── derived, formats <────────┘
 *
 * A resource is one loaded collection, mounted under /api/v1/NAME. This folder handles only paths,
 * parameters, conditional requests and bodies: rules are in record/, bytes on the wire in http/,
 * and computed answers of plugins come through callbacks. */
#ifndef API_API_H
#define API_API_H

#include "../base/eventcount.h"
#include "../http/http.h"
#include "../record/label.h"

/* A representation that is being written, from its first part to its last. */
struct rest_writing {
    struct arena *arena;   /* of the part that is written */
    struct arena *lasting; /* of the whole representation */
    struct problem *problem;
    struct buffer *out;
    struct txn *txn; /* the snapshot that it is of */
    struct deadline *deadline;
    uint32_t role;
    int64_t as_of;
    uint64_t epoch;                      /* of the store: store/epoch.h */
    const struct collection *collection; /* NULL: of the register as a whole */
    struct ouse_str query;               /* of a list, without parameters of pages */
    struct ouse_str self, next;          /* addresses; may be empty */
    struct ouse_str updated;             /* the newest of its items; no text: no items */
    cJSON *about;                        /* the description for the format; NULL: not requested yet */
};

/* Another representation than JSON, of records (OUSE_OF_RECORD), lists (OUSE_OF_LIST) and
 * changes (OUSE_OF_CHANGES). `write` appends one part (OUSE_BEGIN, OUSE_ITEM, OUSE_END of
 * plugin.h) to writing->out, on a request thread. */
struct rest_format {
    const char *media_type, *suffix; /* "text/calendar", "ics" */
    const char *collection;          /* NULL: all */
    uint32_t applies_to;
    uint32_t flags; /* OUSE_PAGED, OUSE_WHOLE */
    ouse_rc (*write)(void *arg, uint32_t part, cJSON *value, struct rest_writing *writing);
    void *arg;
    /* Replaces `write` for a format whose lists have no pages: writes the part before the first
     * record (or NULL), and one record. */
    void (*head)(const struct collection *collection, uint32_t role, struct buffer *out);
    void (*row)(const struct collection *collection, uint32_t role, const cJSON *record, struct buffer *out);
    /* The same for people, with labels in place of ids (`for=people`); or NULL. */
    void (*people_head)(const struct label_source *labels, const struct collection *collection, uint32_t role,
                        struct buffer *out);
    void (*people_row)(const struct label_source *labels, const struct collection *collection, uint32_t role,
                       const cJSON *record, struct buffer *out);
};

/* A view of records: the role of the reader, and the cost limit. */
struct rest_view {
    struct txn *txn;
    uint32_t role;
    struct deadline *deadline; /* NULL: no end */
    struct problem *problem;
};

/* Sets the derived fields of a record in `record`, as its caller sees it. Called with the
 * transaction in which the record was read, which is a snapshot on a request thread or, for the
 * answer to a write, the write transaction; and with the instant of the past of the request, or 0. */
typedef ouse_rc (*rest_derive)(void *arg, const struct rest_view *view, int64_t as_of,
                               const struct collection *collection, cJSON *record);

struct resource;
struct offers;
struct feature;

/* Filled by the code that mounts it, and constant while the server runs. */
struct rest {
    struct records *records;
    const struct feature *const *features; /* ended by NULL; see feature.h */
    const char *base_path;                 /* "" or "/register": in front of every link */
    const char *plugins;                   /* for /version: a JSON array of {"name","version"} */
    const struct rest_format *formats;     /* at most REST_FORMATS of them apply to one collection */
    uint32_t n_formats;
    rest_derive derive; /* NULL where no collection has derived fields */
    void *derive_arg;
    struct bell *bell;          /* rung after each commit: wakes streams of changes */
    int64_t export_ms;          /* the longest that an export may take */
    int64_t comment_ms;         /* interval of comments in a stream without changes */
    struct resource *resources; /* owned by rest_mount, as are the formats of changes */
    struct offers *changes;
};

#define REST_FORMATS 29

/* 401 without a token, 403 with one of a lesser role. */
ouse_rc rest_require(struct http_request *request, uint32_t role);

/* Adds the routes of every collection, and those of the server, to the router.
 * OUSE_E_CONFLICT when a path is taken; the problem names it. */
ouse_rc rest_mount(struct rest *rest, struct router *router, struct problem *problem);

/* Frees the data of rest_mount; after the last request. */
void rest_unmount(struct rest *rest);

#endif
