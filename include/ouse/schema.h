/* schema.h: declarations of collections, as constant tables.
 *
 * From these tables the host provides storage, validation, queries, history, permissions, import
 * and export, without a line of C in the plugin:
 *
 *     static const struct ouse_field book_fields[] = {
 *         {.name = "title", .type = OUSE_TEXT, .flags = OUSE_REQUIRED},
 *         {.name = "author", .type = OUSE_REF, .refers_to = "people@directory"},
 *         {.name = "published", .type = OUSE_PDATE},
 *     };
 *     static const struct ouse_collection collections[] = {
 *         {.name = "books", .singular = "book", .label_field = "title", .version = 1,
 *          .fields = OUSE_ROWS(book_fields)},
 *     };
 *
 * All strings are UTF-8, NUL-terminated and live as long as the plugin, which is never unloaded. A
 * member that is left out is zero and means "nothing special". The host checks the tables once, at
 * load. If it finds a mistake, it rejects the plugin and names the collection, the field and the
 * correct form.
 *
 * Limits: 40 characters in a name; 64 fields and 4 label fields in a collection; 8 keys in an
 * index, with 400 bytes of encoded values; 250 choices and 64 targets in a field. */
#ifndef OUSE_SCHEMA_H
#define OUSE_SCHEMA_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ouse_ctx;
struct ouse_doc;

/* ---- Field types -------------------------------------------------------
 * The JSON form of each. In all of them, null and absent both mean "unknown". An empty text or list
 * is rejected, so that there is one way to write "unknown".
 *
 *   TEXT   "…"           one line, 1 to 500 characters unless max differs
 *   LONG   "…"           text with line breaks, up to 100,000 characters
 *   ENUM   "grant"       one of `choices`
 *   BOOL   true
 *   INT    42            a whole number, |n| <= 2^53
 *   MONEY  1234.5        at most two decimals, |n| <= 10^13; stored as whole pence
 *   DATE   "2026-01-31"  a day that exists (proleptic Gregorian, years 0001-9999)
 *   PDATE  "2026-01"     a day, a month or a year; compares as the span it covers
 *   QTY    {"value":200000,"qualifier":"over","unit":"people"} or
 *          {"min":30000,"max":50000,"qualifier":"approx","unit":"people"};
 *          qualifiers exact (if absent) approx over under range; |n| <= 2^53
 *   URL    "https://…"   http or https, absolute (RFC 3986)
 *   EMAIL  "a@b.org"     addr-spec of RFC 5321 without quoted local parts
 *   REF    "record-id"   of the one collection in `refers_to`, or
 *          "collection/record-id" if it names several, or "*"
 *   REFS   ["…", …]      an ordered list of REF, each once
 *   LIST   ["…", …]      of text up to 500 characters, or of `choices` if there
 *                        are some; each value once
 *   IDS    [{"scheme":"ods","value":"RWK"}]  external identifiers, one per
 *          scheme; validated, and found by /-/by/{scheme}/{value}; a value
 *          belongs to one record of the collection. Schemes, named in
 *          `choices`: ods orcid ror ukprn charity company 360giving nihr gtr iras
 *          cpms isrctn nct doi gss
 *   SERIES [{"on":"2026-01","value":12.5}, …]  measurements and their dates (as
 *          PDATE); each begins later than the one before; |n| <= 2^53
 */
#define OUSE_TEXT   1
#define OUSE_LONG   2
#define OUSE_ENUM   3
#define OUSE_BOOL   4
#define OUSE_INT    5
#define OUSE_MONEY  6
#define OUSE_DATE   7
#define OUSE_PDATE  8
#define OUSE_QTY    9
#define OUSE_URL    10
#define OUSE_EMAIL  11
#define OUSE_REF    12
#define OUSE_REFS   13
#define OUSE_LIST   14
#define OUSE_IDS    15
#define OUSE_SERIES 16

/* ---- Field flags ------------------------------------------------------- */
#define OUSE_REQUIRED   0x01u /* a record without it is not valid */
#define OUSE_INDEXED    0x02u /* can be filtered, sorted and faceted; references always filter and facet */
#define OUSE_UNIQUE     0x04u /* no two records of the collection have the same value (409)          */
#define OUSE_SEARCHABLE 0x08u /* search finds its words; identifiers and titles of choices always */
#define OUSE_SYSTEM     0x10u /* set by hooks and by the host; a client that changes it gets 422 */
#define OUSE_FIXED      0x20u /* can be set at creation only */
#define OUSE_SCHEME     0x40u /* TEXT that is one identifier, of the one scheme in `choices` (orcid); unique */

/* The effect on a reference when a client deletes its target. */
#define OUSE_RESTRICT 0 /* the deletion is rejected: 409, with a list of the referrers */
#define OUSE_CASCADE  1 /* the record that holds the reference is deleted too */
#define OUSE_NULLIFY  2 /* the reference is removed (from a list: that entry) */

struct ouse_field {
    const char *name; /* snake_case, unique in the collection; not id, meta, sources */
    uint32_t type;    /* OUSE_TEXT … OUSE_SERIES */
    uint32_t flags;
    /* REF, REFS: collections it may point to, separated by spaces. A collection of another plugin
     * is written collection@plugin; if that plugin is not loaded, a value is rejected and the
     * message names the plugin to enable. "*" is every collection of the register. */
    const char *refers_to;
    const char *choices; /* ENUM, LIST, IDS: the values that are accepted, separated by spaces */
    const char *dflt;    /* JSON text of the value for a new record that has no value */
    /* Bounds, if not both are 0: of the value (INT, QTY; MONEY in pence), of the number of
     * characters (text), of the number of entries (lists; 1 to 1,000 by default). A max of 0 with a
     * min above 0 is no bound. */
    int64_t min, max;
    const char *pattern; /* TEXT: POSIX extended regular expression that the whole text must match */
    const char *after;   /* DATE, PDATE: name of a field; the whole of this date must not be before it */
    uint32_t on_delete;  /* REF, REFS: OUSE_RESTRICT, … */
    uint32_t visibility; /* OUSE_PUBLIC, OUSE_PARTNER or OUSE_OFFICE: the least role that may see it */
    const char *title;   /* for people; derived from the name if absent */
    const char *doc;     /* one sentence for authors of clients */
    /* REF, REFS: the heading over the records that refer by it, on the page of the record that they
     * refer to: "Projects", "Part of". If absent, the title of the collection. */
    const char *inverse;
};

/* A compound index, or a unique constraint over several fields. Records that lack one of the keys
 * are not in the index and do not clash. */
struct ouse_index {
    const char *name; /* unique in the collection; the `code` of a clash is "unique" */
    const char *keys; /* field names separated by spaces, most significant first */
    uint32_t flags;   /* 0 or OUSE_UNIQUE */
};

/* One step of a state machine. */
struct ouse_move {
    const char *from;  /* states from which it may start, separated by spaces */
    const char *to;    /* the state after the move */
    const char *title; /* for a button: "Award" */
    uint32_t role;     /* least role for the move; 0 means OUSE_MANAGER */
    const char *doc;
};

/* A state machine on an ENUM field; its choices are the states. The field changes by moves only
 * (POST …/{id}/move), never by replace or patch. A manager and an import can create a record in any
 * state. */
struct ouse_flow {
    const char *field;
    const char *initial;
    OUSE_TABLE(struct ouse_move)
    moves;
};

/* A value that is computed at each read, from the record and the time, and not stored. `fn` adds it
 * to `record` under `name` (ouse_set_…) and returns OUSE_OK. It may read other records, and sees
 * what the caller may see. If it fails, the read fails, and so does a write whose response would
 * contain the record. */
struct ouse_derived {
    const char *name;
    uint32_t type;
    ouse_rc (*fn)(struct ouse_ctx *ctx, struct ouse_doc *record);
    const char *doc;
};

/* ---- Joins ---------------------------------------------------------------
 * A record that joins two others, such as an appointment of a person to a body. Readers see it as a row on
 * the pages of both: on the person's page the role, the body and since when; on the body's page the person.
 * The row links to the other record, not to the join. Members are names of fields:
 *
 *     .join = {.of = "person", .with = "body", .role = "title role", .from = "starts", .to = "ends"}
 */
struct ouse_join {
    const char *of;   /* REF or REFS: the record that has the row; NULL: the collection is no join */
    const char *with; /* REF or REFS: the other record, or several fields separated by spaces; NULL if the
                         row has none: an aim of a cluster */
    const char *role; /* what one is to the other: the first of these fields that has a value, as text */
    const char *from, *to; /* DATE or PDATE: since when, and until when */
    const char *amount;    /* MONEY or INT */
    const char *text;      /* TEXT or LONG: words that are shown in full, as a quotation of `with` */
    const char *order;     /* INT: the place of the row; without it, rows are in the order of time: those of
                              today first, the latest first */
};

/* ---- Collection flags --------------------------------------------------
 * If creation is open, the response to a restricted caller must not reveal hidden data: the
 * register chooses the id (the label and some letters), the caller can refer only to records that
 * it may see, and an error does not name the record that already has a value. */
#define OUSE_OPEN_CREATE 0x01u /* everyone may create records, even if the collection is not public */
/* `sources[].publication` refers to its records; at most one collection of a register has this */
#define OUSE_CITED     0x02u
#define OUSE_NO_CREATE 0x04u /* web clients have no POST; hooks and imports do */
#define OUSE_NO_CHANGE 0x08u /* no PUT, PATCH */
#define OUSE_NO_REMOVE 0x10u /* no DELETE */

struct ouse_collection {
    const char *name;     /* plural, kebab-case, unique in the register: "care-models" */
    const char *singular; /* "care-model" */
    const char *title;    /* for people: "Care models" */
    const char *doc;
    uint32_t version; /* version of the schema, from 1; see struct ouse_migration */
    uint32_t flags;
    uint32_t visibility; /* least visibility of its records, and the visibility of a new one */
    uint32_t reserved;
    const char *label_field; /* fields, separated by spaces, from which ids and titles are derived */
    OUSE_TABLE(struct ouse_field)
    fields;
    OUSE_TABLE(struct ouse_index)
    indexes;
    OUSE_TABLE(struct ouse_flow)
    flows;
    OUSE_TABLE(struct ouse_derived)
    derived;
    /* Its former name, if it was renamed. A store that has the collection under that name is
     * migrated at start: ids, histories and references stay. Requests for paths with the former
     * name return 308, and references, batches and imports accept the name, until another
     * collection has it. */
    const char *was;
    /* How pages show its records. Everything is a name of a field, or several names separated by
     * spaces, visible to every role that may see the record. */
    struct ouse_join join;
    const char *parent;  /* REF: the record above it, such as the hub of a pillar: pages show the way up, and
                            the other records with the same parent */
    const char *context; /* distinguishes records of the same name: the first of these fields that has a
                            value, as "Site of Bedford Hospital" (a reference) or "NHS trust" (a choice) */
    const char *honorific; /* TEXT: goes before the label in the heading of its page: "Dr" */
    const char *subtitle;  /* TEXT: goes after the label and a colon */
    /* Its title in the navigation, if it is one of the subjects that readers look for: "Places". Subjects
     * are in the order of `subject_order`. */
    const char *subject;
    uint32_t subject_order;
    uint32_t reserved_2;
};

/* ---- Words: how OUSE_SEARCHABLE fields are found ------------------------
 * One plugin of a register can define the words of a text (ouse_plugin.analyse). The host keeps
 * them in an index, like any other. */

/* The use of a form of a word. A form with neither of the first two flags is in the index, so that
 * queries find it, but a query with this word does not look it up. */
#define OUSE_WORD_WHOLE  0x01u /* matches whole words: a stem */
#define OUSE_WORD_BEGINS 0x02u /* matches beginnings: the word as written, without regard to case */
#define OUSE_WORD_COMMON 0x04u /* a query of several words ignores it: "the" */

#define OUSE_WORD_MAX 64 /* bytes of a form */

/* Receives one form of a word: 1 to OUSE_WORD_MAX bytes without a zero, valid until it returns, and
 * the first and last byte of its place in the text. Forms of one place ("running" and "run") are
 * equivalent. A form of a longer place ("coproduction", of "co-production") is equivalent to each
 * of those within it ("co", "production"). */
typedef void (*ouse_word_fn)(void *arg, struct ouse_str form, uint32_t flags, uint32_t from, uint32_t to);

/* Calls fn with each form of each word, in the order in which they end. It is called with any text,
 * on any thread, concurrently, and also before `start` and after `stop`. It must always return the
 * same words for the same text. */
typedef void (*ouse_analyse_fn)(struct ouse_str text, ouse_word_fn fn, void *arg);

#ifdef __cplusplus
}
#endif
#endif
