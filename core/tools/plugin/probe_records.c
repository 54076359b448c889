/* Probes of records: the operations of a client and a deployer, with records made up from the
 * declaration, and with records that no declaration allows. */
#include "sample.h"

#include "../../base/clock.h"

/* ---- records ------------------------------------------------------------------ */

/* The subject: one record of the plugin. */
struct life {
    struct trial *trial;
    const struct collection *collection;
    const char *path; /* "/api/v1/books/specimen-0001" */
    struct answer read;
};

static void read_again(struct life *life)
{
    if (trial_get(life->trial, &life->read, "%s", life->path) != 200)
        probe_tell(life->trial->probe, PROBE_FAIL, "%s was created, and is read as %d: %.*s", life->path,
                   life->read.status, OUSE_F(life->read.reason));
}

/* Checks that a record can be written back as it was read. */
static void replace(struct life *life)
{
    struct answer answer;
    if (life->collection->is.flags & OUSE_NO_CHANGE)
        return;
    trial_ask(life->trial,
              &(struct question){
                  "PUT", life->path, OUSE_MANAGER, life->read.body, NULL, life->read.etag, {NULL, 0}},
              &answer);
    if (answer.status != 200)
        probe_tell(life->trial->probe, PROBE_FAIL, "%s cannot be replaced by itself: %d %.*s", life->path,
                   answer.status, OUSE_F(answer.reason));
    read_again(life);
}

static const struct move *open_move(const struct flow *flow, struct ouse_str state, uint64_t *tried)
{
    for (uint32_t i = 0; i < flow->n_moves && i < 64; i++)
        if (!(*tried & UINT64_C(1) << i) &&
            schema_move(flow, state, ouse_s(flow->moves[i].is.to)) == &flow->moves[i]) {
            *tried |= UINT64_C(1) << i;
            return &flow->moves[i];
        }
    return NULL;
}

/* Along each move once, as far as the rules let it; that they do not is no mistake. */
static void move(struct life *life, const struct flow *flow)
{
    struct trial *trial = life->trial;
    const struct move *next;
    uint64_t tried = 0;
    for (;;) {
        const cJSON *record = trial_json(trial, &life->read);
        struct answer answer;
        next = open_move(flow, json_text(json_member(record, flow->field->is.name)), &tried);
        if (!next)
            return;
        const char *path = arena_printf(&trial->probe->arena, "%s/move", life->path).p;
        struct ouse_str body = arena_printf(&trial->probe->arena, "{\"to\":\"%s\"}", next->is.to);
        trial_ask(trial, &(struct question){"POST", path, OUSE_MANAGER, body, NULL, ouse_s("*"), {NULL, 0}},
                  &answer);
        read_again(life);
    }
}

static void list(struct life *life)
{
    const struct rest *rest = &life->trial->rest;
    const char *name = life->collection->is.name;
    struct answer answer;
    trial_get(life->trial, &answer, "/api/v1/%s?count=exact", name);
    trial_get(life->trial, &answer, "%s/revisions", life->path);
    trial_get(life->trial, &answer, "/api/v1/%s.csv", name);
    for (uint32_t i = 0; i < rest->n_formats; i++) {
        const struct rest_format *format = &rest->formats[i];
        if (!format->suffix || (format->collection && strcmp(format->collection, name) != 0))
            continue;
        if (format->applies_to & OUSE_OF_LIST)
            trial_get(life->trial, &answer, "/api/v1/%s.%s", name, format->suffix);
        if (format->applies_to & OUSE_OF_RECORD)
            trial_get(life->trial, &answer, "%s.%s", life->path, format->suffix);
    }
}

/* Checks that an export equals the records: an import of it finds nothing to change. */
static void round_trip(struct life *life)
{
    struct probe *probe = life->trial->probe;
    const char *name = life->collection->is.name;
    struct answer exported, imported;
    if (life->collection->is.flags & OUSE_NO_CHANGE)
        return;
    trial_get(life->trial, &exported, "/api/v1/%s.ndjson", name);
    const struct question question = {
        .method = "POST",
        .path =
            arena_printf(&probe->arena, "/api/v1/-/import?collection=%s&mode=update&dry_run=true", name).p,
        .role = OUSE_MANAGER,
        .body = exported.body,
        .media_type = "application/x-ndjson"};
    trial_ask(life->trial, &question, &imported);
    const cJSON *told = trial_json(life->trial, &imported);
    if (imported.status != 200)
        probe_tell(probe, PROBE_FAIL, "%s cannot be imported as they are exported: %.*s", name,
                   OUSE_F(imported.reason));
    else if (!json_equal(json_member(told, "rows"), json_member(told, "unchanged")))
        probe_tell(probe, PROBE_FAIL, "an import of %s as they are exported changes them: %.*s", name,
                   OUSE_F(imported.body));
}

/* Or not, where others refer to it. */
static void take_away(struct life *life)
{
    struct answer answer;
    if (!(life->collection->is.flags & OUSE_NO_REMOVE))
        trial_ask(life->trial,
                  &(struct question){"DELETE", life->path, OUSE_MANAGER, {0}, NULL, ouse_s("*"), {NULL, 0}},
                  &answer);
}

static void live(struct trial *trial, const struct collection *collection)
{
    struct specimen specimen;
    struct ouse_str id = specimen_id(trial, collection, 0);
    if (!id.p && !(collection->is.flags & OUSE_NO_CREATE)) {
        specimen_create(trial, collection, 0, 1, &specimen);
        probe_tell(trial->probe, PROBE_WARN,
                   "no record of %s could be made up, so it was not tried: %.*s%s%.*s", collection->is.name,
                   OUSE_F(specimen.answer.pointer), specimen.answer.pointer.n ? " " : "",
                   OUSE_F(specimen.answer.reason));
    }
    if (!id.p)
        return;
    struct life life = {
        .trial = trial,
        .collection = collection,
        .path = arena_printf(&trial->probe->arena, "/api/v1/%s/%.*s", collection->is.name, OUSE_F(id)).p};
    read_again(&life);
    replace(&life);
    for (uint32_t i = 0; i < collection->n_flows; i++)
        move(&life, &collection->flows[i]);
    list(&life);
    round_trip(&life);
    take_away(&life);
}

/* Runs a test on each collection of the plugin, in a register of its own, which verify then checks. */
static void test_each(struct probe *probe,
                      void (*test)(struct trial *trial, const struct collection *collection))
{
    struct trial trial;
    if (trial_begin(probe, &trial) == 0) {
        if (!trial_own(&trial, 0))
            probe_tell(probe, PROBE_SKIP, "it has no collections");
        specimen_fill(&trial);
        const struct collection *collection;
        for (uint32_t i = 0; (collection = trial_own(&trial, i)); i++)
            test(&trial, collection);
        trial_verify(&trial);
    }
    trial_close(&trial);
}

void probe_records(struct probe *probe)
{
    test_each(probe, live);
}

/* ---- refusals ----------------------------------------------------------------- */

/* Each is wrong for most types. */
static const char *const wrong[] = {
    "{\"no\":[\"such\"]}", "[[]]", "[null]", "\"\\u00e9\\\"~/\"", "-1e300", "true", "\"\"", "null"};

static void ask_with(struct trial *trial, const char *method, const char *path, struct ouse_str body)
{
    struct answer answer;
    const char *type = strcmp(method, "PATCH") == 0 ? "application/merge-patch+json" : NULL;
    trial_ask(trial, &(struct question){method, path, OUSE_MANAGER, body, type, ouse_s("*"), {NULL, 0}},
              &answer);
}

/* A whole record, and a patch of one, with one field that is wrong. */
static void spoil(struct trial *trial, const struct collection *collection, const struct specimen *specimen,
                  const char *name, const char *value)
{
    struct arena *arena = &trial->probe->arena;
    cJSON *document = json_keep(arena, cJSON_Duplicate(specimen->document, 1));
    cJSON_DeleteItemFromObject(document, name);
    cJSON_AddItemToObject(document, name, cJSON_Parse(value));
    struct buffer text;
    buffer_init(&text, 1 << 20);
    json_print(&text, document);
    ask_with(trial, "POST", arena_printf(arena, "/api/v1/%s?dry_run=true", collection->is.name).p,
             arena_copy(arena, buffer_view(&text)));
    buffer_finish(&text);
    if (specimen->id.p)
        ask_with(
            trial, "PATCH",
            arena_printf(arena, "/api/v1/%s/%.*s?dry_run=true", collection->is.name, OUSE_F(specimen->id)).p,
            arena_printf(arena, "{\"%s\":%s}", name, value));
}

static void spoil_all(struct trial *trial, const struct collection *collection)
{
    struct specimen specimen;
    specimen_create(trial, collection, 5, 1, &specimen);
    specimen.id = specimen_id(trial, collection, 0);
    const char *path = arena_printf(&trial->probe->arena, "/api/v1/%s?dry_run=true", collection->is.name).p;
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
        ask_with(trial, "POST", path, ouse_s(wrong[k]));
        for (uint32_t i = 0; i < collection->n_fields; i++)
            spoil(trial, collection, &specimen, collection->fields[i].is.name, wrong[k]);
        spoil(trial, collection, &specimen, "no_such_field", wrong[k]);
    }
    ask_with(trial, "POST", path, ouse_s("{}"));
}

void probe_refusals(struct probe *probe)
{
    test_each(probe, spoil_all);
}

/* ---- replay ------------------------------------------------------------------- */

enum { REPLAYED = 3 }; /* the specimen */

static uint32_t drawn; /* so far, of the numbers that stand for random ones */

static void draw(void *bytes, size_t n)
{
    for (unsigned char *at = bytes; n-- > 0; at++)
        *at = (unsigned char)(drawn++ * 37 + 11);
}

static int64_t stand_still(void)
{
    return INT64_C(1767225600000); /* 2026-01-01 */
}

/* Runs the same change in the same register, at the same time, with the same random numbers: as
 * when the writer runs a batch again. A difference must have been stored outside the transaction. */
static void replay(struct trial *trial, const struct collection *collection)
{
    struct specimen made[2];
    for (int i = 0; i < 2; i++) {
        drawn = 0;
        if (specimen_create(trial, collection, REPLAYED, 1, &made[i]) != 0 && i == 0)
            return;
    }
    struct ouse_str first = made[0].answer.body, second = made[1].answer.body;
    if (!ouse_same(first, second))
        probe_tell(trial->probe, PROBE_FAIL,
                   "a record of %s, created twice by the same request, is %.*s the first time and %.*s the "
                   "second; a hook stores something outside the transaction",
                   collection->is.name, OUSE_F(first), OUSE_F(second.n ? second : made[1].answer.reason));
}

void probe_replay(struct probe *probe)
{
    struct trial trial;
    clock_set(stand_still);
    random_set(draw);
    if (trial_begin(probe, &trial) == 0) {
        if (trial.plugin->is.hooks.n == 0)
            probe_tell(probe, PROBE_SKIP, "it has no hooks");
        specimen_fill(&trial);
        const struct collection *collection;
        for (uint32_t i = 0; (collection = trial_own(&trial, i)); i++)
            replay(&trial, collection);
    }
    trial_close(&trial);
}
