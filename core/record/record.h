/* record: the register's records, their rules and their history.
 *
 *   read    txn ─> record_get, record_rows_…          stored bytes, nothing parsed
 *   write   records_write ─> writer ─> change_…  for each record
 *                                      └> change_settle  at the end of the set
 *
 * One record on its way through a change:
 *
 *   accept ─> FILL ─> check ─> references, unique ─> CHECK ─> bytes, indexes,
 *   references, revision, journal ─> FOLLOW                 … SETTLE, rechecks
 *
 * Invariants, which `ouse verify` recomputes (audit.c): the indexes and
 * references of a record are exactly those of its document; the revisions that
 * it replaced, from its first one on, are all there; every change has its journal entry.
 * Knows nothing of HTTP and of plugins: rules come in through records_hook.
 */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "../base/deadline.h"
#include "../observe/readiness.h"
#include "../schema/schema.h"
#include "../store/journal.h"
#include "../store/writer.h"

struct records;

/* Who is asking: what a caller may see and do follows from the role alone. */
struct caller {
    uint32_t role;
    struct ouse_str actor;
};

/* ---- Opening (catalog.c) ------------------------------------------------ */

/* A migration step of a plugin. Runs in the start-up transaction. */
struct record_migration {
    const char *collection;
    uint32_t from;
    ouse_rc (*fn)(void *arg, struct ouse_str id, cJSON *document, struct problem *problem);
    void *arg;
};

/* Binds linked collections to an open store: gives out numbers, compares with
 * what was declared last, fills indexes that are new, runs migrations; all in
 * one transaction. A downgrade, or a change that needs a migration that is not
 * there, is refused and says which; where the caller only `reads`, so is all that
 * would change how the store is laid out. `writer` may be NULL (CLI): then writes
 * run on the caller's thread. */
ouse_rc records_open(struct engine *engine, struct writer *writer, struct schema *schema,
                     const struct record_migration *migrations, uint32_t n, int reads,
                     struct records **records, struct problem *problem);
void records_close(struct records *records); /* legal on NULL */

/* Compares linked collections with the declarations that a store has, as records_open does, and
 * changes nothing. Reports every collection that records_open would refuse. */
ouse_rc records_compare(struct engine *engine, const struct schema *schema,
                        const struct record_migration *migrations, uint32_t n, struct problem *problem);

struct engine *records_engine(const struct records *records);
struct schema *records_schema(const struct records *records);

/* What the register holds, and how store and writer are. Any thread. */
ouse_rc records_measure(struct records *records, struct measures *measures);

/* Returns the epoch of the store. No restore can change it while the store is open. */
uint64_t records_epoch(const struct records *records);

/* Random bytes that the register was given when it was made. They are told to no client. */
struct ouse_str records_secret(const struct records *records);

/* ---- Reading (get.c) --------------------------------------------------- */

enum record_kind { RECORD_LIVE = 1, RECORD_REMOVED, RECORD_MERGED };

struct record {
    const struct collection *collection;
    struct ouse_str id;
    enum record_kind kind;
    uint32_t revision,
        visibility;    /* revision, sequence and updated are of the last change that the role saw */
    uint32_t first;    /* the least revision that is here: 1, or what it came with from another register */
    uint64_t sequence; /* of the change that left it so; its position is the strong part of the ETag */
    int64_t created, updated;
    int64_t others[2];   /* read in whole: `updated` as the partners and the public see it, if it differs */
    int64_t as_of;       /* the instant that it was asked for; 0: it is the record as it is */
    uint32_t restricted; /* whom it was read for: 0: who may see all; 1: the partners; 2: the public */
    uint32_t whole;      /* the lowest role that sees all of its document */
    int redacted;        /* it refers to what the role may not see: that was left out */
    struct ouse_str warnings; /* those of the role's audience, if it has some of its own */
    struct ouse_str json;     /* as the role sees it; none unless LIVE */
    struct ouse_str into;     /* MERGED: where it went */
};

static inline struct schema_times record_times(const struct record *record)
{
    return (struct schema_times){record->created, record->updated, {record->others[0], record->others[1]}};
}

/* The whole of a record, for the register itself. Removed and merged ones are found, with their kind. What is
 * read is lent until the transaction ends. */
ouse_rc record_get(struct txn *txn, const struct collection *collection, struct ouse_str id,
                   struct record *record);

/* The record as a role sees it: OUSE_E_NOT_FOUND when it may not; without the fields that it may not see, and
 * without references to records that it may not see (redact.c); what went into one of those counts as
 * removed.
 *
 * At an instant of the past: the version that there was then, if the role may see that and may see the record
 * now: what is hidden later was not there either. So it is with what it refers to. 0: as it is.
 *
 * Bytes are lent until the transaction ends or, where they had to be made for the role, lie in the arena. */
ouse_rc record_as_of(struct txn *txn, const struct collection *collection, struct ouse_str id, uint32_t role,
                     int64_t as_of, struct arena *arena, struct record *record);

/* Leaves the references out of a record that a role may not see now, as record_as_of does. */
ouse_rc record_redact(struct txn *txn, uint32_t role, struct arena *arena, struct record *record);

/* Whether references in a field may be hidden from anybody. */
int record_may_veil(struct txn *txn, const struct field *field);

/* The problem of a record that is not there (404, 410): says which. */
ouse_rc record_missing(const struct collection *collection, struct ouse_str id, const struct record *removed,
                       struct problem *problem);

/* One revision, as a role sees it: one that was replaced refers to what it could see when that was made. */
ouse_rc record_revision(struct txn *txn, const struct collection *collection, struct ouse_str id,
                        uint32_t revision, uint32_t role, struct arena *arena, struct record *record);

/* The revision that a role saw before one that it sees; 0: none. It may be one that hid the record. */
ouse_rc record_revision_before(struct txn *txn, const struct collection *collection, struct ouse_str id,
                               uint32_t revision, uint32_t role, uint32_t *before);

/* A change as a role sees it: sets entry->op to what it means to the role. OUSE_E_NOT_FOUND if the role is
 * not told of it. Of a record that is hidden from the role now, it is told of the change that hid it, as
 * JOURNAL_HIDE, and of no other. */
ouse_rc record_change(struct txn *txn, const struct collection *collection, uint64_t sequence, uint32_t role,
                      struct journal_entry *entry);

/* ---- ETags (etag.c) ------------------------------------------------------ */

/* The strong ETag of the record's bytes, with quotes; and of a body made anew of them. */
#define RECORD_ETAG 40
void record_etag(const struct record *record, char etag[RECORD_ETAG]);
void record_etag_of(const struct record *record, struct ouse_str body, char etag[RECORD_ETAG]);

/* Whether an If-Match value (RFC 9110: list of strong ETags, or "*") names the record. */
int record_matches(struct ouse_str if_match, const struct record *record);

/* Whether it names the record by an ETag that a proxy has marked as weak, which is no match. */
int record_matches_weakly(struct ouse_str if_match, const struct record *record);

/* The stored document as a tree: fields and sources without id and meta. `meta`
 * may be NULL; NULL when the record is damaged (which is logged). */
cJSON *record_document(struct arena *arena, const struct record *record, cJSON **meta);

/* ---- Lists (filter.c, sort.c, scan.c) ------------------------------------- */

#define QUERY_TERMS    32
#define QUERY_SORTS    4
#define QUERY_POSITION 1600 /* the most bytes of a position */

/* Encoded entries (schema.h) from one on, up to another; `to` without text: to the end. */
struct query_range {
    struct ouse_str from, to;
};

/* What is asked of one field, in the terms of operators.c. */
struct query_term {
    const struct field *field;
    const struct index *index;        /* the field's own; NULL: none, as references may have */
    const struct query_range *ranges; /* ascending, and apart from each other */
    uint32_t n_ranges;
    int exact;                           /* each range is one entry */
    int every;                           /* all entries must be in the ranges, not just any */
    struct ouse_str below;               /* where the second half of a span must be below this */
    const struct query_order *led;       /* the entry must be the one by which a record is sorted */
    const struct query_through *through; /* asked of the records referred to: one for each target */
    const struct word_index *words;      /* asked of words: ranges are of their index, there is no field */
    int some;                            /* some of the words that begin so will do */
    int veiled;                          /* its keys name more than the role may see: scan.h */
    const struct query_tie *tie;         /* how texts compare whose entries the ranges do not tell apart */
    int of_ids;                          /* asked of the id: each range begins with one, sorted */
    const struct ouse_str *named;        /* eq, ne, in: the entries that the values of the term have */
    uint32_t n_named;
};

struct query_through {
    const struct collection *to; /* NULL where the target has no such field */
    const struct query_term *terms;
    uint32_t n_terms;
};

struct query_order {
    const struct field *field;
    const struct index *index;
    int descending;
};

/* Records of one collection that match all terms, in the order that is asked
 * for; ties, and all where none is, ascending by id. */
struct query {
    const struct collection *collection;
    struct query_term terms[QUERY_TERMS];
    struct query_order orders[QUERY_SORTS];
    uint32_t n_terms, n_orders;
    uint32_t role;
    struct ouse_str after;     /* begin behind this position; no text: at the beginning */
    int64_t as_of;             /* records as they were then; 0: as they are */
    uint64_t steps;            /* keys to look at before rows are cut; 0: as many as it takes */
    struct deadline *deadline; /* consulted while rows look; NULL: none */
};

void query_init(struct query *query, const struct collection *collection, uint32_t role);

/* Whether a field of a collection serves for something, for a role. */
typedef int (*field_fits)(const struct collection *collection, const struct field *field, uint32_t role);

/* Whether it can be filtered. */
int query_filters(const struct collection *collection, const struct field *field, uint32_t role);

/* Adds `name=value`, where name is `field`, `field[operator]`, either behind a
 * reference: `pillar.hub[in]`, or `q`, for words in whatever field. OUSE_E_REQUEST, with a suggestion, for a
 * field that is not there, cannot be filtered, is hidden from the role, for an operator that is not there or
 * not for the type, or a value that is none. */
ouse_rc query_add(struct query *query, struct arena *arena, struct ouse_str name, struct ouse_str value,
                  struct problem *problem);

/* Adds one filter that has several values: those of `in`, each as it is. One value of `in` is a list: values
 * between commas, in quotes if they contain commas ("" is a quote in quotes). */
ouse_rc query_add_values(struct query *query, struct arena *arena, struct ouse_str name,
                         const struct ouse_str *values, uint32_t n, struct problem *problem);

/* Replaces ids of merged records, and codes that only merged records had, by those of the records that
 * they were merged into. OUSE_E_REQUEST (`not_found`) for a reference to a record that does not exist, was
 * deleted or is hidden from the role; without a problem, such a reference stays as it is. To be called once, in
 * the snapshot that the rows are read from. */
ouse_rc query_resolve(struct txn *txn, struct query *query, struct arena *arena, struct problem *problem);

/* The record that a merged one went into, over all merges, as the role sees it at the instant.
 * OUSE_E_NOT_FOUND if that is not live. */
ouse_rc record_survivor(struct txn *txn, const struct record *merged, uint32_t role, int64_t as_of,
                        struct arena *arena, struct record *survivor);

/* Sets the order: "a,-b". OUSE_E_REQUEST as query_add. */
ouse_rc query_sort(struct query *query, struct arena *arena, struct ouse_str text, struct problem *problem);

struct rows;

/* Opens rows over a snapshot or write transaction. Costs what is read (scan.h).
 * Freed with the arena. OUSE_E_REQUEST where `after` is no position of the query. */
ouse_rc rows_open(struct txn *txn, const struct query *query, struct arena *arena, struct rows **rows);

/* The next live record that the role may see, as it sees it; lent until the next one is asked for;
 * OUSE_E_NOT_FOUND at the end. */
ouse_rc rows_next(struct rows *rows, struct record *record);

/* Returns whether rows ended because the steps were used up or the deadline was over: there may be more
 * after the position, which has moved. Rows whose deadline is over before they moved, or that have no steps,
 * fail with OUSE_E_UNAVAILABLE. */
int rows_cut(const struct rows *rows);

/* Behind the record that came last, or as far as rows have looked. */
struct ouse_str rows_position(const struct rows *rows, struct arena *arena);

/* Gives the cursors back before the transaction ends; rows are at their end then. */
void rows_close(struct rows *rows);

/* Calls fn with each reference that a record has in a field; `to` is NULL where the
 * collection is not loaded. The id is lent until fn returns. */
void record_references(const struct record *record, const struct field *field,
                       void (*fn)(void *arg, const struct collection *to, struct ouse_str id), void *arg);

/* The field of least number by which a record, as its role sees it, refers to target/id;
 * or `field` where it is asked for that one. NULL: it does not. */
const struct field *record_refers(const struct record *record, const struct field *field, uint32_t target,
                                  struct ouse_str id);

/* Every reference to target/id, as stored: for referrers, removal and merge. As of an
 * instant, those that there may have been: record_refers tells of the version of then. */
struct referrer {
    const struct collection *collection; /* NULL: of a plugin that is not loaded */
    uint32_t collection_number, field_number;
    const struct field *field; /* NULL likewise */
    struct ouse_str id;
};
struct referrers;
ouse_rc referrers_open(struct records *records, struct txn *txn, uint32_t target, struct ouse_str id,
                       const struct collection *collection, const struct field *field, int64_t as_of,
                       struct arena *arena, struct referrers **referrers);
/* OUSE_E_NOT_FOUND at the end. A record comes once for each field it refers by. */
ouse_rc referrers_next(struct referrers *referrers, struct referrer *referrer);
void referrers_close(struct referrers *referrers);

/* ---- Hooks (run_hooks.c) ---------------------------------------------------- */

struct change_set;

/* One change as its hooks see it; the trees are without id and meta. */
struct change {
    struct change_set *set;
    uint32_t op, phase; /* OUSE_ON_…, OUSE_FILL … of plugin.h */
    uint32_t revision;
    const struct collection *collection;
    struct ouse_str id;
    const cJSON *before;
    cJSON *after;
    cJSON *warnings;    /* CHECK: an array to add {code, field, detail} to */
    uint32_t consulted; /* CHECK: the lowest role that sees all that the hooks have read; raised by them */
    int audience;       /* only warnings (CHECK) and rechecks (FOLLOW) are wanted, as a role sees the
                           records: nothing is written */
    uint32_t role;      /* of the audience */
};

typedef ouse_rc (*record_hook_fn)(struct change *change, void *arg);

/* Registers a hook; before the first change. collection NULL: all of them.
 * Hooks of one phase run in the order in which they were registered. */
void records_hook(struct records *records, const char *collection, uint32_t ops, uint32_t phase,
                  record_hook_fn fn, void *arg);

/* Refuses operations on a collection from now on, because `plugin` guards it and
 * was built before there were such operations. */
void records_guard(struct records *records, const char *collection, uint32_t ops, const char *plugin);

/* ---- Writing (changeset.c, change.c) ---------------------------------------- */

enum change_mode {
    CHANGE_CLIENT, /* the API: system fields refused, states by moves */
    CHANGE_IMPORT, /* any state may be loaded */
    CHANGE_EXACT,  /* the same for new records, which go on from the revision and times in their meta */
    CHANGE_PLUGIN, /* any state and system fields */
};

struct change_set {
    struct records *records;
    struct caller caller;
    enum change_mode mode;
    int dry_run;         /* do everything, keep nothing */
    struct arena *arena; /* the request's */
    struct problem *problem;
    struct txn *txn; /* set while the set runs */
    int64_t now;
    uint64_t sequence;                /* of the last journal entry */
    unsigned char link[JOURNAL_HASH]; /* of the same: the next entry is chained to it */
    uint32_t depth;                   /* of changes made by hooks of changes */
    struct pending *pending;          /* what waits for the end of the set */
    /* Where in the body the change that runs now came from, "/operations/3/data":
     * goes in front of the pointers of what is found only at the end of the set. */
    struct ouse_str place;
};

/* Runs fn, then settles, in one transaction of the writer's; returns after
 * the commit. fn may run several times for one call (see writer.h). After fn
 * and settling, `after` (may be NULL) reads results in the same transaction:
 * copy what is to be kept into the arena. */
typedef ouse_rc (*change_fn)(struct change_set *set, void *arg);
ouse_rc records_write(struct change_set *set, change_fn fn, change_fn after, void *arg, size_t bytes);

/* Runs fn, settles and runs `after` as records_write does, but in a rehearsal (engine.h): the result is that
 * of a write now, nothing is kept, and no writer is waited for. Rehearsals run one at a time, on the calling
 * threads, so that together they take one processor from everybody else. */
ouse_rc records_rehearse(struct change_set *set, change_fn fn, change_fn after, void *arg);

/* Whether the store is still declared as it was bound: another process (a command
 * with other plugins) may have changed what the numbers in the keys mean. Writing
 * on would spoil the indexes, so every change set begins with this. */
ouse_rc records_current(struct records *records, struct txn *txn, struct problem *problem);

/* Adds the reasons why changes cannot be made now: the store is full (store_full) or failed (store_failed),
 * another process changed the collections (plugins_changed), or writes have been waiting for more than two
 * seconds (writer_waits, writer_busy, writer_commits). Makes no change itself. */
void records_ready(struct records *records, struct txn *txn, struct readiness *readiness);

/* Runs fn in the write transaction, for data other than records (the outbox). */
ouse_rc records_maintain(struct records *records, writer_fn fn, void *arg);

/* A condition on the record as it is; where there is one at all, it must say something. */
struct condition {
    struct ouse_str if_match; /* 428 when it is no text; 412, with `current`, when it does not match */
};

/* What became of one change. */
struct changed {
    struct ouse_str id;
    int created, unchanged;
};

/* Adds to the set's problem the record as it is, and its ETag: what the client tries again with. */
void change_tell_current(struct change_set *set, const struct record *current);

/* What a client who does not see all (below OUSE_OFFICE) may write tells him
 * nothing of what is hidden: he chooses no id, refers to nothing that he may not
 * see, sets no hidden field with a move, and a clash does not say with what.
 *
 * All of these take documents as a client brings them (they work on a copy) and
 * accept `id` and `meta` in them: `id` must agree, of `meta` only `visibility`
 * counts (but see CHANGE_EXACT). A change that would leave the record as it is does nothing and sets
 * `unchanged`. `condition` may be NULL. */
ouse_rc change_create(struct change_set *set, const struct collection *collection, struct ouse_str id,
                      const cJSON *document, struct changed *changed);
ouse_rc change_replace(struct change_set *set, const struct collection *collection, struct ouse_str id,
                       const cJSON *document, const struct condition *condition, struct changed *changed);
/* patch: an object is a merge patch (RFC 7396), an array a JSON Patch (RFC 6902). */
ouse_rc change_patch(struct change_set *set, const struct collection *collection, struct ouse_str id,
                     const cJSON *patch, const struct condition *condition, struct changed *changed);
/* field may be NULL where the collection has one state machine. */
ouse_rc change_move(struct change_set *set, const struct collection *collection, struct ouse_str id,
                    const char *field, struct ouse_str to, const cJSON *with,
                    const struct condition *condition, struct changed *changed);
/* As it was in a revision: revert.c. */
ouse_rc change_revert(struct change_set *set, const struct collection *collection, struct ouse_str id,
                      uint32_t revision, const struct condition *condition, struct changed *changed);
ouse_rc change_remove(struct change_set *set, const struct collection *collection, struct ouse_str id,
                      const struct condition *condition);
ouse_rc change_merge(struct change_set *set, const struct collection *collection, struct ouse_str id,
                     struct ouse_str into, const struct condition *condition);

/* For a set that goes on behind a change that failed, as it has more to tell: that what the
 * document refers to is there is looked at with the rest, at the end. */
void change_await_references(struct change_set *set, const struct collection *collection,
                             const cJSON *document);

/* Checks what waits for the end of the set: that unique values are of one record, that what was removed is
 * not referred to, and that what is referred to is there. Reports all errors. The end of the set does it
 * anyway. */
ouse_rc change_settle_rules(struct change_set *set);

/* See ouse_recheck in host.h. */
void change_recheck(struct change_set *set, const struct collection *collection, struct ouse_str id);

/* ---- Verifying (audit.c) ----------------------------------------------- */

struct verify_report {
    uint64_t records, indexes, references, past, revisions, journal; /* seen, of loaded collections */
    uint64_t passed_over; /* keys of collections and indexes that nobody declares now */
    uint64_t faults;
    uint64_t last;                    /* sequence of the last journal entry, */
    unsigned char link[JOURNAL_HASH]; /* and its link: the end of the hash chain */
};

/* Recomputes indexes, references (past ones too), revisions and journal from the records and
 * compares; tells each fault (at most 100) through `tell`. */
ouse_rc records_verify(struct records *records, void (*tell)(void *arg, const char *fault), void *arg,
                       struct verify_report *report);

#endif
