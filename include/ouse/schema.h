/* schema.h: how a plugin declares its collections, as constant tables.
 *
 * From these tables the host gives storage, validation, queries, history,
 * permissions, import and export, without a line of C from the plugin:
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
 * All strings are UTF-8, NUL-terminated and live as long as the plugin, which
 * is never unloaded. A member that is left out is zero and means "nothing
 * special". The tables are checked once, at load: a mistake refuses the plugin
 * and names the collection, the field and what would be right.
 *
 * Caps: 40 characters of a name; 64 fields, and 4 label fields, of a collection; 8 keys of an
 * index, in 400 bytes of encoded values; 250 choices, and 64 targets, of a field.
 */
#ifndef OUSE_SCHEMA_H
#define OUSE_SCHEMA_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ouse_ctx;
struct ouse_doc;

/* ---- Field types -------------------------------------------------------
 * The JSON form of each. In all of them null and absent both mean "unknown";
 * an empty text or list is refused, so that unknown is said in one way only.
 *
 *   TEXT   "…"           one line, 1 to 500 characters unless max says otherwise
 *   LONG   "…"           text with line breaks, to 100,000 characters
 *   ENUM   "grant"       one of `choices`
 *   BOOL   true
 *   INT    42            whole, |n| <= 2^53
 *   MONEY  1234.5        at most two decimals, |n| <= 10^13; kept as whole pence
 *   DATE   "2026-01-31"  a day that exists (proleptic Gregorian, years 0001-9999)
 *   PDATE  "2026-01"     a day, a month or a year; compares as the span it is
 *   QTY    {"value":200000,"qualifier":"over","unit":"people"} or
 *          {"min":30000,"max":50000,"qualifier":"approx","unit":"people"};
 *          qualifiers exact (when absent) approx over under range; |n| <= 2^53
 *   URL    "https://…"   http or https, absolute (RFC 3986)
 *   EMAIL  "a@b.org"     addr-spec of RFC 5321 without quoted local parts
 *   REF    "record-id"   of the one collection in `refers_to`, or
 *          "collection/record-id" where it names several, or "*"
 *   REFS   ["…", …]      an ordered list of REF, each once
 *   LIST   ["…", …]      of text to 500 characters, or of `choices`, each once,
 *                        where there are some
 *   IDS    [{"scheme":"ods","value":"RWK"}]  external identifiers, one of a
 *          scheme; checked, and found by /-/by/{scheme}/{value}; a value
 *          belongs to one record of the collection. Schemes, named in
 *          `choices`: ods orcid ror ukprn charity company 360giving nihr gtr iras
 *          cpms isrctn nct doi gss
 *   SERIES [{"on":"2026-01","value":12.5}, …]  what was measured, and when (as
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
#define OUSE_REQUIRED   0x01u /* a record without it is not valid                                    */
#define OUSE_INDEXED    0x02u /* can be filtered, sorted, faceted; references always can             */
#define OUSE_UNIQUE     0x04u /* no two records of the collection have the same value (409)          */
#define OUSE_SEARCHABLE 0x08u /* its words are searched; identifiers and titles of choices always are */
#define OUSE_SYSTEM     0x10u /* set by hooks and by the host; a client that changes it gets 422     */
#define OUSE_FIXED      0x20u /* may be set at creation only                                         */
#define OUSE_SCHEME     0x40u /* TEXT that is one identifier, of the one scheme in `choices` (orcid); unique */

/* What becomes of a reference when a client deletes what it points to. */
#define OUSE_RESTRICT 0 /* the deletion is refused: 409, listing who refers              */
#define OUSE_CASCADE  1 /* the record that holds the reference is deleted with it        */
#define OUSE_NULLIFY  2 /* the reference is taken out (of a list: that entry)            */

struct ouse_field {
    const char *name; /* snake_case, unique in the collection; not id, meta, sources */
    uint32_t type;    /* OUSE_TEXT … OUSE_SERIES */
    uint32_t flags;
    /* REF, REFS: collections it may point to, separated by spaces. A collection
     * of another plugin is written collection@plugin; where that plugin is not
     * loaded, a value is refused and the message names the plugin to enable. "*"
     * is every collection of the register, whatever plugins it has. */
    const char *refers_to;
    const char *choices; /* ENUM, LIST, IDS: the values that are accepted, separated by spaces */
    const char *dflt;    /* JSON text of the value that a new record gets when it brings none */
    int64_t min, max;    /* bounds, when not both 0: of the value (INT, QTY; MONEY in pence), of the
                            number of characters (text), of the number of entries (lists; 1 to
                            1,000 unless said). A max of 0 beside a min above 0 is no bound. */
    const char *pattern; /* TEXT: POSIX extended regular expression that all of it must match */
    const char *after;   /* DATE, PDATE: name of the field that this one may not lie wholly before */
    uint32_t on_delete;  /* REF, REFS: OUSE_RESTRICT, … */
    uint32_t visibility; /* OUSE_PUBLIC, OUSE_PARTNER or OUSE_OFFICE: who may see it */
    const char *title;   /* for people; made from the name when absent */
    const char *doc;     /* one sentence for authors of clients */
};

/* A compound index, or a unique constraint over several fields. Records that
 * lack one of the keys are not in the index and do not clash. */
struct ouse_index {
    const char *name; /* unique in the collection; the `code` of a clash is "unique" */
    const char *keys; /* field names separated by spaces, most significant first */
    uint32_t flags;   /* 0 or OUSE_UNIQUE */
};

/* One step of a state machine. */
struct ouse_move {
    const char *from;  /* states it may start from, separated by spaces */
    const char *to;    /* the state it leads to */
    const char *title; /* for a button: "Award" */
    uint32_t role;     /* least role that may do it; 0 means OUSE_MANAGER */
    const char *doc;
};

/* A state machine on an ENUM field whose choices are the states. The field
 * changes by moves only (POST …/{id}/move), never by replace or patch; a
 * manager and an import may create a record in any state. */
struct ouse_flow {
    const char *field;
    const char *initial;
    OUSE_TABLE(struct ouse_move)
    moves;
};

/* A value computed at each read from the record and the clock, and kept
 * nowhere. `fn` puts it under `name` into `record` (ouse_set_…); it may read other
 * records, and sees what the caller may see. Where it fails, the read fails,
 * and so does the write that was to be answered with it. */
struct ouse_derived {
    const char *name;
    uint32_t type;
    ouse_rc (*fn)(struct ouse_ctx *ctx, struct ouse_doc *record);
    const char *doc;
};

/* ---- Collection flags --------------------------------------------------
 * Where creation is open, those who do not see all get an id from the register
 * (the label and some letters), refer to what they may see only, and are not
 * told which record has a value already: a form tells nothing of what is hidden. */
#define OUSE_OPEN_CREATE 0x01u /* anybody may create, even where the collection is not public   */
#define OUSE_CITED                                                                      \
    0x02u                    /* its records are what `sources[].publication` refers to; \
                                at most one collection of a register has this */
#define OUSE_NO_CREATE 0x04u /* verbs that web clients do not get; hooks and imports do       */
#define OUSE_NO_CHANGE 0x08u /* PUT, PATCH                                                     */
#define OUSE_NO_REMOVE 0x10u /* DELETE                                                         */

struct ouse_collection {
    const char *name;     /* plural, kebab-case, unique in the register: "care-models" */
    const char *singular; /* "care-model" */
    const char *title;    /* for people: "Care models" */
    const char *doc;
    uint32_t version; /* of the schema, from 1; see struct ouse_migration */
    uint32_t flags;
    uint32_t visibility; /* least visibility of its records, and what a new one gets */
    uint32_t reserved;
    const char *label_field; /* fields, separated by spaces, from which ids and titles are made */
    OUSE_TABLE(struct ouse_field)
    fields;
    OUSE_TABLE(struct ouse_index)
    indexes;
    OUSE_TABLE(struct ouse_flow)
    flows;
    OUSE_TABLE(struct ouse_derived)
    derived;
    /* Its former name, if it was renamed. A store that has the collection under that name is migrated
     * at start: ids, histories and references stay. Requests for paths with the former name get 308,
     * and the name is accepted in references, batches and imports, until another collection has it. */
    const char *was;
};

/* ---- Words: what OUSE_SEARCHABLE fields are found by --------------------
 * One plugin of a register may say what the words of a text are
 * (ouse_plugin.analyse); the host keeps them in an index, as it keeps any other. */

/* What a form of a word is good for. A form with neither of the first two flags is in the
 * index, so that questions find it, but a question with this word does not look for it. */
#define OUSE_WORD_WHOLE  0x01u /* finds whole words: a stem                                    */
#define OUSE_WORD_BEGINS 0x02u /* finds beginnings: the word as it is written, but for its case */
#define OUSE_WORD_COMMON 0x04u /* a question of several words does without it: "the"            */

#define OUSE_WORD_MAX 64 /* bytes of a form */

/* Takes one form of a word: 1 to OUSE_WORD_MAX bytes without a zero, lent until it
 * returns; and from which byte of the text to which it is of. Forms of one place
 * ("running" and "run") are as good as each other. So is a form of a longer place
 * ("coproduction", of "co-production") as each of those within it ("co", "production"). */
typedef void (*ouse_word_fn)(void *arg, struct ouse_str form, uint32_t flags, uint32_t from, uint32_t to);

/* Calls fn with each form of each word, in the order in which they end. Any text may
 * come, on any thread and several at a time, before `start` and after `stop`; the same
 * text has the same words, always. */
typedef void (*ouse_analyse_fn)(struct ouse_str text, ouse_word_fn fn, void *arg);

#ifdef __cplusplus
}
#endif
#endif
