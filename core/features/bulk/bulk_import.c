/* bulk_import: POST /-/import, rows of CSV, NDJSON or a JSON array into one collection, all or
 * nothing.
 *
 * The body goes into a spool as it arrives, and its rows are read from there, one at a time, in the
 * turn of the writer: so memory is that of one row, and no transaction waits for a client. One
 * import runs at a time; others get 429. It is one change set, for which other writes wait: some
 * 30,000 rows a second. */
#include "../../api/query_params.h"
#include "../../api/submit.h"
#include "../../base/spool.h"
#include "bulk.h"
#include "bulk_apply.h"
#include <errno.h>
#include <sodium.h>
#include <stdatomic.h>

enum { BYTES_MAX = 64 << 20, FAULTS_TOLD = 1000, HASH = 32 };

static atomic_flag running = ATOMIC_FLAG_INIT;

struct import {
    struct submission submission;
    struct load load;
    struct intake intake;
    struct intake_source source;
    struct mapping mapping;
    struct spool body;
    crypto_generichash_state state;
    unsigned char hash[HASH]; /* of the body: identifies it when requests are compared */
};

static ouse_rc find_collection(struct import *import, const struct rest *rest, struct ouse_str name)
{
    struct http_request *request = import->submission.request;
    if (!name.p)
        return problem_fail(request->problem, OUSE_E_REQUEST, "The parameter collection is required");
    import->source.collection = rest_collection(rest, request, name, OUSE_E_REQUEST);
    return request->problem->rc;
}

static ouse_rc choose_mode(struct import *import, struct ouse_str name)
{
    struct http_request *request = import->submission.request;
    import->load.mode = load_mode(name);
    if (!import->load.mode)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "mode is create, update or upsert, not \"%.*s\"", OUSE_F(name));
    if (import->source.collection->is.flags & import->load.mode->does)
        return problem_fail(request->problem, OUSE_E_FORBIDDEN, "Clients do not %s records of %s",
                            import->load.mode->name, import->source.collection->is.name);
    return OUSE_OK;
}

static ouse_rc choose_references(struct import *import, struct ouse_str name)
{
    import->load.references = reference_form(name.p ? name : import->mapping.references);
    if (import->load.references)
        return OUSE_OK;
    return problem_fail(import->submission.request->problem, OUSE_E_REQUEST,
                        "references is id, code or label, not \"%.*s\"", OUSE_F(name));
}

static ouse_rc choose_match(struct import *import, struct ouse_str name)
{
    struct match match;
    import->load.match = name.p ? name : import->mapping.match;
    return match_read(import->source.collection, import->load.match, &match,
                      import->submission.request->problem);
}

/* Reads the mapping, which names the collection if the request does not. */
static ouse_rc read_map(struct import *import, struct ouse_str text)
{
    struct http_request *request = import->submission.request;
    import->mapping = mapping_none;
    import->source.mapping = &import->mapping;
    return text.p ? mapping_read(request->arena, text, &import->mapping, request->problem) : OUSE_OK;
}

static ouse_rc read_parameters(struct import *import, const struct rest *rest)
{
    struct http_request *request = import->submission.request;
    static const struct api_param of = {"collection", NULL, 0, 0, NULL}, mode = {"mode", NULL, 0, 0, NULL},
                                  match = {"match", NULL, 0, 0, NULL},
                                  references = {"references", NULL, 0, 0, NULL},
                                  map = {"map", NULL, 0, 0, NULL};
    static const struct api_param *const takes[] = {&of,  &mode,          &match, &references,
                                                    &map, &param_dry_run, NULL};
    struct question question = {.request = request, .takes = takes};
    if (question_read(&question) || read_map(import, question_value(&question, &map)))
        return request->problem->rc;
    struct ouse_str name = question_value(&question, &of);
    import->submission.dry_run = question.dry_run;
    if (find_collection(import, rest, name.p ? name : import->mapping.collection) ||
        choose_mode(import, question_value(&question, &mode)) ||
        choose_match(import, question_value(&question, &match)))
        return request->problem->rc;
    return choose_references(import, question_value(&question, &references));
}

static ouse_rc choose_format(struct import *import)
{
    struct http_request *request = import->submission.request;
    import->source.format = intake_format_of_type(http_media_type(request));
    return import->source.format
               ? OUSE_OK
               : problem_fail(request->problem, OUSE_E_MEDIA_TYPE,
                              "The body must be text/csv, application/x-ndjson or application/json (an "
                              "array); its encoding is UTF-8, or the one that map names (\"encoding\"); a "
                              "workbook (XLSX) or XML must be saved as CSV first");
}

static ouse_rc keep(void *arg, struct ouse_str bytes)
{
    struct import *import = arg;
    crypto_generichash_update(&import->state, (const unsigned char *)bytes.p, bytes.n);
    if (spool_add(&import->body, bytes.p, bytes.n) == 0)
        return OUSE_OK;
    return problem_fail(import->submission.request->problem, OUSE_E_UNAVAILABLE,
                        "The body cannot be stored: %s", strerror(errno));
}

static ouse_rc read_body(struct import *import)
{
    struct submission *submission = &import->submission;
    crypto_generichash_init(&import->state, NULL, 0, HASH);
    ouse_rc rc = http_body_each(submission->request, BYTES_MAX, keep, import);
    crypto_generichash_final(&import->state, import->hash, HASH);
    submission->body = (struct ouse_str){(const char *)import->hash, HASH};
    submission->bytes = spool_size(&import->body);
    return rc;
}

static ssize_t read_spool(void *arg, uint64_t from, void *bytes, size_t n)
{
    return spool_read(arg, from, bytes, n);
}

static ouse_rc change(struct change_set *set, void *arg)
{
    struct import *import = arg;
    return load_rows(set, &import->load);
}

/* Fills the reply with the results of the rows: the same for a dry run. */
static ouse_rc answer(struct change_set *set, void *arg, struct http_reply *reply)
{
    const struct import *import = arg;
    uint64_t counts[LOAD_OUTCOMES], rows = 0;
    struct ouse_str ignored = load_ignored(&import->load, set->arena);
    load_counts(&import->load, import->source.collection, counts);
    for (int i = 0; i < LOAD_OUTCOMES; i++)
        rows += counts[i];
    reply->body = arena_printf(
        set->arena,
        "{\"collection\":\"%s\",\"rows\":%llu,\"created\":%llu,\"updated\":%llu,\"unchanged\":%llu%s%.*s}",
        import->source.collection->is.name, (unsigned long long)rows,
        (unsigned long long)counts[LOAD_CREATED], (unsigned long long)counts[LOAD_UPDATED],
        (unsigned long long)counts[LOAD_UNCHANGED], ignored.p ? ",\"ignored\":" : "", OUSE_F(ignored));
    return OUSE_OK;
}

static ouse_rc import_rows(struct import *import)
{
    struct records *records = import->submission.records;
    spool_init(&import->body, engine_directory(records_engine(records)));
    intake_init(&import->intake, records_schema(records), &import->source, 1);
    ouse_rc rc = read_body(import);
    if (!rc)
        rc = rest_submit(&import->submission);
    if (rc)
        load_locate(&import->load, import->submission.request->problem);
    intake_finish(&import->intake);
    spool_finish(&import->body);
    return rc;
}

ouse_rc bulk_import(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct rest *rest = arg;
    struct import import = {.submission = {.request = request,
                                           .reply = reply,
                                           .records = rest->records,
                                           .features = rest->features,
                                           .mode = CHANGE_IMPORT,
                                           .change = change,
                                           .answer = answer,
                                           .arg = &import},
                            .source = {.read = read_spool, .arg = &import.body},
                            .load = {.intake = &import.intake, .most = FAULTS_TOLD}};
    if (rest_require(request, OUSE_MANAGER) || read_parameters(&import, rest) || choose_format(&import))
        return request->problem->rc;
    if (atomic_flag_test_and_set(&running))
        return problem_fail(request->problem, OUSE_E_BUSY, "Another import is running; try again");
    ouse_rc rc = import_rows(&import);
    atomic_flag_clear(&running);
    return rc;
}
