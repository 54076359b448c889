/* resource: one mounted collection, and declarations shared by the handlers of this folder. */
#ifndef API_RESOURCE_H
#define API_RESOURCE_H

#include "api.h"
#include <ouse/plugin.h>

#define REST_API        "/api/v1"
#define REST_LIMIT      50
#define REST_LIMIT_MAX  200
#define REST_STEPS      20000       /* keys that are looked at for one page, which then ends early */
#define REST_PAGE_BYTES (8u << 20)  /* a page ends early when it has grown to this */
#define REST_BODY_BYTES (32u << 20) /* cap of a body: a page and one more record, in any format */

/* The formats of a resource; the first is JSON. */
struct offers {
    const char *types[REST_FORMATS + 3];
    const struct rest_format *formats[REST_FORMATS + 3];
    uint32_t n;
};

struct resource {
    const struct rest *rest;
    const struct collection *collection;
    struct offers record, list;
};

/* The resource of a collection by name, or NULL. */
const struct resource *rest_resource(const struct rest *rest, struct ouse_str collection);

/* A collection that the caller's role may see, by name; or NULL and a problem with the status `rc`. */
const struct collection *rest_collection(const struct rest *rest, struct http_request *request,
                                         struct ouse_str name, ouse_rc rc);

/* ---- query_params.c: more of it in query_params.h ------------------------------------ */

/* A whole number from `least` to `most`. */
ouse_rc rest_number(struct http_request *request, const char *name, struct ouse_str text, uint64_t least,
                    uint64_t most, uint64_t *number);

/* Reads the instant of "as_of": a date means its end, in UTC. Stores 0, the present, for no text
 * and for a time in the future. */
ouse_rc rest_as_of(struct http_request *request, struct ouse_str text, int64_t *as_of);

/* ---- submit.c ----------------------------------------------------------- */

/* Reads the parameters of a write that has only `dry_run`. */
ouse_rc rest_dry_run(struct http_request *request, int *dry_run);

/* Parses the text of a body, and reserves memory for it: 400, 413, 429. */
ouse_rc rest_parse(struct http_request *request, struct ouse_str text, cJSON **body);

/* Reads a JSON body of one of two media types; the second may be NULL. */
ouse_rc rest_read_json(struct http_request *request, const char *const types[2], struct ouse_str *text,
                       cJSON **body);

/* ---- represent.c -------------------------------------------------------- */

struct representation {
    struct ouse_str type, body, etag;
};

/* Which of the offers is wanted: by a suffix of `name`, which is cut off, or by
 * Accept (406). */
ouse_rc rest_choose(struct http_request *request, const struct offers *offers, struct ouse_str *name,
                    const struct rest_format **format);

/* Returns 406, with the available media types. */
ouse_rc rest_not_acceptable(struct http_request *request, const char *const *types, uint32_t n);

/* Lets caches store an answer of the past. Only for a short time, because a record may be hidden
 * later. */
void rest_keep(const struct http_request *request, int64_t as_of, struct http_reply *reply);

/* A snapshot that ends with the request. */
ouse_rc rest_snapshot(const struct rest *rest, struct http_request *request, struct txn **txn);

/* An empty buffer that is freed with the arena. */
struct buffer *rest_buffer(struct arena *arena);

/* The record as a tree with its derived fields. */
ouse_rc rest_tree(const struct resource *resource, const struct rest_view *view, const struct record *record,
                  cJSON **tree);

/* Appends one record as JSON: the stored bytes, or those of its tree where it has
 * derived fields or not all of it is wanted. */
struct selection;
ouse_rc rest_write(const struct resource *resource, struct txn *txn, const struct record *record,
                   const struct selection *selection, struct http_request *request, struct buffer *out);

/* Removes members that are not selected from a tree; NULL selects everything. */
void rest_select(const struct selection *selection, cJSON *tree);

/* Represents one record in a format. JSON without derived fields is part of the record, and lives
 * as long. */
ouse_rc rest_represent(const struct resource *resource, struct txn *txn, const struct record *record,
                       const struct rest_format *format, struct http_request *request,
                       struct representation *representation);

/* Returns the ETag of a body that was built from a record. */
struct ouse_str rest_tag(struct arena *arena, const struct record *record, struct ouse_str body);

/* Redirects to the record that this one was merged into: 308, with the rest of the request.
 * `suffix` is the part after the id. */
ouse_rc rest_lead_on(const struct resource *resource, const struct http_request *request,
                     struct ouse_str into, struct ouse_str suffix, struct http_reply *reply);

/* The path of a record, with base_path. */
struct ouse_str rest_link(const struct resource *resource, struct arena *arena, struct ouse_str id);

/* ---- writing.c ---------------------------------------------------------- */

/* Begins a representation that is written in parts, from a snapshot; the caller sets the other
 * members. */
struct rest_writing rest_begin(const struct rest *rest, const struct collection *collection,
                               struct http_request *request, struct txn *txn);

/* Returns the path of a resource in a format, whatever the client accepts; without a change if the
 * format has no suffix. */
struct ouse_str rest_suffixed(struct arena *arena, const struct rest_format *format, struct ouse_str path);

/* BEGIN with `head`, the items, END; then sets the reply, with a tag by which it is known again. */
ouse_rc rest_write_all(const struct rest_format *format, struct rest_writing *writing, cJSON *head,
                       const cJSON *items, struct http_reply *reply);

/* The body of such a representation, and its weak tag, which an earlier epoch does not have. */
void rest_whole_body(const struct rest_writing *writing, struct ouse_str body, struct http_reply *reply);

/* Returns the newest time in a member of the items, or of an object within them, or no text. */
struct ouse_str rest_newest(const cJSON *items, const char *within, const char *member);

/* ---- handlers: arg is the resource, or the rest for those of the server ---- */

ouse_rc rest_read(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_lookup(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_list(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_create(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_replace(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_patch(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_remove(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_move(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_revert(struct http_request *request, struct http_reply *reply, void *arg);

ouse_rc rest_index(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_health(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_ready(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_version(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_schema(struct http_request *request, struct http_reply *reply, void *arg);
ouse_rc rest_schema_one(struct http_request *request, struct http_reply *reply, void *arg);

#endif
