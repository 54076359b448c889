/* catalog: the stored description of the collections, and how a start binds today's declarations to
 * it.
 *
 *   meta  "generation"            counts changes of the catalog
 *         "number"                the last number that was assigned
 *         "collection/NAME"       {"number","version","layout","order","fields":{name:number},
 *                                  "indexes":{name:number},"words":{"number","version","of"},"declared":{…}}
 *
 * A number is assigned once and never again. `layout` describes everything on which stored bytes
 * and keys depend; while it stays the same, nothing is rewritten. If it changes, or a migration
 * runs, views, indexes and references of the collection are rebuilt from its documents; if only the
 * definition of words changes, only the index of words is. `order` is the version of the order of
 * text (schema_text_version). If it changes, for example with an upgrade of ICU, the indexes of text
 * are rebuilt; records, revisions and journal stay as they are. All in the one transaction of the
 * start. */
#include "../base/clock.h"
#include "../base/collate.h"
#include "../observe/log.h"
#include "../store/epoch.h"
#include "internal.h"
#include <inttypes.h>
#include <stdlib.h>

struct binding {
    struct records *records;
    const struct record_migration *migrations;
    uint32_t n_migrations;
    struct problem *problem;
    struct arena arena; /* of one collection's work */
    struct txn *txn;
    struct change_set set; /* for the revisions of migrations */
    int reads;             /* nothing may be changed */
    int changed;           /* numbers, or the source of keys and views */
};

/* ---- Stored entries ------------------------------------------------------------ */

static struct ouse_str entry_key(struct arena *arena, const char *collection)
{
    return arena_printf(arena, "collection/%s", collection);
}

static ouse_rc meta_put(struct txn *txn, const char *name, const void *value, size_t n)
{
    return txn_put(txn, DB_META, ouse_s(name), (struct ouse_str){value, (uint32_t)n});
}

static ouse_rc next_number(struct binding *binding, uint32_t *number)
{
    uint32_t last = 0;
    ouse_rc rc = meta_get(binding->txn, "number", &last, sizeof last);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return rc;
    *number = ++last;
    return meta_put(binding->txn, "number", &last, sizeof last);
}

/* The number of `name` in a stored map, or a new one. */
static ouse_rc number_in(struct binding *binding, const cJSON *map, const char *name, uint32_t *number)
{
    const cJSON *stored = json_member(map, name);
    if (!cJSON_IsNumber(stored))
        return next_number(binding, number);
    *number = (uint32_t)stored->valuedouble;
    return OUSE_OK;
}

/* The version of keys and views, apart from the declaration: 2 has NOTHING in indexes. */
#define LAYOUT "2"

/* All that keys and views are made from, in words. */
static struct ouse_str layout(struct arena *arena, const struct collection *collection)
{
    struct buffer text;
    struct ouse_str kept;
    buffer_init(&text, 1u << 20);
    buffer_printf(&text, LAYOUT ";%u", collection->is.visibility);
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct ouse_field *field = &collection->fields[i].is;
        buffer_printf(&text, ";%s %u %u [%s] [%s]", field->name, field->type, field->visibility,
                      field->refers_to ? field->refers_to : "", field->choices ? field->choices : "");
    }
    for (uint32_t i = 0; i < collection->n_indexes; i++) {
        const struct index *index = &collection->indexes[i];
        buffer_printf(&text, ";%s %d", index->name, index->unique);
        for (uint32_t k = 0; k < index->n_keys; k++)
            buffer_printf(&text, " %s", index->keys[k]->is.name);
    }
    if (collection->sources && collection->sources->n_targets && collection->sources->targets[0].to)
        buffer_printf(&text, ";sources %s", collection->sources->targets[0].collection);
    kept = arena_copy(arena, buffer_view(&text));
    buffer_finish(&text);
    return kept;
}

/* Returns the texts with words in the index. */
static struct ouse_str searched(struct arena *arena, const struct collection *collection)
{
    struct buffer text;
    buffer_init(&text, 1u << 20);
    schema_describe_words(collection, &text);
    struct ouse_str kept = arena_copy(arena, buffer_view(&text));
    buffer_finish(&text);
    return kept;
}

static ouse_rc put_entry(struct binding *binding, const struct collection *collection,
                         const struct ouse_str *words)
{
    struct buffer json;
    ouse_rc rc;
    buffer_init(&json, 1u << 22);
    buffer_printf(&json, "{\"number\":%u,\"version\":%u,\"layout\":", collection->number,
                  collection->is.version);
    json_string(&json, *words);
    buffer_text(&json, ",\"order\":");
    json_string(&json, schema_text_version(&binding->arena));
    buffer_text(&json, ",\"fields\":{");
    for (uint32_t i = 0; i < collection->n_fields; i++)
        buffer_printf(&json, "%s\"%s\":%u", i ? "," : "", collection->fields[i].is.name,
                      collection->fields[i].number);
    buffer_text(&json, "},\"indexes\":{");
    for (uint32_t i = 0; i < collection->n_indexes; i++)
        buffer_printf(&json, "%s\"%s\":%u", i ? "," : "", collection->indexes[i].name,
                      collection->indexes[i].number);
    buffer_byte(&json, '}');
    if (collection->words) {
        buffer_printf(&json, ",\"words\":{\"number\":%u,\"version\":%u,\"of\":", collection->words->number,
                      collection->words->analyser->version);
        json_string(&json, searched(&binding->arena, collection));
        buffer_byte(&json, '}');
    }
    buffer_text(&json, ",\"declared\":");
    schema_describe(collection, OUSE_MANAGER, &json);
    buffer_byte(&json, '}');
    rc = txn_put(binding->txn, DB_META, entry_key(&binding->arena, collection->is.name), buffer_view(&json));
    buffer_finish(&json);
    return rc;
}

/* ---- Rebuilding views and keys ----------------------------------------------------- */

/* Deletes the keys that begin with a prefix; of references those of a collection, by its number. */
static ouse_rc delete_keys(struct txn *txn, enum engine_db db, struct ouse_str prefix, uint32_t referring)
{
    struct ouse_str found, value;
    struct key_reference parts;
    struct cursor *cursor;
    struct key at;
    ouse_rc rc = cursor_open(txn, db, &cursor);
    if (rc)
        return rc;
    key_init(&at);
    key_bytes(&at, prefix);
    while (!(rc = cursor_seek(cursor, key_str(&at), &found, &value)) && key_has_prefix(found, prefix)) {
        key_init(&at);
        key_bytes(&at, found);
        if (!referring || (!key_read_reference(key_str(&at), &parts) && parts.collection == referring))
            rc = txn_delete(txn, db, key_str(&at));
        if (rc)
            break;
        key_byte(&at, 0); /* the least key after it */
    }
    cursor_close(cursor);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

static ouse_rc migrate(struct binding *binding, const struct collection *collection, struct ouse_str id,
                       uint32_t from, cJSON *document)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t version = from; version < collection->is.version && !rc; version++)
        for (uint32_t i = 0; i < binding->n_migrations && !rc; i++) {
            const struct record_migration *step = &binding->migrations[i];
            if (step->from == version && strcmp(step->collection, collection->is.name) == 0)
                rc = step->fn(step->arg, id, document, binding->problem);
        }
    return rc ? rc : schema_check(collection, document, binding->problem);
}

/* Keeps the warnings of the audiences. */
static ouse_rc carry_warnings(struct binding *binding, struct version *version)
{
    struct stored stored;
    struct key key;
    key_record(&key, version->collection->number, version->id);
    ouse_rc rc = head_get(binding->txn, DB_RECORDS, key_str(&key), &stored);
    if (!rc)
        stored_warnings(binding->set.arena, &stored, version->own_warnings);
    return rc;
}

/* One record, in its new form: as a new revision where its document changed,
 * else as it was, under a new sequence where only its bytes did. */
static ouse_rc remake_record(struct binding *binding, const struct collection *collection,
                             const struct record *record, uint32_t from)
{
    struct change_set *set = &binding->set;
    cJSON *meta, *before = record_document(set->arena, record, &meta);
    cJSON *after = before ? json_keep(set->arena, cJSON_Duplicate(before, 1)) : NULL;
    struct version version = {.collection = collection, .id = record->id, .kind = RECORD_LIVE};
    ouse_rc rc = after ? migrate(binding, collection, record->id, from, after) : OUSE_E_INTERNAL;
    if (rc == OUSE_E_INVALID)
        return problem_add(binding->problem, rc, "", "migration", "%s/%.*s is not valid after its migration",
                           collection->is.name, OUSE_F(record->id));
    if (rc)
        return rc;
    version.same_revision = json_equal(before, after);
    version.op = version.same_revision ? JOURNAL_RECHECK : JOURNAL_UPDATE;
    version.revision = record->revision + !version.same_revision;
    version.first = record->first;
    version.visibility =
        record->visibility > collection->is.visibility ? record->visibility : collection->is.visibility;
    version.visibility_before = record->visibility;
    version.times = (struct schema_times){.created = record->created, .updated = record->updated};
    if (!version.same_revision)
        version.times.updated = change_time(set, record);
    version.after = after;
    version.warnings = record_warnings(meta);
    rc = carry_warnings(binding, &version);
    if (rc)
        return rc;
    version_footprints(set, &version);
    rc = unique_check(set, &version);
    return rc ? rc : version_put(set, &version);
}

/* Rebuilds only the words of a record: neither the record nor its journal entries change. */
static ouse_rc reword_record(struct binding *binding, const struct collection *collection,
                             const struct record *record, uint32_t from)
{
    struct change_set *set = &binding->set;
    struct footprint none = {.n = 0}, words;
    cJSON *document = record_document(set->arena, record, NULL);
    (void)from;
    if (!document)
        return OUSE_E_INTERNAL;
    footprint_words(&words, set->arena, collection, record->id, document);
    return footprint_apply(binding->txn, DB_INDEXES, &none, &words, set->now);
}

typedef ouse_rc (*make_fn)(struct binding *, const struct collection *, const struct record *, uint32_t from);

/* Rebuilds only the keys of a record in indexes of text. */
static ouse_rc rekey_record(struct binding *binding, const struct collection *collection,
                            const struct record *record, uint32_t from)
{
    struct change_set *set = &binding->set;
    struct footprint none = {.n = 0}, texts;
    cJSON *document = record_document(set->arena, record, NULL);
    (void)from;
    if (!document)
        return OUSE_E_INTERNAL;
    footprint_texts(&texts, set->arena, collection, record->id, document);
    return footprint_apply(binding->txn, DB_INDEXES, &none, &texts, set->now);
}

static ouse_rc remake_past_of(struct binding *binding, const struct collection *collection,
                              const struct record *record, uint32_t from)
{
    static const enum engine_db dbs[2] = {DB_PAST_INDEXES, DB_PAST_REFERENCES};
    struct footprint keys[2];
    ouse_rc rc = past_footprints(binding->txn, binding->set.arena, record, keys);
    (void)collection, (void)from;
    for (int kind = 0; kind < 2 && !rc; kind++)
        for (uint32_t i = 0; i < keys[kind].n && !rc; i++)
            rc = past_put(binding->txn, dbs[kind], keys[kind].at[i], keys[kind].lost[i]);
    return rc;
}

/* Calls `make` for one stored record, with a separate arena. `kinds`: bits of enum record_kind. */
static ouse_rc make_one(struct binding *binding, const struct collection *collection, struct ouse_str id,
                        struct ouse_str stored, uint32_t kinds, make_fn make, uint32_t from)
{
    struct arena arena = {0};
    struct record record;
    ouse_rc rc = head_read(collection, arena_copy(&arena, id), stored, OUSE_MANAGER, &record);
    binding->set.arena = &arena;
    if (!rc && kinds >> record.kind & 1)
        rc = make(binding, collection, &record, from);
    binding->set.arena = &binding->arena;
    arena_finish(&arena);
    return rc;
}

/* Calls make for the stored records of some kinds, by ascending id. It may write: the next key is sought
 * again after each. */
static ouse_rc walk_stored(struct binding *binding, const struct collection *collection, uint32_t kinds,
                           make_fn make, uint32_t from)
{
    const struct ouse_str none = {"", 0};
    struct ouse_str found, stored;
    struct cursor *cursor;
    struct key prefix, at;
    ouse_rc rc = cursor_open(binding->txn, DB_RECORDS, &cursor);
    if (rc)
        return rc;
    key_record(&prefix, collection->number, none);
    at = prefix;
    while (!(rc = cursor_seek(cursor, key_str(&at), &found, &stored)) &&
           key_has_prefix(found, key_str(&prefix))) {
        struct ouse_str id = {found.p + prefix.n, found.n - prefix.n};
        key_record(&at, collection->number, id);
        key_byte(&at, 0); /* the least key after it */
        rc = make_one(binding, collection, id, stored, kinds, make, from);
        if (rc)
            break;
    }
    cursor_close(cursor);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* Rebuilds each record, then the past keys of all records, also of removed ones. */
static ouse_rc each_record(struct binding *binding, const struct collection *collection, make_fn make,
                           uint32_t from)
{
    ouse_rc rc = walk_stored(binding, collection, 1u << RECORD_LIVE, make, from);
    return rc ? rc : walk_stored(binding, collection, ~0u, remake_past_of, from);
}

/* Its keys that are, and those that were. */
static ouse_rc delete_index(struct binding *binding, const cJSON *number)
{
    struct key key;
    if (!cJSON_IsNumber(number))
        return OUSE_OK;
    key_init(&key);
    key_u32(&key, (uint32_t)number->valuedouble);
    ouse_rc rc = delete_keys(binding->txn, DB_INDEXES, key_str(&key), 0);
    return rc ? rc : delete_keys(binding->txn, DB_PAST_INDEXES, key_str(&key), 0);
}

static ouse_rc remake(struct binding *binding, const struct collection *collection, const cJSON *stored)
{
    const cJSON *indexes = json_member(stored, "indexes");
    uint32_t from = (uint32_t)cJSON_GetNumberValue(json_member(stored, "version"));
    ouse_rc rc = delete_keys(binding->txn, DB_REFERENCES, ouse_s(""), collection->number);
    if (!rc)
        rc = delete_keys(binding->txn, DB_PAST_REFERENCES, ouse_s(""), collection->number);
    for (const cJSON *old = indexes ? indexes->child : NULL; old && !rc; old = old->next)
        rc = delete_index(binding, old);
    return rc ? rc : each_record(binding, collection, remake_record, from);
}

/* Deletes the keys of the indexes of text, and puts those of today. */
static ouse_rc rekey(struct binding *binding, const struct collection *collection, const cJSON *stored)
{
    const cJSON *numbers = json_member(stored, "indexes");
    ouse_rc rc = OUSE_OK;
    uint32_t n = 0;
    for (uint32_t i = 0; i < collection->n_indexes && !rc; i++)
        if (index_is_of_text(&collection->indexes[i]) && ++n)
            rc = delete_index(binding, json_member(numbers, collection->indexes[i].name));
    return rc || !n ? rc : each_record(binding, collection, rekey_record, 0);
}

/* ---- Binding -------------------------------------------------------------------- */

static ouse_rc check_path(struct binding *binding, const struct collection *collection, uint32_t from)
{
    for (uint32_t version = from; version < collection->is.version; version++) {
        uint32_t i = 0;
        while (i < binding->n_migrations &&
               !(binding->migrations[i].from == version &&
                 strcmp(binding->migrations[i].collection, collection->is.name) == 0))
            i++;
        if (i == binding->n_migrations)
            return problem_fail(
                binding->problem, OUSE_E_CONFLICT,
                "%s: the store has schema version %u, plugin %s declares %u and brings no migration "
                "from %u to %u",
                collection->is.name, from, collection->plugin, collection->is.version, version, version + 1);
    }
    return OUSE_OK;
}

static ouse_rc check_declared(struct binding *binding, const struct collection *collection,
                              const cJSON *stored)
{
    uint32_t version = (uint32_t)cJSON_GetNumberValue(json_member(stored, "version"));
    ouse_rc rc;
    if (version > collection->is.version)
        return problem_fail(binding->problem, OUSE_E_CONFLICT,
                            "%s: the store has schema version %u, plugin %s is older and declares %u; "
                            "use the plugin that wrote it",
                            collection->is.name, version, collection->plugin, collection->is.version);
    if (version < collection->is.version)
        return check_path(binding, collection, version);
    rc = schema_compare(json_member(stored, "declared"), collection, binding->problem);
    if (rc)
        problem_fail(binding->problem, rc,
                     "%s: plugin %s changes the declaration of version %u; a change that is not additive "
                     "needs a new version and a migration",
                     collection->is.name, collection->plugin, version);
    return rc;
}

static ouse_rc give_numbers(struct binding *binding, struct collection *collection, const cJSON *stored,
                            int keep_indexes)
{
    ouse_rc rc = OUSE_OK;
    if (stored)
        collection->number = (uint32_t)cJSON_GetNumberValue(json_member(stored, "number"));
    else
        rc = next_number(binding, &collection->number);
    for (uint32_t i = 0; i < collection->n_fields && !rc; i++)
        rc = number_in(binding, json_member(stored, "fields"), collection->fields[i].is.name,
                       &collection->fields[i].number);
    for (uint32_t i = 0; i < collection->n_indexes && !rc; i++)
        rc = number_in(binding, keep_indexes ? json_member(stored, "indexes") : NULL,
                       collection->indexes[i].name, &collection->indexes[i].number);
    if (collection->sources)
        collection->sources->number = SOURCES_NUMBER;
    return rc;
}

/* Numbers the index of words. It keeps its number while the definition of words is the same. */
static ouse_rc number_words(struct binding *binding, const struct collection *collection, const cJSON *stored)
{
    if (!collection->words)
        return OUSE_OK;
    if (!stored)
        return next_number(binding, &collection->words->number);
    collection->words->number = (uint32_t)cJSON_GetNumberValue(json_member(stored, "number"));
    return OUSE_OK;
}

struct bound {
    struct collection *collection;
    const cJSON *stored;
    struct ouse_str layout;
    int remake, reword, rekey; /* to remake is to do all of them */
};

/* Whether the stored index of words is of other texts or another analysis, is missing or not needed. */
static int words_differ(struct binding *binding, const struct collection *collection, const cJSON *stored)
{
    const cJSON *words = json_member(stored, "words"), *version = json_member(words, "version");
    if (!version || !collection->words)
        return version || collection->words;
    return (uint32_t)version->valuedouble != collection->words->analyser->version ||
           !ouse_same(json_text(json_member(words, "of")), searched(&binding->arena, collection));
}

/* Returns the stored entry of a collection, also under its former name. */
static ouse_rc get_entry(struct binding *binding, const struct collection *collection, struct ouse_str *value)
{
    ouse_rc rc = txn_get(binding->txn, DB_META, entry_key(&binding->arena, collection->is.name), value);
    return rc == OUSE_E_NOT_FOUND && collection->is.was
               ? txn_get(binding->txn, DB_META, entry_key(&binding->arena, collection->is.was), value)
               : rc;
}

/* Moves the entry of a renamed collection to its present name. Its number stays, and with it the
 * records, their histories and the references to them. All entries move before any is bound,
 * because another collection may have the former name now. */
static ouse_rc move_entry(struct binding *binding, const struct collection *collection)
{
    struct ouse_str value;
    struct ouse_str key = entry_key(&binding->arena, collection->is.name);
    if (!collection->is.was || txn_get(binding->txn, DB_META, key, &value) != OUSE_E_NOT_FOUND)
        return OUSE_OK;
    ouse_rc rc = get_entry(binding, collection, &value);
    if (rc)
        return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
    if (binding->reads)
        return problem_fail(binding->problem, OUSE_E_CONFLICT,
                            "%s: the store has it by its former name %s; serve it with these plugins first",
                            collection->is.name, collection->is.was);
    log_info(AREA, "%s is called %s now", collection->is.was, collection->is.name);
    rc = txn_put(binding->txn, DB_META, key, arena_copy(&binding->arena, value));
    return rc ? rc : txn_delete(binding->txn, DB_META, entry_key(&binding->arena, collection->is.was));
}

/* Whether the store has a collection by another name: records state the name of their collection. */
static int is_renamed(const struct collection *collection, const cJSON *stored)
{
    return !ouse_is(json_text(json_member(json_member(stored, "declared"), "name")), collection->is.name);
}

/* Assigns numbers. All collections need them before one is rebuilt, because its references lead to
 * others. */
static ouse_rc bind_numbers(struct binding *binding, struct bound *bound)
{
    struct collection *collection = bound->collection;
    struct ouse_str value;
    ouse_rc rc = txn_get(binding->txn, DB_META, entry_key(&binding->arena, collection->is.name), &value);
    bound->layout = layout(&binding->arena, collection);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return rc;
    if (!rc) {
        bound->stored = json_parse_trusted(&binding->arena, value);
        if (!bound->stored)
            return OUSE_E_INTERNAL;
        bound->remake =
            is_renamed(collection, bound->stored) ||
            !ouse_same(json_text(json_member(bound->stored, "layout")), bound->layout) ||
            (uint32_t)cJSON_GetNumberValue(json_member(bound->stored, "version")) != collection->is.version;
        bound->reword = bound->remake || words_differ(binding, collection, bound->stored);
        bound->rekey = bound->remake || !ouse_same(json_text(json_member(bound->stored, "order")),
                                                   schema_text_version(&binding->arena));
        rc = check_declared(binding, collection, bound->stored);
    } else {
        rc = OUSE_OK;
    }
    if (!rc)
        rc = give_numbers(binding, collection, bound->stored, !bound->remake);
    if (!rc)
        rc = number_words(binding, collection, bound->reword ? NULL : json_member(bound->stored, "words"));
    return rc;
}

/* Returns whether the stored declaration is current. If only the declaration differs, with the same
 * keys (a looser bound), it is stored again, because the next declaration is compared with this
 * one. */
static int is_kept(struct binding *binding, const struct bound *bound)
{
    cJSON *declared = json_keep(&binding->arena, schema_declaration(bound->collection, OUSE_MANAGER));
    return binding->reads || json_equal(json_member(bound->stored, "declared"), declared);
}

/* Rebuilds the index of words. */
static ouse_rc make_words(struct binding *binding, const struct bound *bound)
{
    const struct collection *collection = bound->collection;
    ouse_rc rc = delete_index(binding, json_member(json_member(bound->stored, "words"), "number"));
    if (rc || !collection->words)
        return rc;
    log_info(AREA, "%s: making its index of words", collection->is.name);
    return each_record(binding, collection, reword_record, 0);
}

/* Rebuilds the indexes of text, in the present order. */
static ouse_rc make_order(struct binding *binding, const struct bound *bound)
{
    int64_t began = clock_monotonic();
    const char *name = bound->collection->is.name;
    ouse_rc rc = rekey(binding, bound->collection, bound->stored);
    if (!rc)
        log_info(AREA, "%s: put its texts in the order of ICU %s in %" PRId64 " ms", name, collate_version(),
                 clock_monotonic() - began);
    return rc;
}

/* Rebuilds everything that differs from the declaration. A full rebuild includes words and order. */
static ouse_rc make_anew(struct binding *binding, const struct bound *bound)
{
    int64_t began = clock_monotonic();
    const struct collection *collection = bound->collection;
    ouse_rc rc = OUSE_OK;
    if (!bound->remake) {
        if (bound->reword)
            rc = make_words(binding, bound);
        return rc || !bound->rekey ? rc : make_order(binding, bound);
    }
    rc = delete_index(binding, json_member(json_member(bound->stored, "words"), "number"));
    if (rc)
        return rc;
    log_info(AREA, "%s has a new declaration: rebuilding its views and indexes", collection->is.name);
    rc = remake(binding, collection, bound->stored);
    if (!rc)
        log_info(AREA, "%s: rebuilt its views and indexes in %" PRId64 " ms", collection->is.name,
                 clock_monotonic() - began);
    return rc;
}

static ouse_rc bind_contents(struct binding *binding, struct bound *bound)
{
    ouse_rc rc = OUSE_OK;
    if (bound->stored && !bound->reword && !bound->rekey)
        return is_kept(binding, bound) ? OUSE_OK : put_entry(binding, bound->collection, &bound->layout);
    if (binding->reads && bound->rekey && !bound->reword)
        return problem_fail(
            binding->problem, OUSE_E_CONFLICT,
            "%s: its keys have another order of text than the one of this program (ICU collation "
            "%s); serve the store with this program first",
            bound->collection->is.name, collate_version());
    if (binding->reads)
        return problem_fail(binding->problem, OUSE_E_CONFLICT,
                            "%s: the store was last served with another declaration; serve it with these "
                            "plugins first, or use those",
                            bound->collection->is.name);
    binding->changed = 1;
    if (bound->stored)
        rc = make_anew(binding, bound);
    return rc ? rc : put_entry(binding, bound->collection, &bound->layout);
}

/* The number of a collection that is not loaded, where the store knows it. */
static ouse_rc find_number(struct binding *binding, const char *collection, uint32_t *number)
{
    struct ouse_str value;
    ouse_rc rc = txn_get(binding->txn, DB_META, entry_key(&binding->arena, collection), &value);
    if (rc)
        return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
    *number =
        (uint32_t)cJSON_GetNumberValue(json_member(json_parse_trusted(&binding->arena, value), "number"));
    return OUSE_OK;
}

/* Binds the targets of a field, loaded or not. */
static ouse_rc bind_targets(struct binding *binding, struct field *field)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < field->n_targets && !rc; i++) {
        struct target *target = &field->targets[i];
        if (target->to)
            target->number = target->to->number;
        else
            rc = find_number(binding, target->collection ? target->collection : field->is.refers_to,
                             &target->number);
    }
    return rc;
}

static ouse_rc bind_references(struct binding *binding, struct collection *collection)
{
    ouse_rc rc = bind_targets(binding, collection->sources);
    for (uint32_t i = 0; i < collection->n_fields && !rc; i++)
        rc = bind_targets(binding, &collection->fields[i]);
    return rc;
}

static ouse_rc bind_generation(struct binding *binding)
{
    uint64_t generation = 0;
    ouse_rc rc = meta_get(binding->txn, "generation", &generation, sizeof generation);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return rc;
    if (binding->changed || rc) {
        generation++;
        rc = meta_put(binding->txn, "generation", &generation, sizeof generation);
    }
    binding->records->generation = generation;
    return rc;
}

/* Where nothing may be changed, one that lasts as long as the process does instead. */
static ouse_rc bind_secret(struct binding *binding)
{
    char *secret = binding->records->secret;
    ouse_rc rc = meta_get(binding->txn, "secret", secret, RECORDS_SECRET);
    if (rc != OUSE_E_NOT_FOUND)
        return rc;
    random_fill(secret, RECORDS_SECRET);
    return binding->reads ? OUSE_OK : meta_put(binding->txn, "secret", secret, RECORDS_SECRET);
}

static ouse_rc bind_all(struct txn *txn, void *arg)
{
    struct binding *binding = arg;
    uint32_t n = schema_count(binding->records->schema);
    struct bound *bound = arena_zero(&binding->arena, (n + 1) * sizeof *bound);
    ouse_rc rc;
    binding->txn = txn;
    binding->set = (struct change_set){.records = binding->records,
                                       .caller = {OUSE_MANAGER, ouse_s("migration")},
                                       .mode = CHANGE_PLUGIN,
                                       .arena = &binding->arena,
                                       .problem = binding->problem,
                                       .txn = txn,
                                       .now = clock_now()};
    rc = migrate_store(txn);
    if (!rc)
        rc = bind_secret(binding);
    if (!rc)
        rc = epoch_read(txn, &binding->records->epoch);
    if (!rc)
        rc = hiding_fill(txn);
    if (!rc)
        rc = journal_end(txn, &binding->set.sequence, binding->set.link);
    for (uint32_t i = 0; i < n && !rc; i++)
        rc = move_entry(binding, schema_at(binding->records->schema, i));
    for (uint32_t i = 0; i < n && !rc; i++) {
        bound[i].collection = schema_at(binding->records->schema, i);
        bound[i].collection->epoch = binding->records->epoch;
        rc = bind_numbers(binding, &bound[i]);
    }
    for (uint32_t i = 0; i < n && !rc; i++)
        rc = bind_references(binding, bound[i].collection);
    for (uint32_t i = 0; i < n && !rc; i++)
        rc = bind_contents(binding, &bound[i]);
    return rc ? rc : bind_generation(binding);
}

ouse_rc records_open(struct engine *engine, struct writer *writer, struct schema *schema,
                     const struct record_migration *migrations, uint32_t n, int reads,
                     struct records **records, struct problem *problem)
{
    struct records *r = calloc(1, sizeof *r);
    struct binding binding = {
        .records = r, .migrations = migrations, .n_migrations = n, .problem = problem, .reads = reads};
    ouse_rc rc;
    if (!r)
        return problem_fail(problem, OUSE_E_INTERNAL, "Out of memory");
    if (!collate_version()) {
        free(r);
        return problem_fail(problem, OUSE_E_INTERNAL,
                            "ICU has no data, so texts have no order; install libicu again");
    }
    r->engine = engine;
    r->writer = writer;
    r->schema = schema;
    r->census = census_create(schema);
    pthread_mutex_init(&r->rehearsing, NULL);
    arena_init(&r->memory);
    arena_init(&binding.arena);
    rc = writer_run_alone(engine, bind_all, &binding);
    arena_finish(&binding.arena);
    if (rc) {
        records_close(r);
        return store_failed(problem, rc);
    }
    *records = r;
    return OUSE_OK;
}

static ouse_rc compare_one(struct binding *binding, const struct collection *collection)
{
    struct ouse_str value;
    ouse_rc rc = get_entry(binding, collection, &value);
    if (rc)
        return rc == OUSE_E_NOT_FOUND ? OUSE_OK : store_failed(binding->problem, rc);
    const cJSON *stored = json_parse_trusted(&binding->arena, value);
    return stored ? check_declared(binding, collection, stored)
                  : problem_fail(binding->problem, OUSE_E_INTERNAL, "%s: its entry in the store is damaged",
                                 collection->is.name);
}

ouse_rc records_compare(struct engine *engine, const struct schema *schema,
                        const struct record_migration *migrations, uint32_t n, struct problem *problem)
{
    struct binding binding = {.migrations = migrations, .n_migrations = n};
    ouse_rc rc = engine_read(engine, &binding.txn);
    if (rc)
        return store_failed(problem, rc);
    arena_init(&binding.arena);
    for (uint32_t i = 0; i < schema_count(schema); i++) {
        struct problem own;
        problem_init(&own, problem->arena);
        binding.problem = &own;
        if (compare_one(&binding, schema_at(schema, i)))
            rc = problem_append(problem, &own);
    }
    txn_end(binding.txn);
    arena_finish(&binding.arena);
    return rc;
}

void records_close(struct records *records)
{
    if (!records)
        return;
    census_destroy(records->census);
    pthread_mutex_destroy(&records->rehearsing);
    arena_finish(&records->memory);
    free(records);
}

struct engine *records_engine(const struct records *records)
{
    return records->engine;
}

struct schema *records_schema(const struct records *records)
{
    return records->schema;
}

uint64_t records_epoch(const struct records *records)
{
    return records->epoch;
}

struct ouse_str records_secret(const struct records *records)
{
    return (struct ouse_str){records->secret, RECORDS_SECRET};
}
