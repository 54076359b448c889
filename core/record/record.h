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

/* The caller: its role alone determines what it may see and do. */
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

/* Binds linked collections to an open store, in one transaction: assigns numbers, compares with the
 * last declarations, fills new indexes, runs migrations. Rejects a downgrade, and a change that
 * needs a missing migration, and names it. If the caller only `reads`, also rejects every change of
 * the layout of the store. `writer` may be NULL (CLI): then writes run on the caller's thread. */
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

/* Adds the metrics of records, store and writer. Any thread. */
ouse_rc records_measure(struct records *records, struct measures *measures);

/* Returns the epoch of the store. No restore can change it while the store is open. */
uint64_t records_epoch(const struct records *records);

/* Returns random bytes that the register was given when it was created. Never reveal them to a
 * client. */
struct ouse_str records_secret(const struct records *records);

/* ---- Reading (get.c) --------------------------------------------------- */

enum record_kind { RECORD_LIVE = 1, RECORD_REMOVED, RECORD_MERGED };

struct record {
    const struct collection *collection;
    struct ouse_str id;
    enum record_kind kind;
    uint32_t revision,
        visibility;    /* revision, sequence and updated are of the last change that the role saw */
    uint32_t first;    /* the least revision in this register: 1, or the one with which it came from another
                          register */
    uint64_t sequence; /* of the change that left it so; its position is the strong part of the ETag */
    int64_t created, updated;
    int64_t others[2];   /* read in whole: `updated` as the partners and the public see it, if it differs */
    int64_t as_of;       /* the instant of the query; 0: the present */
    uint32_t restricted; /* the reader: 0: a caller that may see all; 1: the partners; 2: the public */
    uint32_t whole;      /* the lowest role that sees all of its document */
    int redacted;        /* it refers to records that the role may not see, and the references were removed */
    struct ouse_str warnings; /* those of the role's audience, if it has its own */
    struct ouse_str json;     /* for the role; no text unless LIVE */
    struct ouse_str into;     /* MERGED: the target */
};

static inline struct schema_times record_times(const struct record *record)
{
    return (struct schema_times){record->created, record->updated, {record->others[0], record->others[1]}};
}

/* Reads the whole of a record, for the register itself. Finds removed and merged ones too, with
 * their kind. The data is valid until the transaction ends. */
ouse_rc record_get(struct txn *txn, const struct collection *collection, struct ouse_str id,
                   struct record *record);

/* Reads a record for a role. Returns OUSE_E_NOT_FOUND if the role may not see it. Omits the fields
 * that the role may not see, and references to records that it may not see (redact.c); a record
 * that was merged into one of those counts as removed.
 *
 * At an instant of the past: reads the version of that time, if the role may see that version and
 * may see the record now: a record that was hidden later is hidden in its past too. The same holds
 * for the targets of its references. 0: the present.
 *
 * The bytes are valid until the transaction ends; if they had to be built for the role, they are in
 * the arena. */
ouse_rc record_as_of(struct txn *txn, const struct collection *collection, struct ouse_str id, uint32_t role,
                     int64_t as_of, struct arena *arena, struct record *record);

/* Leaves the references out of a record that a role may not see now, as record_as_of does. */
ouse_rc record_redact(struct txn *txn, uint32_t role, struct arena *arena, struct record *record);

/* Returns whether references in a field may be hidden from some role. */
int record_may_veil(struct txn *txn, const struct field *field);

/* Reports a record that does not exist (404, 410), and names it. */
ouse_rc record_missing(const struct collection *collection, struct ouse_str id, const struct record *removed,
                       struct problem *problem);

/* Reads one revision for a role. References of a replaced revision are those that the role could
 * see at its time. */
ouse_rc record_revision(struct txn *txn, const struct collection *collection, struct ouse_str id,
                        uint32_t revision, uint32_t role, struct arena *arena, struct record *record);

/* Finds the revision that a role saw before one that it sees; 0: no revision. It may be one that
 * hid the record. */
ouse_rc record_revision_before(struct txn *txn, const struct collection *collection, struct ouse_str id,
                               uint32_t revision, uint32_t role, uint32_t *before);

/* Reads a change for a role: sets entry->op to its meaning for the role. Returns OUSE_E_NOT_FOUND
 * if the role does not receive the change. If the record is hidden from the role now, the role
 * receives only the change that hid it, as JOURNAL_HIDE. */
ouse_rc record_change(struct txn *txn, const struct collection *collection, uint64_t sequence, uint32_t role,
                      struct journal_entry *entry);

/* ---- ETags (etag.c) ------------------------------------------------------ */

/* The strong ETag of the bytes of a record, with quotes; and of a body that is built from them. */
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

/* One predicate on a field, in the terms of operators.c. */
struct query_term {
    const struct field *field;
    const struct index *index;        /* the own index of the field; NULL: references may lack one */
    const struct query_range *ranges; /* ascending, and apart from each other */
    uint32_t n_ranges;
    int exact;                           /* each range is one entry */
    int every;                           /* all entries must be in the ranges, not just any */
    struct ouse_str below;               /* where the second half of a span must be below this */
    const struct query_order *led;       /* the entry must be the one by which a record is sorted */
    const struct query_through *through; /* a predicate on the referenced records: one for each target */
    const struct word_index *words; /* a predicate on words: ranges are of their index, without a field */
    int some;                       /* some of the words that begin so will do */
    int veiled;                     /* its keys name more than the role may see: scan.h */
    const struct query_tie *tie;    /* how texts compare if the ranges do not distinguish their entries */
    int of_ids;                     /* a predicate on the id: each range begins with one, sorted */
    const struct query_back *back;  /* of_ids: the ids are those that these records refer to */
    const struct ouse_str *named;   /* eq, ne, in: the entries of the values; for texts their classes */
    uint32_t n_named;
};

struct query_through {
    const struct collection *to; /* NULL where the target has no such field */
    const struct query_term *terms;
    uint32_t n_terms;
};

/* Records of another collection that refer to the queried ones. */
struct query_back {
    const struct collection *from;
    const struct field *field;
    const struct query_term *terms;
    uint32_t n_terms;
};

struct query_order {
    const struct field *field;
    const struct index *index;
    int descending;
};

/* Records of one collection that match all predicates, in the requested order; ties, and all
 * records without an order, ascending by id. */
struct query {
    const struct collection *collection;
    struct query_term terms[QUERY_TERMS];
    struct query_order orders[QUERY_SORTS];
    uint32_t n_terms, n_orders;
    uint32_t role;
    struct ouse_str after;     /* begin after this position; no text: at the beginning */
    int64_t as_of;             /* records at that instant; 0: the present */
    uint64_t steps;            /* keys to look at before rows are cut; 0: as many as it takes */
    struct deadline *deadline; /* checked while rows are read; NULL: no deadline */
};

void query_init(struct query *query, const struct collection *collection, uint32_t role);

/* Whether a field of a collection serves for something, for a role. */
typedef int (*field_fits)(const struct collection *collection, const struct field *field, uint32_t role);

/* Whether it can be filtered. */
int query_filters(const struct collection *collection, const struct field *field, uint32_t role);

/* Adds `name=value`, where name is `field`, `field[operator]`, either of them after a reference
 * (`pillar.hub[in]`), or `q` for words in any field. Returns OUSE_E_REQUEST, with a suggestion, if
 * the field does not exist, cannot be filtered or is hidden from the role, if the operator does not
 * exist or does not fit the type, or if the value is malformed. */
ouse_rc query_add(struct query *query, struct arena *arena, struct ouse_str name, struct ouse_str value,
                  struct problem *problem);

/* Adds one filter that has several values: those of `in`, each as it is. One value of `in` is a list: values
 * between commas, in quotes if they contain commas ("" is a quote in quotes). */
ouse_rc query_add_values(struct query *query, struct arena *arena, struct ouse_str name,
                         const struct ouse_str *values, uint32_t n, struct problem *problem);

/* Replaces ids of merged records, and identifiers that only merged records had, by those of the
 * records that they were merged into. Returns OUSE_E_REQUEST (`not_found`) for a reference to a
 * record that does not exist, was deleted or is hidden from the role; without a problem, such a
 * reference stays as it is. Call it once, in the snapshot from which the rows are read. */
ouse_rc query_resolve(struct txn *txn, struct query *query, struct arena *arena, struct problem *problem);

/* Finds the record that a merged one was merged into, across all merges, for the role at the
 * instant. Returns OUSE_E_NOT_FOUND if that is not live. */
ouse_rc record_survivor(struct txn *txn, const struct record *merged, uint32_t role, int64_t as_of,
                        struct arena *arena, struct record *survivor);

/* Sets the order: "a,-b". OUSE_E_REQUEST as query_add. */
ouse_rc query_sort(struct query *query, struct arena *arena, struct ouse_str text, struct problem *problem);

struct rows;

/* Opens rows over a snapshot or write transaction. The cost is that of the keys read (scan.h). The
 * arena frees them. Returns OUSE_E_REQUEST if `after` is not a position of the query. */
ouse_rc rows_open(struct txn *txn, const struct query *query, struct arena *arena, struct rows **rows);

/* Reads the next live record that the role may see; valid until the next call. Returns
 * OUSE_E_NOT_FOUND at the end. */
ouse_rc rows_next(struct rows *rows, struct record *record);

/* Returns whether rows ended because the steps were used up or the deadline was over: there may be
 * more after the position, which has moved. Rows that are out of time before they moved, or that
 * have no steps, fail with OUSE_E_UNAVAILABLE. */
int rows_cut(const struct rows *rows);

/* Returns the position after the last record, or after the last examined key. */
struct ouse_str rows_position(const struct rows *rows, struct arena *arena);

/* Gives the cursors back before the transaction ends; rows are at their end then. */
void rows_close(struct rows *rows);

/* Calls fn with each reference that a record has in a field; `to` is NULL if the collection is not
 * loaded. The id is valid until fn returns. */
void record_references(const struct record *record, const struct field *field,
                       void (*fn)(void *arg, const struct collection *to, struct ouse_str id), void *arg);

/* Returns the field with the least number by which a record, as its role sees it, refers to
 * target/id; or `field`, if only that one counts. Returns NULL if it does not refer to it. */
const struct field *record_refers(const struct record *record, const struct field *field, uint32_t target,
                                  struct ouse_str id);

/* Every reference to target/id, as stored: for referrers, removal and merge. At an instant, the
 * candidates: record_refers checks the version of that time. */
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
    CHANGE_EXACT,  /* the same for new records, which continue from the revision and times in their meta */
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
    struct pending *pending;          /* checks at the end of the set */
    int64_t budget;                   /* microseconds of processor time that the set may take; 0: no end */
    struct deadline deadline;         /* of the budget, on the thread that runs the set */
    /* The place in the body of the running change, "/operations/3/data". It precedes the pointers
     * of errors that are found only at the end of the set. */
    struct ouse_str place;
};

/* Reports work of a set, in units of its deadline. Fails if its budget is used up. */
ouse_rc change_charge(struct change_set *set, uint32_t units);

/* Runs fn, then settles, in one transaction of the writer; returns after the commit. fn may run
 * several times for one call (see writer.h). After fn and settling, `after` (may be NULL) reads
 * results in the same transaction: it must copy data that it keeps into the arena. */
typedef ouse_rc (*change_fn)(struct change_set *set, void *arg);
ouse_rc records_write(struct change_set *set, change_fn fn, change_fn after, void *arg, size_t bytes);

/* Runs fn, settles and runs `after` as records_write does, but in a rehearsal (engine.h). The
 * result is that of a write now, nothing is stored, and it does not wait for the writer. Rehearsals
 * run one at a time, on the calling threads, so that together they occupy only one processor. */
ouse_rc records_rehearse(struct change_set *set, change_fn fn, change_fn after, void *arg);

/* Checks that the declarations in the store are still the bound ones. Another process (a command
 * with other plugins) may have changed the meaning of the numbers in the keys. Further writes would
 * damage the indexes, so every change set begins with this check. */
ouse_rc records_current(struct records *records, struct txn *txn, struct problem *problem);

/* Adds the reasons why changes cannot be made now: the store is full (store_full) or failed (store_failed),
 * reads that began before another process enlarged the store are open (store_enlarged),
 * another process changed the collections (plugins_changed), or writes have been waiting for more than two
 * seconds (writer_waits, writer_busy, writer_commits). Makes no change itself. */
void records_ready(struct records *records, struct txn *txn, struct readiness *readiness);

/* Runs fn in the write transaction, for data other than records (the outbox). */
ouse_rc records_maintain(struct records *records, writer_fn fn, void *arg);

/* A condition on the present record; if there is a condition, it must not be empty. */
struct condition {
    struct ouse_str if_match; /* 428 when it is no text; 412, with `current`, when it does not match */
};

/* The result of one change. */
struct changed {
    struct ouse_str id;
    int created, unchanged;
};

/* Adds the present record and its ETag to the problem of the set, so that the client can try again
 * with them. */
void change_tell_current(struct change_set *set, const struct record *current);

/* The result of a write must not reveal hidden data to a caller below OUSE_OFFICE: such a caller
 * chooses no id, refers only to records that it may see, and sets no hidden field with a move; the
 * error of a clash does not name the other record.
 *
 * All of these functions accept documents from clients (they work on a copy), with `id` and `meta`:
 * `id` must agree, and of `meta` only `visibility` counts (but see CHANGE_EXACT). A change that
 * would leave the record as it is does nothing and sets `unchanged`. `condition` may be NULL. */
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

/* Defers the check of references for a set that continues after a failed change to report further
 * errors: it checks at the end, with the rest, that the targets of the document exist. */
void change_await_references(struct change_set *set, const struct collection *collection,
                             const cJSON *document);

/* Runs the checks of the end of the set: that unique values belong to one record, that removed
 * records have no referrers, and that the targets of references exist. Reports all errors. The end
 * of the set also runs it. */
ouse_rc change_settle_rules(struct change_set *set);

/* See ouse_recheck in host.h. */
void change_recheck(struct change_set *set, const struct collection *collection, struct ouse_str id);

/* ---- Verifying (audit.c) ----------------------------------------------- */

struct verify_report {
    uint64_t records, indexes, references, past, revisions, journal; /* seen, of loaded collections */
    uint64_t passed_over; /* keys of collections and indexes that are no longer declared */
    uint64_t faults;
    uint64_t last;                    /* sequence of the last journal entry, */
    unsigned char link[JOURNAL_HASH]; /* and its link: the end of the hash chain */
};

/* Recomputes indexes, references (past ones too), revisions and journal from the records and
 * compares; reports each fault (at most 100) through `tell`. */
ouse_rc records_verify(struct records *records, void (*tell)(void *arg, const char *fault), void *arg,
                       struct verify_report *report);

#endif
