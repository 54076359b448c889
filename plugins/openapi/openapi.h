/* openapi.h: the document as it is written, and its parts by concern. */
#ifndef OPENAPI_H
#define OPENAPI_H

#include <ouse/plugin.h>

/* ---- text.c: JSON that grows; its memory is the callback's ------------------ */

struct text {
    struct ouse_ctx *ctx;
    uint32_t role; /* for which is written */
    char *at;
    size_t n, room;
};

/* Appends, as printf. */
OUSE_PRINTF(2, 3)
void text_add(struct text *text, const char *format, ...);

/* Appends a comma, unless an object or list has just begun: before each member. */
void text_next(struct text *text);

/* Appends a template, with the name in place of "@". */
void text_fill(struct text *text, const char *template, struct ouse_str name);

/* Appends "name": "value", after a comma; nothing when there is no value. */
void text_member(struct text *text, const char *name, struct ouse_str value);

/* Appends a value as JSON: a number below 2^63, a string, any document. */
void text_number(struct text *text, double number);
void text_string(struct text *text, struct ouse_str value);
void text_value(struct text *text, const struct ouse_doc *value);

/* ---- fields.c ---------------------------------------------------------------- */

/* Writes the schema of the values of a field, without its braces. */
void field_schema(struct text *text, const struct ouse_doc *field);

/* Returns a valid value of the field, as JSON, or no text. */
struct ouse_str field_example(struct ouse_ctx *ctx, const struct ouse_doc *field);

/* ---- records.c, shared.c: members of components.schemas ----------------------- */

void records_schemas(struct text *text, const struct ouse_doc *collection);
void shared_schemas(struct text *text);

/* Returns whether a flag of a field or collection is true. */
int records_flag(struct ouse_ctx *ctx, const struct ouse_doc *object, const char *flag);

/* Whether the role sees records of the collection, or may only create them. */
int records_visible(const struct text *text, const struct ouse_doc *collection);

/* ---- roles.c -------------------------------------------------------------------- */

/* A role by its name. */
uint32_t roles_called(struct ouse_str name);

/* The member "security" of an operation, from the least role that may. */
void roles_security(struct text *text, uint32_t least);

/* ---- components.c --------------------------------------------------------------- */

/* The further members of components. */
void components_shared(struct text *text);

/* References to these, for words: "Id Limit", "ETag", "400 404". */
void components_parameters(struct text *text, const char *names);
void components_headers(struct text *text, const char *names);
void components_problems(struct text *text, const char *statuses);

/* ---- operations.c ----------------------------------------------------------------- */

#define FILTERED 0x01u /* by the fields of the collection */
#define MOVING   0x02u /* lists the moves and their roles */

/* An operation of the server itself. In texts "@" is replaced by the collection. */
struct operation {
    const char *method, *id, *summary;
    const char *parameters;         /* words */
    const char *body;               /* members of its content; NULL: it has no body */
    const char *status, *answer;    /* the status of success, and its meaning */
    const char *schema;             /* of the answer; NULL: it has no body */
    const char *headers, *problems; /* words */
    const char *of;       /* formats of a "record", a "list" or of "events" are offered too; or NULL */
    uint32_t role, flags; /* the least role that may */
};

/* The subject of an operation: a collection, or the server (no name). */
struct subject {
    struct ouse_str name;
    const struct ouse_doc *collection, *plugins;
};

void operation_write(struct text *text, const struct operation *operation, const struct subject *subject);

/* ---- paths.c, routes.c: members of paths, for the loaded plugins ---------------------- */

void paths_of_collection(struct text *text, const struct subject *subject);
void paths_of_server(struct text *text);
void paths_of_plugins(struct text *text, const struct ouse_doc *loaded);

/* ---- document.c, group.c, kept.c ---------------------------------------------------- */

/* The document for a role. */
struct ouse_str document_write(struct ouse_ctx *ctx, uint32_t role);

/* A path or component of a document; the texts point into the document. */
struct part {
    struct ouse_str kind, name, value;
};

struct outline {
    struct ouse_str head; /* as far as the paths */
    struct part *at;      /* malloc'd: paths, then components by kind */
    uint32_t n;
};

void group_outline(struct ouse_str document, struct outline *outline);

/* The part of a document that is about a tag; no text where it has no such tag. */
struct ouse_str group_cut(struct ouse_ctx *ctx, const struct outline *outline, struct ouse_str tag);

/* The names of the tags of a document, separated by commas. */
struct ouse_str group_names(struct ouse_ctx *ctx, const struct outline *outline);

struct kept {
    struct kept *next;
    uint32_t role;
    struct ouse_str tag; /* no text: all of it */
    struct ouse_str document, packed;
    struct outline outline; /* where it is all of it */
    uint64_t hash;
};

/* Returns the document for a role, of a tag or (no text) of everything; NULL if the tag does not
 * exist. */
struct kept *kept_get(struct ouse_ctx *ctx, uint32_t role, struct ouse_str tag);

/* A document in gzip. */
struct ouse_str kept_packed(struct ouse_ctx *ctx, struct kept *kept);
void kept_clear(void);

#endif
