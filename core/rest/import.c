/* import: POST /-/import, rows of CSV or NDJSON into one collection, all or none.
 *
 * The body is held in memory until the answer, with a tree of each row: some
 * thirty times its bytes where rows are short, and a kilobyte for each row, be
 * it ever so short. So there is one import at a time, and others are told to come
 * again (429). It runs in one change set, for which other writes wait; 100,000
 * short rows take two or three seconds. What must not wait, or is larger than
 * IMPORT_BYTES_MAX or IMPORT_ROWS_MAX, comes in several bodies.
 */
#include "../exchange/load.h"
#include "resource.h"
#include "submit.h"
#include <stdatomic.h>

enum { IMPORT_BYTES_MAX = 64 << 20, IMPORT_ROWS_MAX = 500000 };

static atomic_flag running = ATOMIC_FLAG_INIT;

struct import {
    struct submission submission;
    struct load load;
    struct intake intake;
    const struct collection *collection;
};

enum { COLLECTION, MODE, MATCH, DRY_RUN, PARAMETERS };
static const char *const names[PARAMETERS] = {"collection", "mode", "match", "dry_run"};

static ouse_rc find_collection(struct import *import, struct ouse_str name)
{
    struct http_request *request = import->submission.request;
    if (!name.p)
        return problem_fail(request->problem, OUSE_E_REQUEST, "The parameter collection is required");
    import->collection = schema_find(records_schema(import->submission.records), name);
    if (!import->collection)
        return problem_fail(request->problem, OUSE_E_REQUEST, "There is no collection \"%.*s\"",
                            OUSE_F(name));
    return OUSE_OK;
}

static ouse_rc choose_mode(struct import *import, struct ouse_str name)
{
    struct http_request *request = import->submission.request;
    import->load.mode = load_mode(name);
    if (!import->load.mode)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "mode is create, update or upsert, not \"%.*s\"", OUSE_F(name));
    if (import->collection->is.flags & import->load.mode->does)
        return problem_fail(request->problem, OUSE_E_FORBIDDEN, "Clients do not %s records of %s",
                            import->load.mode->name, import->collection->is.name);
    return OUSE_OK;
}

static ouse_rc read_parameters(struct import *import)
{
    struct http_request *request = import->submission.request;
    struct ouse_str values[PARAMETERS];
    ouse_rc rc = rest_parameters(request, names, PARAMETERS, values);
    if (!rc)
        rc = find_collection(import, values[COLLECTION]);
    if (!rc)
        rc = choose_mode(import, values[MODE]);
    if (!rc && values[MATCH].p && !ouse_is(values[MATCH], "id"))
        rc = problem_fail(request->problem, OUSE_E_REQUEST, "Records are matched by id, not by \"%.*s\"",
                          OUSE_F(values[MATCH]));
    return rc ? rc : rest_flag(request, names[DRY_RUN], values[DRY_RUN], &import->submission.dry_run);
}

static ouse_rc read_rows(struct import *import)
{
    struct http_request *request = import->submission.request;
    const struct intake_format *format = intake_format_of_type(http_media_type(request));
    const struct intake_source source = {NULL, import->collection};
    if (!format)
        return problem_fail(request->problem, OUSE_E_MEDIA_TYPE,
                            "The body is to be text/csv or application/x-ndjson, in UTF-8");
    ouse_rc rc = http_body(request, IMPORT_BYTES_MAX, &import->submission.body);
    if (rc)
        return rc;
    intake_init(&import->intake, request->arena, records_schema(import->submission.records));
    import->intake.most = IMPORT_ROWS_MAX;
    format->read(&import->intake, &source, import->submission.body);
    if (import->intake.cut)
        return problem_fail(request->problem, OUSE_E_TOO_LARGE,
                            "An import has at most %d rows; send them in several", IMPORT_ROWS_MAX);
    return OUSE_OK;
}

static ouse_rc change(struct change_set *set, void *arg)
{
    struct import *import = arg;
    return load_rows(set, &import->load);
}

/* What became of the rows: the same for a dry run. */
static ouse_rc answer(struct change_set *set, void *arg, struct http_reply *reply)
{
    const struct import *import = arg;
    uint64_t counts[LOAD_OUTCOMES];
    load_counts(&import->load, import->collection, counts);
    reply->body = arena_printf(
        set->arena,
        "{\"collection\":\"%s\",\"rows\":%zu,\"created\":%llu,\"updated\":%llu,\"unchanged\":%llu}",
        import->collection->is.name, import->intake.n, (unsigned long long)counts[LOAD_CREATED],
        (unsigned long long)counts[LOAD_UPDATED], (unsigned long long)counts[LOAD_UNCHANGED]);
    return OUSE_OK;
}

static ouse_rc import_rows(struct import *import)
{
    ouse_rc rc = read_rows(import);
    return rc ? rc : rest_submit(&import->submission);
}

ouse_rc rest_import(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct rest *rest = arg;
    struct import import = {.submission = {.request = request,
                                           .reply = reply,
                                           .records = rest->records,
                                           .mode = CHANGE_IMPORT,
                                           .change = change,
                                           .answer = answer}};
    import.submission.arg = &import;
    import.load.intake = &import.intake;
    ouse_rc rc = rest_require(request, OUSE_MANAGER);
    if (!rc)
        rc = read_parameters(&import);
    if (rc)
        return rc;
    if (atomic_flag_test_and_set(&running))
        return problem_fail(request->problem, OUSE_E_BUSY, "Another import is running; try again");
    rc = import_rows(&import);
    atomic_flag_clear(&running);
    return rc;
}
