/* rows: bytes as CSV (or, where the first is "{", as NDJSON) of a collection with one of everything.
 * Each row is a document or has a problem, and a document that is accepted is the same once it was
 * written as CSV and read again. */
#include "../plugins/kitchen/kitchen.c"

#include "features/bulk/csv.h"
#include "features/bulk/row_reader.h"
#include "fuzz.h"

static struct schema *schema;
static const struct collection *dishes;

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct arena arena = {0};
    struct problem problem;
    (void)argc, (void)argv;
    problem_init(&problem, &arena);
    schema = schema_create();
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++)
        must(!schema_add(schema, "kitchen", &collections[i], sizeof *collections, &problem));
    must(!schema_link(schema, &problem));
    dishes = schema_find(schema, ouse_s("dishes"));
    arena_finish(&arena);
    return 0;
}

static ssize_t read_text(void *arg, uint64_t from, void *bytes, size_t n)
{
    const struct ouse_str *text = arg;
    size_t left = from < text->n ? text->n - (size_t)from : 0, part = n < left ? n : left;
    memcpy(bytes, text->p + (part ? from : 0), part);
    return (ssize_t)part;
}

static struct intake_source source_of(const char *format, struct ouse_str *text)
{
    return (struct intake_source){NULL, dishes, intake_format_named(ouse_s(format)), read_text, text, NULL};
}

/* Takes out what is null: in a row, an empty cell says so of what a document does not have. */
static void forget_nulls(cJSON *document)
{
    for (cJSON *member = document->child, *next; member; member = next) {
        next = member->next;
        if (cJSON_IsNull(member))
            cJSON_Delete(cJSON_DetachItemViaPointer(document, member));
    }
}

static void must_come_back(const cJSON *document)
{
    struct ouse_str text;
    struct intake intake;
    struct problem problem;
    struct buffer out;
    struct row row;
    buffer_init(&out, 64u << 20);
    csv_header(dishes, OUSE_MANAGER, &out);
    csv_record(dishes, OUSE_MANAGER, document, &out);
    text = buffer_view(&out);
    const struct intake_source source = source_of("csv", &text);
    intake_init(&intake, schema, &source, 1);
    must(intake_next(&intake, &row, &problem) == OUSE_OK && !problem.rc);
    forget_nulls(row.document);
    must(json_equal(row.document, document));
    must(intake_next(&intake, &row, &problem) == OUSE_E_NOT_FOUND);
    intake_finish(&intake);
    buffer_finish(&out);
}

static int is_accepted(cJSON *document, struct arena *arena)
{
    struct problem problem;
    problem_init(&problem, arena);
    cJSON_DeleteItemFromObjectCaseSensitive(document, "id");
    cJSON_DeleteItemFromObjectCaseSensitive(document, "meta");
    return !schema_accept(dishes, document, NULL, SCHEMA_SYSTEM, OUSE_MANAGER, &problem) &&
           !schema_check(dishes, document, &problem);
}

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    const struct intake_source source = source_of(text.n && *text.p == '{' ? "ndjson" : "csv", &text);
    struct intake intake;
    struct row row;
    ouse_rc rc;
    intake_init(&intake, schema, &source, 1);
    while (!(rc = intake_next(&intake, &row, problem))) {
        must(row.place.n > 0);
        if (!problem->rc && cJSON_IsObject(row.document) && is_accepted(row.document, arena))
            must_come_back(row.document);
    }
    must(rc == OUSE_E_NOT_FOUND);
    intake_finish(&intake);
}
