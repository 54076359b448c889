/* openapi.h: the document as it is written, and its parts by concern. */
#ifndef OPENAPI_H
#define OPENAPI_H

#include <ouse/plugin.h>

/* ---- text.c: JSON that grows; its memory is the callback's ------------------ */

struct text {
    struct ouse_ctx *ctx;
    char *at;
    size_t n, room;
};

/* Appends, as printf. */
OUSE_PRINTF(2, 3)
void text_add(struct text *text, const char *format, ...);

/* Appends a comma, unless an object or list has just begun: before each member. */
void text_next(struct text *text);

/* Appends a template, in which "@" stands for a name. */
void text_fill(struct text *text, const char *template, struct ouse_str name);

/* Appends "name": "value", after a comma; nothing when there is no value. */
void text_member(struct text *text, const char *name, struct ouse_str value);

/* Appends a value as JSON: a number below 2^63, a string, any document. */
void text_number(struct text *text, double number);
void text_string(struct text *text, struct ouse_str value);
void text_value(struct text *text, const struct ouse_doc *value);

/* ---- fields.c ---------------------------------------------------------------- */

/* The schema of what a field takes, without its braces. */
void field_schema(struct text *text, const struct ouse_doc *field);

/* A value that the field takes, as JSON; no text where none can be made up. */
struct ouse_str field_example(struct ouse_ctx *ctx, const struct ouse_doc *field);

/* ---- records.c, shared.c: members of components.schemas ----------------------- */

void records_schemas(struct text *text, const struct ouse_doc *collection);
void shared_schemas(struct text *text);

/* Whether something that was said of a field or collection is true. */
int records_flag(struct ouse_ctx *ctx, const struct ouse_doc *object, const char *flag);

/* Whether the caller sees records of the collection, or may only create them. */
int records_visible(struct ouse_ctx *ctx, const struct ouse_doc *collection);

/* ---- components.c --------------------------------------------------------------- */

/* The further members of components. */
void components_shared(struct text *text);

/* References to these, for words: "Id Limit", "ETag", "400 404". */
void components_parameters(struct text *text, const char *names);
void components_headers(struct text *text, const char *names);
void components_problems(struct text *text, const char *statuses);

/* ---- operations.c ----------------------------------------------------------------- */

#define WRITES   0x01u
#define FILTERED 0x02u

/* An operation of the server's own. In texts "@" stands for the collection. */
struct operation {
    const char *method, *id, *summary;
    const char *parameters;         /* words */
    const char *body;               /* members of its content; NULL: it takes none */
    const char *status, *answer;    /* when it is done, and what that means */
    const char *schema;             /* of the answer; NULL: it has no body */
    const char *headers, *problems; /* words */
    const char *of;                 /* formats of a "record", a "list" or of "events" are offered too; or NULL */
    uint32_t flags;                 /* WRITES: it needs a token; FILTERED: by the fields of the collection */
};

/* What an operation is about: a collection, or the server (no name). */
struct subject {
    struct ouse_str name;
    const struct ouse_doc *collection, *plugins;
};

void operation_write(struct text *text, const struct operation *operation, const struct subject *subject);

/* ---- paths.c, routes.c: members of paths, from what is loaded ---------------------- */

void paths_of_collection(struct text *text, const struct subject *subject);
void paths_of_server(struct text *text);
void paths_of_plugins(struct text *text, const struct ouse_doc *loaded);

#endif
