/* internal: declarations shared by the files of this folder. */
#ifndef RECORD_INTERNAL_H
#define RECORD_INTERNAL_H

#include "../base/spool.h"
#include "record.h"
#include <ouse/plugin.h>
#include <pthread.h>

#define AREA           "record"
#define SOURCES_NUMBER 0xffffu /* the field number of `sources` in reference keys */
#define HOOK_PHASES    6
#define PENDING_DEPTH  16 /* of hooks that write in hooks */

struct hook {
    uint32_t ops, phase;
    record_hook_fn fn;
    void *arg;
    struct hook *next;
};

/* collection->hooks: one list a phase, in the order of registration. */
struct collection_hooks {
    struct hook *phases[HOOK_PHASES];
    uint32_t refused_ops; /* see records_guard */
    const char *refused_by;
};

#define RECORDS_SECRET 16

/* How many records each collection has, as of a change: see counts.c. */
struct census {
    pthread_mutex_t lock;
    uint64_t sequence;
    int64_t *live; /* by the place of the collection in the schema; after them, the total of all that are not
                      loaded */
};

struct census *census_create(const struct schema *schema);
void census_destroy(struct census *census); /* legal on NULL */

struct records {
    struct engine *engine;
    struct writer *writer;
    struct schema *schema;
    struct arena memory; /* hooks, names: as long as the records */
    uint64_t generation; /* of the catalog in the store, as it was bound */
    uint64_t epoch;
    char secret[RECORDS_SECRET];
    struct census *census;
    pthread_mutex_t rehearsing; /* one rehearsal at a time */
};

/* ---- catalog.c ---------------------------------------------------------------- */

/* Reads a value that the store has under a name, with exactly n bytes. */
ouse_rc meta_get(struct txn *txn, const char *name, void *value, size_t n);

/* ---- audience.c: the last view of a record by each audience below the office ---- */

enum { AUDIENCE_PARTNER, AUDIENCE_PUBLIC, AUDIENCES };

/* The audience that a role belongs to; AUDIENCES from the office on, which sees all. */
static inline int audience_of(uint32_t role)
{
    return role >= OUSE_OFFICE ? AUDIENCES : role >= OUSE_PARTNER ? AUDIENCE_PARTNER : AUDIENCE_PUBLIC;
}

static inline uint32_t audience_role(int audience)
{
    return audience == AUDIENCE_PARTNER ? OUSE_PARTNER : OUSE_PUBLIC;
}

/* The last change that an audience saw of a record; sequence 0 if it never saw the record. Stored. */
struct sight {
    uint64_t sequence;
    int64_t updated;
    uint32_t revision;
    uint32_t n_warnings; /* bytes of its own warnings; 0: those of the whole record that it may see */
};

/* ---- header.c: the stored form of a record and of a revision --------------- */

struct head {
    uint8_t format; /* HEAD_FORMAT */
    uint8_t kind;
    uint8_t visibility;
    uint8_t reserved;
    uint32_t revision;
    uint64_t sequence;
    int64_t created, updated;
    uint32_t n_full, n_partner, n_public; /* lengths of the views after the head; 0: same as the one before */
    uint32_t first;                       /* the revision that the record came here with */
};

#define HEAD_PLAIN  1 /* values of `format`: each audience that sees the record saw its last change */
#define HEAD_SIGHTS 2 /* the head is followed by a sight for each audience */

/* A stored value in parts, which point into it. */
struct stored {
    struct head head;
    struct sight sights[AUDIENCES];
    struct ouse_str views[1 + AUDIENCES]; /* full, partners', public; no text: the same as the one before */
    struct ouse_str warnings[AUDIENCES];  /* no text: no warnings of its own */
};

/* Takes a stored value to pieces: 0, or -1 if it is damaged. */
int stored_read(struct ouse_str bytes, struct stored *stored);

/* Parses the own warnings of the audiences into the arena, or NULL. */
void stored_warnings(struct arena *arena, const struct stored *stored, const cJSON *own[AUDIENCES]);

/* Returns the view of a live record for a role. */
struct ouse_str stored_view(const struct stored *stored, uint32_t role);

/* Takes a stored value to pieces for a role; OUSE_E_NOT_FOUND when the role may
 * not see it, OUSE_E_INTERNAL (logged) when it is damaged. */
ouse_rc head_read(const struct collection *collection, struct ouse_str id, struct ouse_str stored,
                  uint32_t role, struct record *record);

/* Reads the parts of a record or a revision. They point into the store. */
ouse_rc head_get(struct txn *txn, enum engine_db db, struct ouse_str key, struct stored *stored);

/* stored_head.c: finds the last revision from `first` on and before `present` that existed at an
 * instant, or 0. */
ouse_rc head_revision_at(struct txn *txn, uint32_t collection, struct ouse_str id, uint32_t first,
                         uint32_t present, int64_t as_of, uint32_t *revision);

/* Returns whether a stored value has restricted visibility. */
int head_hides(struct ouse_str stored);

/* Hashes a version as its journal entry keeps it (journal.h, content): the head without the lengths of the
 * lesser views, the sights, the full view, and the warnings of the audiences. */
void head_hash(const struct stored *stored, unsigned char hash[JOURNAL_HASH]);

/* The same for a stored record or revision. Returns 0, or -1 if its lengths disagree. */
int head_hash_stored(struct ouse_str bytes, unsigned char hash[JOURNAL_HASH]);

/* Writes a value from its parts. Sets the format and the lengths in them. */
ouse_rc stored_write(struct txn *txn, enum engine_db db, struct ouse_str key, struct stored *stored);

/* ---- migrate.c --------------------------------------------------------------- */

/* Brings a store of an older format (engine.h) to the present one, in this transaction. Does nothing to one
 * that has it. Before anything else reads or writes the store. */
ouse_rc migrate_store(struct txn *txn);

/* ---- get.c ---------------------------------------------------------------------- */

/* Finds a record as record_as_of does, but leaves references to hidden records in it. */
ouse_rc record_find(struct txn *txn, const struct collection *collection, struct ouse_str id, uint32_t role,
                    int64_t as_of, struct arena *arena, struct record *record);

/* Whether there is a record, of a collection by its number, that a role may not see: now, or at an instant.
 */
ouse_rc record_is_hidden(struct txn *txn, uint32_t collection, struct ouse_str id, uint32_t role,
                         int64_t as_of, int *hidden);

/* ---- hidden.c: the collections that hide records --------------------------------- */

/* Reads their numbers; valid until the transaction ends or writes. */
ouse_rc hiding_read(struct txn *txn, struct ouse_str *hiding);
int hiding_has(struct ouse_str hiding, uint32_t number);

/* Returns whether a field may refer to hidden records. */
int hiding_veils(struct ouse_str hiding, const struct field *field);

/* Records that the collection hides a record. Call it before a record with restricted visibility is
 * put. */
ouse_rc hiding_add(struct txn *txn, uint32_t number);

/* Works the numbers out where the store does not have them yet. */
ouse_rc hiding_fill(struct txn *txn);

/* ---- redact.c: removes references to hidden records from a record ----------------- */

/* Builds the bytes of a record again, in the arena, if it refers to records that its role may not
 * see, now or at an instant. */
ouse_rc redact(struct txn *txn, uint32_t role, int64_t as_of, struct arena *arena, struct record *record);

/* Does the same with the numbers of hiding_read, for callers that read many records. */
ouse_rc redact_by(struct txn *txn, struct ouse_str hiding, uint32_t role, int64_t as_of, struct arena *arena,
                  struct record *record);

/* Puts back, into a document that a role has changed, the references of the one before that it could not
 * see; in the fields that are members of `with`. */
ouse_rc redact_keep(struct txn *txn, uint32_t role, const struct collection *collection, const cJSON *before,
                    const cJSON *with, cJSON *document);

/* ---- key_set.c: the index and reference keys of a document -------------- */

/* The entry of a record without a value in the own index of a field. It sorts after every value, as
 * no encoding begins with this byte. So an index has all records. */
#define NOTHING ((struct ouse_str){"\xff", 1})

/* Whether it is the index of a single field, which orders and filters go by. */
int index_is_own(const struct index *index);

/* Whether its keys depend on the order of text. */
int index_is_of_text(const struct index *index);

struct footprint {
    struct arena *arena;
    struct ouse_str *at; /* whole keys, sorted, each once */
    int64_t *lost;       /* when the record lost each of them last; NULL: it has them */
    uint32_t n, room;
};

/* Computes the index keys of a document; NULL has no keys. Omits the words of texts that `beside`
 * (may be NULL) has too: a change from one to the other does not affect them. */
void footprint_indexes(struct footprint *keys, struct arena *arena, const struct collection *collection,
                       struct ouse_str id, const cJSON *document, const cJSON *beside,
                       const struct schema_times *times);
void footprint_words(struct footprint *keys, struct arena *arena, const struct collection *collection,
                     struct ouse_str id, const cJSON *document);
/* Those in the indexes of texts alone. */
void footprint_texts(struct footprint *keys, struct arena *arena, const struct collection *collection,
                     struct ouse_str id, const cJSON *document);
void footprint_references(struct footprint *keys, struct arena *arena, const struct collection *collection,
                          struct ouse_str id, const cJSON *document);
/* Adds a further time at which the record was updated; one that is there already adds nothing. */
void footprint_add_time(struct footprint *keys, const struct collection *collection, struct ouse_str id,
                        int64_t updated);
int footprint_has(const struct footprint *keys, struct ouse_str key);

/* <0, 0 or >0: the order of keys in the store. */
int key_order(struct ouse_str a, struct ouse_str b);

/* Deletes keys that are only in `before` and keeps them among the past ones, as lost at
 * `now`; puts those that are only in `after`. */
ouse_rc footprint_apply(struct txn *txn, enum engine_db db, const struct footprint *before,
                        const struct footprint *after, int64_t now);

/* ---- key_history.c: the keys that a record has had ------------------------------------ */

/* Computes all index and reference keys that a record lost, from its revisions. */
ouse_rc past_footprints(struct txn *txn, struct arena *arena, const struct record *record,
                        struct footprint keys[2]);

/* The instant in a past key's value, and back. */
int64_t past_read(struct ouse_str value);
ouse_rc past_put(struct txn *txn, enum engine_db past, struct ouse_str key, int64_t lost);

/* ---- run_hooks.c --------------------------------------------------------------- */

/* OUSE_E_CONFLICT for an operation that a guard does not know. */
ouse_rc hooks_admit(const struct collection *collection, uint32_t op, struct problem *problem);
/* Returns whether a collection has hooks of a phase, for any operation: SETTLE hooks for some
 * operations also run for the effects of others. */
int hooks_any(const struct collection *collection, uint32_t phase);
ouse_rc hooks_run(struct change *change, uint32_t phase);

/* ---- put.c: puts one version of a record and all that follows from it --- */

struct version {
    const struct collection *collection;
    struct ouse_str id;
    enum record_kind kind;
    uint8_t op; /* JOURNAL_… */
    uint32_t visibility, revision, first;
    uint32_t visibility_before; /* of the version that is replaced */
    struct schema_times times, times_before;
    const cJSON *before, *after, *warnings; /* trees; may be NULL */
    const cJSON *own_warnings[AUDIENCES];   /* of an audience that is not warned as the office is; or NULL */
    struct sight sights[AUDIENCES];         /* set by audience_look */
    uint8_t audiences;                      /* likewise, for the journal */
    struct ouse_str into;                   /* MERGED */
    int same_revision;                      /* only the warnings changed: no revision, no keys */
    struct footprint indexes[2], references[2]; /* before, after; see version_footprints */
};

void version_footprints(struct change_set *set, struct version *version);

/* The bytes of the full, the partners' and the public view; empty if no such audience may see
 * the record, or if it is the same as the one before. Needs the sights. Finish the buffers. */
void version_views(const struct version *version, struct buffer views[1 + AUDIENCES]);

/* The bytes of one audience's view, as it was or would be with a sight. */
void version_view(const struct version *version, int audience, const struct sight *sight, struct buffer *out);

/* Record, indexes, references, revision and journal entry; moves set->sequence on. */
ouse_rc version_put(struct change_set *set, struct version *version);

/* audience.c: sets the sights and audiences of a version that will replace `stored` (NULL:
 * nothing), as the change `sequence`. */
ouse_rc audience_look(struct change_set *set, struct version *version, const struct stored *stored,
                      uint64_t sequence);

/* ---- warnings.c: the CHECK hooks, once more for each audience that sees less --- */

/* Runs the CHECK hooks and works out the warnings of each audience: sets version->own_warnings. */
ouse_rc warnings_check(struct change *change, struct version *version);

/* Whether other warnings are stored; `was` are those of the office, or NULL. */
int warnings_differ(struct change_set *set, const struct version *version, const struct stored *stored,
                    const cJSON *was);

/* ---- deferred.c: checks and rules at the end of the change set --------------- */

#define WAIT_SETTLE  1u /* SETTLE hooks */
#define WAIT_RECHECK 2u /* the same, and the warnings are computed again */
#define WAIT_WARNED  4u /* the warnings are, when the set changed something else too */
#define WAIT_VIEWED                                                                                         \
    8u /* the warnings are computed again, because a referenced record was hidden from an audience or shown \
        */

struct pending *pending_create(const struct change_set *set);
void pending_finish(struct pending *pending);
/* `before` is the replaced revision; 0 for a new record. */
void pending_touch(struct change_set *set, const struct collection *collection, struct ouse_str id,
                   uint32_t what, uint32_t op, uint32_t before);
/* `key` is the key of the reference in the store, or no text: a reference that the set removes
 * again is not checked. */
void pending_reference(struct change_set *set, const struct collection *collection, struct ouse_str id,
                       const char *pointer, const struct collection *target, struct ouse_str target_id,
                       struct ouse_str key);
/* A note of unique.c, in parts. */
void pending_clash(struct change_set *set, const struct ouse_str *parts, size_t n);
/* The removal of a record that others refer to by fields that restrict it: remove_settle. */
void pending_removal(struct change_set *set, const struct collection *collection, struct ouse_str id);
void pending_count(struct change_set *set); /* one more change in the set */
ouse_rc pending_settle(struct change_set *set);

/* Adds an error if a record that the set removed is still referred to by fields that restrict it. */
ouse_rc remove_settle(struct change_set *set, const struct collection *collection, struct ouse_str id);

#define CHANGE_UNITS 50 /* of the deadline of a set, for one record that is put */
#define RECORD_UNITS 10 /* for one that is read */

/* Converts a status of the store into a problem, without details of the host. */
ouse_rc store_failed(struct problem *problem, ouse_rc rc);

/* ---- change.c ---------------------------------------------------------------- */

/* Runs a stored record through the rules with a new document. This is the core of every change
 * after which the record exists. `stored` is NULL for a new one. Takes ownership of `after`
 * (accepted, a tree of the set's arena). */
struct origin {
    uint32_t revision; /* 0: the record begins here */
    int64_t created, updated;
};
struct update {
    const struct collection *collection;
    struct ouse_str id;
    const struct record *stored;
    const cJSON *before;
    cJSON *after;
    uint32_t visibility;
    uint32_t op; /* OUSE_ON_… */
    struct origin origin;
};
ouse_rc change_apply(struct change_set *set, const struct update *update, struct changed *changed);

/* "/leads/0": where a reference of a document stands. */
void change_pointer(const struct field *field, int entry, char pointer[96]);

/* One change deeper, in hooks of changes; refused at PENDING_DEPTH. set->depth-- is
 * due either way. */
ouse_rc change_enter(struct change_set *set, const struct collection *collection);

/* Returns the time of a change to a record: now, but never earlier than its last one. So the times
 * of the revisions identify the version at an instant. */
int64_t change_time(const struct change_set *set, const struct record *stored);

/* The record as it is and its document (copied out of the map): 404, 410, 412. */
ouse_rc change_load(struct change_set *set, const struct collection *collection, struct ouse_str id,
                    const struct condition *condition, struct record *record, cJSON **document);

/* Returns whether the caller may see a record, and therefore its id. */
int change_seen(const struct change_set *set, const struct collection *collection, struct ouse_str id);

/* Checks that hooks which have written since `since` did not write the record that is about to be
 * put over the stored one: its keys and revision would be lost. */
ouse_rc change_check_untouched(struct change_set *set, uint64_t since, const struct collection *collection,
                               struct ouse_str id, const struct record *stored);

/* Returns whether the result of the write must not reveal hidden data to the caller. */
int change_is_guest(const struct change_set *set);

/* ---- unique.c: values that only one record may have ------------------------- */

/* Adds an error for each value of a version that another record has. Needs its footprints. */
ouse_rc unique_check(struct change_set *set, const struct version *version);

/* Notes these values instead, as the set may yet move them. The version must be put next. */
ouse_rc unique_await(struct change_set *set, const struct version *version);

/* Adds an error for each noted value that two records have now. */
ouse_rc unique_settle(struct change_set *set, const struct spool *clashes);

/* Schedules new warnings, at the end of the set, after a record was hidden from an audience or
 * shown to it. Affects all records that refer to it, and those that the FOLLOW hooks of it and of
 * these name. For the audience, the record appeared or disappeared, and the others gain or lose a
 * reference. */
ouse_rc referrers_recheck(struct change_set *set, const struct collection *collection, struct ouse_str id,
                          cJSON *document);

/* The warnings in a record's meta, or NULL. */
const cJSON *record_warnings(const cJSON *meta);

#endif
