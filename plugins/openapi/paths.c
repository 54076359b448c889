/* paths: the endpoints of the server itself, for each collection and for the whole register, as
 * tables. */
#include "openapi.h"

#define SCHEMA(name)  "\"$ref\":\"#/components/schemas/" name "\""
#define CONTENT(name) "\"application/json\":{\"schema\":{" SCHEMA(name) "}}"
#define PART          "\"anyOf\":[{" SCHEMA("@") "},{" SCHEMA("Part") "}]"
#define ROWS                                                         \
    "\"text/csv\":{\"schema\":{\"type\":\"string\"}},\"application/" \
    "x-ndjson\":{\"schema\":{\"type\":\"string\"}},\"application/"   \
    "json\":{\"schema\":{\"type\":[\"array\",\"object\"]}}"
#define LISTING  "304 400 401 406 429 500 503"
#define READING  "404 " LISTING
#define LISTED   "Limit Cursor Sort Count Fields Facet Expand AsOf For"
#define REMOVING "308 400 401 403 404 409 410 412 428 429 500 503"
#define WRITING  " 308 400 401 403 404 409 410 412 413 415 422 428 429 500 503"

static const char patches[] = OUSE_JSON(
    "application/merge-patch+json": {"schema": {"$ref": "#/components/schemas/@.changes"}},
    "application/json-patch+json": {"schema": {"$ref": "#/components/schemas/JsonPatch"}}
);

/* When a collection has an operation. */
enum when { ALWAYS, CREATES, CHANGES, REMOVES, MOVES, IDENTIFIED };

/* Rows of one path stand together. */
static const struct row {
    const char *path; /* after /api/v1/NAME */
    enum when when;
    struct operation is;
} rows[] = {
    {"",
     ALWAYS,
     {"get", "@.list", "A page of @", LISTED, NULL, "200", "The page", SCHEMA("@.list"), "Link", LISTING,
      "list", OUSE_PUBLIC, FILTERED}},
    {"",
     CREATES,
     {"post", "@.create", "Makes a record of @", "DryRun IdempotencyKey", CONTENT("@.new"), "201",
      "The record was created", SCHEMA("@"), "Location ETag", "200 401 400 403 409 413 415 422 429 500 503",
      NULL, OUSE_MANAGER, 0}},
    {"/{id}",
     ALWAYS,
     {"get", "@.read", "A record of @", "Id Fields Expand AsOf For IfNoneMatch", NULL, "200", "The record",
      PART, "ETag", "308 410 " READING, "record", OUSE_PUBLIC, 0}},
    {"/{id}",
     CHANGES,
     {"put", "@.replace", "Replaces a record of @, or makes it under this id", "Id IfMatchOrNew IfNew DryRun",
      CONTENT("@.new"), "200", "The record was replaced", SCHEMA("@"), "ETag", "201" WRITING, NULL,
      OUSE_MANAGER, 0}},
    {"/{id}",
     CHANGES,
     {"patch", "@.patch", "Changes a record of @", "Id IfMatch DryRun", patches, "200",
      "The record as it is now", SCHEMA("@"), "ETag", WRITING, NULL, OUSE_MANAGER, 0}},
    {"/{id}",
     REMOVES,
     {"delete", "@.remove", "Removes a record of @", "Id IfMatch DryRun", NULL, "204",
      "The record was deleted", NULL, "", REMOVING, NULL, OUSE_MANAGER, 0}},
    {"/{id}/move",
     MOVES,
     {"post", "@.move", "Moves a record of @ to another state", "Id IfMatch DryRun IdempotencyKey",
      CONTENT("Move"), "200", "The record as it is now", SCHEMA("@"), "ETag", WRITING, NULL, OUSE_MANAGER,
      MOVING}},
    {"/{id}/revert",
     CHANGES,
     {"post", "@.revert", "Restores a record of @ to an earlier revision", "Id IfMatch DryRun IdempotencyKey",
      CONTENT("Revert"), "200", "The record as it is now", SCHEMA("@"), "ETag", WRITING, NULL, OUSE_MANAGER,
      0}},
    {"/{id}/revisions",
     ALWAYS,
     {"get", "@.revisions", "Revisions of a record of @, newest first", "Id Limit Cursor", NULL, "200",
      "A page of revisions", SCHEMA("@.revisions"), "Link", "400 404 429 500 503", NULL, OUSE_PUBLIC, 0}},
    {"/{id}/revisions/{n}",
     ALWAYS,
     {"get", "@.revision", "One revision of a record of @", "Id Revision Diff IfNoneMatch", NULL, "200",
      "The revision, or the differences", "\"anyOf\":[{" SCHEMA("@.revision") "},{" SCHEMA("Difference") "}]",
      "ETag", "304 400 404 429 500 503", NULL, OUSE_PUBLIC, 0}},
    {"/-/summary",
     ALWAYS,
     {"get", "@.summary", "Counts and sums of @", "Group Sum AsOf", NULL, "200", "Groups, and all",
      SCHEMA("Summary"), "", "400 413 429 500 503", NULL, OUSE_PUBLIC, FILTERED}},
    {"/-/by/{scheme}/{value}",
     IDENTIFIED,
     {"get", "@.lookup", "The record of @ with an external identifier",
      "Scheme Value Fields Expand AsOf IfNoneMatch", NULL, "200", "The record", PART, "ETag", READING,
      "record", OUSE_PUBLIC, 0}},
};

static int has_verb(struct ouse_ctx *ctx, const struct ouse_doc *collection, const char *verb)
{
    const struct ouse_doc *verbs = ouse_member(ctx, collection, "verbs");

    for (uint32_t i = 0; i < ouse_count(ctx, verbs); i++)
        if (ouse_is(ouse_as_text(ctx, ouse_at(ctx, verbs, i)), verb))
            return 1;
    return 0;
}

static int has_identifiers(struct ouse_ctx *ctx, const struct ouse_doc *collection)
{
    const struct ouse_doc *fields = ouse_member(ctx, collection, "fields");

    for (uint32_t i = 0; i < ouse_count(ctx, fields); i++) {
        const struct ouse_doc *field = ouse_at(ctx, fields, i);
        if (records_flag(ctx, field, "scheme") || ouse_is(ouse_text(ctx, field, "type"), "ids"))
            return 1;
    }
    return 0;
}

/* Returns whether an operation exists in a collection. A role that sees no record of a collection
 * may still be able to create one. */
static int applies(const struct text *text, const struct ouse_doc *collection, enum when when)
{
    struct ouse_ctx *ctx = text->ctx;

    if (when == CREATES)
        return has_verb(ctx, collection, "create");
    if (!records_visible(text, collection))
        return 0;
    switch (when) {
    case CHANGES:
        return has_verb(ctx, collection, "change");
    case REMOVES:
        return has_verb(ctx, collection, "remove");
    case MOVES:
        return ouse_count(ctx, ouse_member(ctx, collection, "flows")) > 0;
    case IDENTIFIED:
        return has_identifiers(ctx, collection);
    default:
        return 1;
    }
}

/* The least role that some move of the collection takes. */
static uint32_t role_to_move(struct ouse_ctx *ctx, const struct ouse_doc *collection)
{
    const struct ouse_doc *flows = ouse_member(ctx, collection, "flows");
    uint32_t least = OUSE_MANAGER;

    for (uint32_t i = 0; i < ouse_count(ctx, flows); i++) {
        const struct ouse_doc *moves = ouse_member(ctx, ouse_at(ctx, flows, i), "moves");
        for (uint32_t k = 0; k < ouse_count(ctx, moves); k++) {
            uint32_t role = roles_called(ouse_text(ctx, ouse_at(ctx, moves, k), "role"));
            least = role < least ? role : least;
        }
    }
    return least;
}

/* Returns the operation for a collection, with its roles. */
static struct operation in_collection(const struct text *text, const struct row *row,
                                      const struct ouse_doc *collection)
{
    struct operation is = row->is;

    if (row->when == MOVES)
        is.role = role_to_move(text->ctx, collection);
    if (is.role == OUSE_PUBLIC)
        is.role = roles_called(ouse_text(text->ctx, collection, "visibility"));
    if (row->when == CREATES && records_flag(text->ctx, collection, "open_create")) {
        is.role = OUSE_PUBLIC;
        is.schema = records_visible(text, collection) ? "\"anyOf\":[{" SCHEMA("@") "},{" SCHEMA("Made") "}]"
                                                      : SCHEMA("Made");
    }
    return is;
}

void paths_of_collection(struct text *text, const struct subject *subject)
{
    const char *path = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct operation operation;
        if (!applies(text, subject->collection, row->when))
            continue;
        operation = in_collection(text, row, subject->collection);
        if (!path || strcmp(path, row->path) != 0) {
            text_add(text, path ? "}" : "");
            text_next(text);
            text_fill(text, "\"/api/v1/@", subject->name);
            text_add(text, "%s\":{", row->path);
            path = row->path;
        }
        operation_write(text, &operation, subject);
    }
    text_add(text, path ? "}" : "");
}

/* ---- The whole register ------------------------------------------------------------ */

#define FEW "400 401 429 500"

static const struct {
    const char *path;
    struct operation is;
} server_rows[] = {
    {"/api/v1",
     {"get", "register.index", "Contents of the API", "", NULL, "200", "Collections and links",
      SCHEMA("Index"), "", FEW, NULL, OUSE_PUBLIC, 0}},
    {"/api/v1/-/whoami",
     {"get", "register.whoami", "The caller, as the server identifies it", "", NULL, "200", "Role and name",
      SCHEMA("Caller"), "", FEW, NULL, OUSE_PUBLIC, 0}},
    {"/api/v1/-/schema",
     {"get", "register.schema", "Declarations of all collections", "", NULL, "200", "All collections",
      SCHEMA("Declarations"), "", FEW, NULL, OUSE_PUBLIC, 0}},
    {"/api/v1/-/schema/{collection}",
     {"get", "register.declaration", "Declaration of one collection", "Collection", NULL, "200",
      "The collection", SCHEMA("Declaration"), "", "404 " FEW, NULL, OUSE_PUBLIC, 0}},
    {"/api/v1/-/plugins",
     {"get", "register.plugins", "Loaded plugins", "", NULL, "200", "The plugins", SCHEMA("Plugins"), "",
      "429 500", NULL, OUSE_PUBLIC, 0}},
    {"/api/v1/-/changes",
     {"get", "register.changes", "Changes, in order", "Since Way Before Limit Only LastEventId", NULL, "200",
      "A page of changes, or a stream of them as they are made", SCHEMA("Changes"), "", "406 410 " FEW " 503",
      "changes", OUSE_PUBLIC, 0}},
    {"/api/v1/-/changes/summary",
     {"get", "register.changes.summary", "Changes between two instants, one row for each record",
      "From Until Type Counts Limit Cursor", NULL, "200", "A page of records, the latest change first",
      SCHEMA("ChangeSummary"), "Link", FEW " 503", NULL, OUSE_PUBLIC, 0}},
    {"/api/v1/-/batch",
     {"post", "register.batch", "Up to a thousand changes, all or nothing", "DryRun IdempotencyKey",
      CONTENT("Batch"), "200", "The result of each", SCHEMA("BatchResults"), "",
      "400 401 403 404 409 410 412 413 415 422 428 429 500 503", NULL, OUSE_PARTNER, 0}},
    {"/api/v1/-/import",
     {"post", "register.import", "Rows into one collection, all or nothing",
      "Into Mode Match References Map DryRun IdempotencyKey", ROWS, "200", "The results of the rows",
      SCHEMA("Imported"), "", "400 401 403 409 413 415 422 429 500 503", NULL, OUSE_MANAGER, 0}},
    {"/healthz",
     {"get", "register.health", "Whether it lives", "", NULL, "200", "It does", SCHEMA("Health"), "", FEW,
      NULL, OUSE_PUBLIC, 0}},
    {"/readyz",
     {"get", "register.ready", "Whether it can be written to", "", NULL, "200", "It can", SCHEMA("Health"),
      "", FEW " 503", NULL, OUSE_PUBLIC, 0}},
    {"/version",
     {"get", "register.version", "Version of the server", "", NULL, "200", "Versions", SCHEMA("Version"), "",
      FEW, NULL, OUSE_PUBLIC, 0}},
};

void paths_of_server(struct text *text)
{
    static const struct subject server;

    for (size_t i = 0; i < sizeof server_rows / sizeof server_rows[0]; i++) {
        text_next(text);
        text_add(text, "\"%s\":{", server_rows[i].path);
        operation_write(text, &server_rows[i].is, &server);
        text_add(text, "}");
    }
}
