/* audit: recomputes the derived data of the records, and compares.
 *
 *     records    a ──────── b ──────────> each record: its views, its index and reference
 *        |                  |             keys, its journal entry, its targets, and its
 *     revisions  a1 a2      b1    ──────> replaced revisions in the parallel walk
 *
 *     indexes, references, journal ─────> one walk each: no further keys exist; the links
 *                                         of the journal's chain are recomputed (journal.h)
 *
 * All in one snapshot, with parallel cursors and an arena per record, so that memory does not grow
 * with the store. The keys of the records are counted; if the store has more, a search finds the
 * stray ones. Data of collections that are not loaded is counted and skipped. */
#include "internal.h"

#define TOLD 100 /* faults in words; the rest are counted */

struct verify;

#define NAME(collection, id) (collection)->is.name, OUSE_F(id) /* for "%s/%.*s" */

struct walk {
    struct cursor *cursor;
    struct ouse_str key, value;
    ouse_rc rc; /* OUSE_OK while it stands at an entry, OUSE_E_NOT_FOUND at the end */
};

/* A db of the keys of documents. */
struct key_space {
    enum engine_db db;
    const char *name;
    const struct collection *(*owner)(const struct verify *v, struct ouse_str key, struct ouse_str *id);
};

enum { INDEXES, REFERENCES, PAST_INDEXES, PAST_REFERENCES, SPACES };

struct verify {
    struct records *records;
    struct txn *txn;
    struct arena *arena; /* of one record's or key's work */
    void (*tell)(void *arg, const char *fault);
    void *arg;
    struct verify_report *report;
    uint32_t last_number;             /* that the store has given out */
    struct ouse_str hiding;           /* the collections that hide records, according to the store */
    struct walk revisions;            /* at the first one that was not looked at */
    uint64_t sequence;                /* of the journal entry before */
    unsigned char link[JOURNAL_HASH]; /* of the same, */
    int no_link;                      /* unless it is missing or damaged */
    uint64_t first_changed;           /* the first entry that disagrees with its hashes; 0: no entry */
    const struct key_space *space;    /* that is walked */
    uint64_t accounted_for[SPACES];   /* keys that a record gives and the store has */
    uint64_t seen[SPACES];            /* keys of loaded collections in the store */
};

static void fault(struct verify *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fault(struct verify *v, const char *format, ...)
{
    va_list args;
    if (v->report->faults++ >= TOLD)
        return;
    va_start(args, format);
    v->tell(v->arg, arena_vprintf(v->arena, format, args).p);
    va_end(args);
}

/* ---- Walking ---------------------------------------------------------------- */

static ouse_rc walk_begin(struct walk *walk, struct txn *txn, enum engine_db db)
{
    ouse_rc rc = cursor_open(txn, db, &walk->cursor);
    if (!rc)
        walk->rc = cursor_seek(walk->cursor, ouse_s(""), &walk->key, &walk->value);
    return rc;
}

static void walk_on(struct walk *walk)
{
    walk->rc = cursor_next(walk->cursor, &walk->key, &walk->value);
}

static ouse_rc walk_end(struct walk *walk)
{
    cursor_close(walk->cursor);
    return walk->rc == OUSE_E_NOT_FOUND ? OUSE_OK : walk->rc;
}

/* Calls `fn` for each entry of a db in turn, with a separate arena. */
static ouse_rc each(struct verify *v, enum engine_db db,
                    void (*look)(struct verify *v, struct ouse_str key, struct ouse_str value))
{
    struct arena arena;
    struct walk walk;
    ouse_rc rc = walk_begin(&walk, v->txn, db);
    if (rc)
        return rc;
    v->arena = &arena;
    for (; !walk.rc; walk_on(&walk)) {
        arena_init(&arena);
        look(v, walk.key, walk.value);
        arena_finish(&arena);
    }
    return walk_end(&walk);
}

static uint32_t number_of(struct ouse_str key)
{
    return key.n > 4 ? key_read_u32(key.p) : 0;
}

/* A key of something that is not loaded but was, if its number was given out. Returns whether it was. */
static int pass_over(struct verify *v, const char *what, struct ouse_str key)
{
    uint32_t number = number_of(key);
    int known = number > 0 && number <= v->last_number;
    if (known)
        v->report->passed_over++;
    else
        fault(v, "%s: a key of number %u, which was never given out", what, number);
    return known;
}

/* ---- Index and reference keys, that are and that were ------------------------------------------------- */

static const struct collection *index_owner(const struct verify *v, struct ouse_str key, struct ouse_str *id)
{
    const struct schema *schema = v->records->schema;
    uint32_t number = number_of(key);
    for (uint32_t i = 0; i < schema_count(schema); i++) {
        const struct collection *collection = schema_at(schema, i);
        int owns = collection->words && collection->words->number == number;
        for (uint32_t k = 0; k < collection->n_indexes && !owns; k++)
            owns = collection->indexes[k].number == number;
        if (owns) {
            *id = key_index_id(key);
            return collection;
        }
    }
    return NULL;
}

static const struct collection *reference_owner(const struct verify *v, struct ouse_str key,
                                                struct ouse_str *id)
{
    struct key_reference parts;
    if (key_read_reference(key, &parts))
        return NULL;
    *id = parts.id;
    return schema_numbered(v->records->schema, parts.collection);
}

static const struct key_space spaces[SPACES] = {
    [INDEXES] = {DB_INDEXES, "indexes", index_owner},
    [REFERENCES] = {DB_REFERENCES, "references", reference_owner},
    [PAST_INDEXES] = {DB_PAST_INDEXES, "past indexes", index_owner},
    [PAST_REFERENCES] = {DB_PAST_REFERENCES, "past references", reference_owner},
};

/* Computes the keys of a record in all spaces. A record that does not exist has no keys. Fails if
 * the revisions cannot be read; the walk over the revisions reports that fault. */
static ouse_rc work_out_keys(struct verify *v, const struct collection *collection, struct ouse_str id,
                             struct footprint keys[SPACES])
{
    struct record record = {.collection = collection, .id = id};
    struct schema_times times;
    cJSON *document = NULL;
    ouse_rc rc = record_get(v->txn, collection, id, &record);
    if (!rc && record.kind == RECORD_LIVE)
        document = record_document(v->arena, &record, NULL);
    memset(keys, 0, SPACES * sizeof *keys);
    times = record_times(&record);
    footprint_indexes(&keys[INDEXES], v->arena, collection, id, document, NULL, &times);
    footprint_references(&keys[REFERENCES], v->arena, collection, id, document);
    return rc ? rc : past_footprints(v->txn, v->arena, &record, &keys[PAST_INDEXES]);
}

static int is_stored(const struct verify *v, int space, const struct footprint *keys, uint32_t i)
{
    struct ouse_str value;
    return txn_get(v->txn, spaces[space].db, keys->at[i], &value) == OUSE_OK &&
           (keys->lost ? past_read(value) == keys->lost[i] : value.n == 0);
}

static void check_keys(struct verify *v, const struct record *record)
{
    struct footprint keys[SPACES];
    work_out_keys(v, record->collection, record->id, keys);
    for (int s = 0; s < SPACES; s++)
        for (uint32_t i = 0; i < keys[s].n; i++)
            if (is_stored(v, s, &keys[s], i))
                v->accounted_for[s]++;
            else
                fault(v, "%s/%.*s: a key is missing in the %s", NAME(record->collection, record->id),
                      spaces[s].name);
}

static void count_key(struct verify *v, struct ouse_str key, struct ouse_str value)
{
    struct ouse_str id;
    (void)value;
    if (v->space->owner(v, key, &id))
        v->seen[v->space - spaces]++;
    else
        pass_over(v, v->space->name, key);
}

static void look_for_stray(struct verify *v, struct ouse_str key, struct ouse_str value)
{
    struct ouse_str id = {NULL, 0};
    const struct collection *collection = v->space->owner(v, key, &id);
    struct footprint keys[SPACES];
    ouse_rc rc;
    (void)value;
    if (!collection)
        return;
    rc = work_out_keys(v, collection, id, keys);
    if (!footprint_has(&keys[v->space - spaces], key) && !(rc && v->space >= &spaces[PAST_INDEXES]))
        fault(v, "%s/%.*s: a key in the %s that its document does not give", NAME(collection, id),
              v->space->name);
}

static ouse_rc check_spaces(struct verify *v)
{
    ouse_rc rc = OUSE_OK;
    for (int s = 0; s < SPACES && !rc; s++) {
        v->space = &spaces[s];
        rc = each(v, spaces[s].db, count_key);
        if (!rc && v->seen[s] != v->accounted_for[s])
            rc = each(v, spaces[s].db, look_for_stray);
    }
    v->report->indexes = v->seen[INDEXES];
    v->report->references = v->seen[REFERENCES];
    v->report->past = v->seen[PAST_INDEXES] + v->seen[PAST_REFERENCES];
    return rc;
}

/* ---- Revisions and journal ------------------------------------------------------ */

/* Remembers that a journal entry disagrees with its hashes. */
static void note_changed(struct verify *v, uint64_t sequence)
{
    if (!v->first_changed || sequence < v->first_changed)
        v->first_changed = sequence;
}

static int is_content(const struct journal_entry *entry, struct ouse_str stored)
{
    unsigned char hash[JOURNAL_HASH];
    return head_hash_stored(stored, hash) == 0 && memcmp(hash, entry->content, JOURNAL_HASH) == 0;
}

/* A stored record or revision is the version that its journal entry created, and unchanged since. */
static void check_journaled(struct verify *v, const struct record *record, struct ouse_str value)
{
    struct journal_entry entry;
    struct ouse_str stored;
    struct key key;
    key_init(&key);
    key_u64(&key, record->sequence);
    if (txn_get(v->txn, DB_JOURNAL, key_str(&key), &stored) || journal_read(stored, &entry) ||
        entry.collection != record->collection->number || !ouse_same(entry.id, record->id) ||
        entry.revision != record->revision)
        fault(v, "%s/%.*s: the journal does not have its revision %u as change %llu",
              NAME(record->collection, record->id), record->revision, (unsigned long long)record->sequence);
    else if (!is_content(&entry, value)) {
        fault(v, "%s/%.*s: revision %u was changed in the store after change %llu had written it",
              NAME(record->collection, record->id), record->revision, (unsigned long long)record->sequence);
        note_changed(v, record->sequence);
    }
}

/* The same for a collection that is not loaded, of which the head alone is known. */
static void check_foreign(struct verify *v, struct ouse_str value)
{
    struct journal_entry entry;
    struct ouse_str stored;
    struct head head = {0};
    struct key key;
    if (value.n >= sizeof head)
        memcpy(&head, value.p, sizeof head);
    key_init(&key);
    key_u64(&key, head.sequence);
    if (txn_get(v->txn, DB_JOURNAL, key_str(&key), &stored) == OUSE_OK && !journal_read(stored, &entry) &&
        is_content(&entry, value))
        return;
    fault(v,
          "a record of a collection that is not loaded was changed in the store after change %llu had "
          "written it",
          (unsigned long long)head.sequence);
    note_changed(v, head.sequence);
}

/* Checks that a hidden record is of a collection that is marked as hiding some. */
static void check_hiding(struct verify *v, const struct record *record)
{
    if (record->visibility > OUSE_PUBLIC && !hiding_has(v->hiding, record->collection->number))
        fault(v, "%s/%.*s: revision %u is hidden, but not its collection among those that hide records",
              NAME(record->collection, record->id), record->revision);
}

/* No audience saw a change that is later than the record's last one. */
static void check_sights(struct verify *v, const struct record *record, struct ouse_str bytes)
{
    struct stored stored;
    if (stored_read(bytes, &stored))
        return;
    for (int i = 0; i < AUDIENCES; i++)
        if (stored.sights[i].sequence > record->sequence || stored.sights[i].revision > record->revision ||
            stored.sights[i].updated > record->updated)
            fault(v, "%s/%.*s: an audience saw more than revision %u", NAME(record->collection, record->id),
                  record->revision);
}

static void check_version(struct verify *v, const struct record *record, struct ouse_str value)
{
    check_journaled(v, record, value);
    check_hiding(v, record);
    check_sights(v, record, value);
}

/* Skips revisions before those of the next record: they belong to no record. */
static void pass_revisions(struct verify *v, struct ouse_str before)
{
    struct walk *at = &v->revisions;
    for (; !at->rc && key_order(at->key, before) < 0; walk_on(at)) {
        const struct collection *collection = schema_numbered(v->records->schema, number_of(at->key));
        uint32_t n = at->key.n > 9 ? at->key.n - 9 : 0;
        if (collection)
            fault(v, "%s/%.*s: there is a revision of it, but no record", collection->is.name, (int)n,
                  at->key.p + 4);
        else if (pass_over(v, "revisions", at->key))
            check_foreign(v, at->value);
    }
}

/* Walks over the revisions that a record replaced, which must be all from its first on. */
static void walk_revisions(struct verify *v, const struct record *record)
{
    struct walk *at = &v->revisions;
    struct record replaced;
    struct key prefix;
    uint32_t before = record->first - 1;
    key_record(&prefix, record->collection->number, record->id);
    key_byte(&prefix, 0);
    pass_revisions(v, key_str(&prefix));
    for (; !at->rc && key_has_prefix(at->key, key_str(&prefix)); walk_on(at)) {
        uint32_t revision = at->key.n == prefix.n + 4 ? key_read_u32(at->key.p + prefix.n) : 0;
        v->report->revisions++;
        if (revision != before + 1)
            fault(v, "%s/%.*s: revision %u is missing", NAME(record->collection, record->id), before + 1);
        before = revision;
        if (head_read(record->collection, record->id, at->value, OUSE_MANAGER, &replaced) ||
            replaced.revision != revision)
            fault(v, "%s/%.*s: revision %u is damaged", NAME(record->collection, record->id), revision);
        else
            check_version(v, &replaced, at->value);
    }
    if (before + 1 != record->revision)
        fault(v, "%s/%.*s: it is revision %u, but the one before is %u", NAME(record->collection, record->id),
              record->revision, before);
}

/* Continues from the stored link, so that each break is reported once. */
static void check_link(struct verify *v, uint64_t sequence, struct ouse_str value,
                       const struct journal_entry *entry)
{
    unsigned char link[JOURNAL_HASH];
    int known = !v->no_link;
    journal_link(v->link, sequence, value, link);
    memcpy(v->link, entry->link, JOURNAL_HASH);
    v->no_link = 0;
    if (!known || memcmp(link, entry->link, JOURNAL_HASH) == 0)
        return;
    fault(v, "journal: change %llu does not follow from the one before it", (unsigned long long)sequence);
    note_changed(v, sequence);
}

static void look_at_change(struct verify *v, struct ouse_str key, struct ouse_str value)
{
    uint64_t sequence = key.n == 8 ? key_read_u64(key.p) : 0;
    const struct collection *collection;
    struct journal_entry entry;
    struct record revision;
    v->report->journal++;
    if (sequence != v->sequence + 1) {
        fault(v, "journal: change %llu is missing", (unsigned long long)v->sequence + 1);
        note_changed(v, v->sequence + 1);
        v->no_link = 1;
    }
    v->sequence = sequence;
    if (journal_read(value, &entry)) {
        fault(v, "journal: change %llu is damaged", (unsigned long long)sequence);
        note_changed(v, sequence);
        v->no_link = 1;
        return;
    }
    check_link(v, sequence, value, &entry);
    collection = schema_numbered(v->records->schema, entry.collection);
    if (collection &&
        record_revision(v->txn, collection, entry.id, entry.revision, OUSE_MANAGER, v->arena, &revision))
        fault(v, "%s/%.*s: change %llu made revision %u, which does not exist", NAME(collection, entry.id),
              (unsigned long long)sequence, entry.revision);
}

/* ---- Records ------------------------------------------------------------------- */

static void check_views(struct verify *v, const struct record *record, struct ouse_str bytes,
                        const cJSON *document, const cJSON *warnings)
{
    static const char *const names[] = {"full", "partners'", "public"};
    struct version version = {.collection = record->collection,
                              .id = record->id,
                              .visibility = record->visibility,
                              .revision = record->revision,
                              .times = record_times(record),
                              .after = document,
                              .warnings = warnings};
    struct buffer views[1 + AUDIENCES];
    struct stored stored;
    if (stored_read(bytes, &stored))
        return;
    memcpy(version.sights, stored.sights, sizeof version.sights);
    stored_warnings(v->arena, &stored, version.own_warnings);
    version_views(&version, views);
    for (int i = 0; i < 1 + AUDIENCES; i++) {
        if (stored.views[i].n != views[i].n ||
            (views[i].n && !ouse_same(stored.views[i], buffer_view(&views[i]))))
            fault(v, "%s/%.*s: the %s view differs from its document", NAME(record->collection, record->id),
                  names[i]);
        buffer_finish(&views[i]);
    }
}

struct referring {
    struct verify *v;
    const struct record *record;
};

static void check_target(void *arg, const struct field *field, int entry, const struct target *target,
                         struct ouse_str id)
{
    const struct referring *from = arg;
    struct record found;
    (void)entry;
    if (target->to && (record_get(from->v->txn, target->to, id, &found) || found.kind != RECORD_LIVE))
        fault(from->v, "%s/%.*s: %s refers to %s/%.*s, which does not exist",
              NAME(from->record->collection, from->record->id), field->is.name, NAME(target->to, id));
}

static void check_document(struct verify *v, const struct record *record, struct ouse_str stored,
                           const cJSON *document, const cJSON *meta)
{
    struct referring from = {v, record};
    check_views(v, record, stored, document, record_warnings(meta));
    schema_references(record->collection, document, check_target, &from);
}

static void look_at_record(struct verify *v, struct ouse_str key, struct ouse_str value)
{
    const struct collection *collection = schema_numbered(v->records->schema, number_of(key));
    struct ouse_str id = {key.p + 4, key.n - 4};
    struct record record;
    cJSON *document, *meta;
    if (!collection) {
        if (pass_over(v, "records", key))
            check_foreign(v, value);
        return;
    }
    v->report->records++;
    v->report->revisions++;
    if (head_read(collection, id, value, OUSE_MANAGER, &record)) {
        fault(v, "%s/%.*s: its head is damaged", NAME(collection, id));
        return;
    }
    check_version(v, &record, value);
    if (record.kind == RECORD_LIVE) {
        document = record_document(v->arena, &record, &meta);
        if (document)
            check_document(v, &record, value, document, meta);
        else
            fault(v, "%s/%.*s: it is not JSON", NAME(collection, id));
    }
    check_keys(v, &record);
    walk_revisions(v, &record);
}

static ouse_rc check_records(struct verify *v)
{
    static const char highest[] = "\xff\xff\xff\xff\xff";
    struct arena arena = {0};
    ouse_rc ended, rc = walk_begin(&v->revisions, v->txn, DB_REVISIONS);
    if (rc)
        return rc;
    rc = each(v, DB_RECORDS, look_at_record);
    v->arena = &arena;
    pass_revisions(v, ouse_s(highest));
    arena_finish(&arena);
    ended = walk_end(&v->revisions);
    return rc ? rc : ended;
}

/* Reports the first changed entry: not a separate fault, but the summary of those of the chain. */
static void name_first_changed(struct verify *v)
{
    struct arena arena = {0};
    v->tell(v->arg, arena_printf(&arena, "journal: the first change that does not match its hashes is %llu",
                                 (unsigned long long)v->first_changed)
                        .p);
    arena_finish(&arena);
}

ouse_rc records_verify(struct records *records, void (*tell)(void *arg, const char *fault), void *arg,
                       struct verify_report *report)
{
    struct verify_report counts = {0};
    struct verify v = {.records = records, .tell = tell, .arg = arg, .report = &counts};
    ouse_rc rc = engine_read(records->engine, &v.txn);
    if (rc)
        return rc;
    rc = meta_get(v.txn, "number", &v.last_number, sizeof v.last_number);
    if (!rc || rc == OUSE_E_NOT_FOUND)
        rc = hiding_read(v.txn, &v.hiding);
    if (!rc)
        rc = check_records(&v);
    if (!rc)
        rc = check_spaces(&v);
    if (!rc)
        rc = each(&v, DB_JOURNAL, look_at_change);
    if (!rc && v.first_changed)
        name_first_changed(&v);
    counts.last = v.sequence;
    memcpy(counts.link, v.link, JOURNAL_HASH);
    txn_end(v.txn);
    if (!rc)
        *report = counts;
    return rc;
}
