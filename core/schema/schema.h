/* schema: the collections of all plugins, compiled once at load.
 *
 *   ouse_collection (a plugin's table) ──schema_add──> struct collection
 *                         all of them ──schema_link──> references resolved
 *
 * After linking (and numbering, which the record layer does from the store)
 * everything here is constant and shared by all threads without locks. The
 * functions are pure: they know neither the store nor HTTP. A document is a
 * cJSON object with the record's fields and `sources`, without `id` and `meta`.
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include "../base/json.h"
#include <ouse/schema.h>
#include <regex.h>

#define SCHEMA_FIELDS_MAX 64
#define SCHEMA_ID_MAX     80
#define SCHEMA_NAME_MAX   40  /* characters of the name of a collection, field or index */
#define SCHEMA_ANY        "*" /* refers_to: any collection */

struct collection;

/* One collection that a reference may point to. */
struct target {
    const char *collection, *plugin; /* plugin: the plugin that provides it; NULL if it is not stated */
    const struct collection *to;     /* NULL while it is not loaded */
    uint32_t number;                 /* the collection's, loaded or not; 0: the store never saw it */
};

struct type;

struct field {
    struct ouse_field is;    /* the declaration, zero-filled where the plugin's is older */
    const struct type *type; /* what the type of the declaration does: types.h */
    uint32_t number;         /* in stored keys; given out once, kept in the store */
    const char *title;       /* never NULL */
    const char **choices;    /* of ENUM, LIST, IDS */
    struct ouse_str *titles; /* of the choices, for people: "Not disclosed" */
    uint32_t n_choices;
    struct target *targets; /* of REF, REFS */
    uint32_t n_targets;
    int qualified;             /* values are "collection/id": there are several targets, or any may be one */
    const cJSON *dflt;         /* or NULL */
    regex_t *pattern;          /* or NULL */
    const struct field *after; /* or NULL */
    const struct flow *flow;   /* or NULL */
};

struct move {
    struct ouse_move is;
    const char **from;
    uint32_t n_from;
};

struct flow {
    const struct field *field;
    const char *initial;
    struct move *moves;
    uint32_t n_moves;
};

/* An index. Every indexed or unique field has one of the same name; IDS fields have one over
 * (scheme, value), unique; SCHEME fields one, unique; each time has one. */
struct index {
    const char *name;
    uint32_t number;
    const struct field **keys;
    uint32_t n_keys;
    int unique;
};

/* The analyser of words, and its plugin. */
struct analyser {
    ouse_analyse_fn analyse;
    uint32_t version;
    const char *plugin;
};

/* The words of a collection; see search_entries.c. */
struct word_index {
    const struct analyser *analyser;
    uint32_t number; /* of their index */
};

/* A field by which another collection, or the same, refers to one. */
struct back_reference {
    const struct collection *from;
    const struct field *field;
};

struct collection {
    struct ouse_collection is; /* the declaration; its tables are not used any more */
    const char *plugin;        /* the plugin that declares it */
    uint32_t number;
    uint64_t epoch;       /* of the store; see store/epoch.h */
    struct field *fields; /* in the order of declaration */
    uint32_t n_fields;
    struct field *times; /* the system fields `created` and `updated`: after the fields, not counted there */
    struct index *indexes;
    uint32_t n_indexes;
    struct flow *flows;
    uint32_t n_flows;
    struct ouse_derived *derived;
    uint32_t n_derived;
    const struct field **labels; /* from which ids are made */
    uint32_t n_labels;
    uint32_t most_hidden;          /* the highest visibility of a field */
    struct field *sources;         /* the system field `sources`: lists that refer into the cited collection;
                                      its target is NULL while no such collection is loaded */
    const struct field **searched; /* the fields with words in the index: see schema_searched */
    uint32_t n_searched;
    struct word_index *words;    /* NULL if no plugin defines words */
    void *hooks;                 /* the record layer's */
    struct back_reference *back; /* schema_link's; without fields that may refer to any collection */
    uint32_t n_back, back_room;
};

#define SCHEMA_TIMES 2

/* When a record was made and when it was changed last, in ms: in its head, not in its document. */
struct schema_times {
    int64_t created, updated;
    int64_t
        others[2]; /* further times at which audiences saw the record change, for its index entries, or 0 */
};

struct schema;

struct schema *schema_create(void);
void schema_destroy(struct schema *schema); /* legal on NULL */

/* Words that titles made of names write so ("NHS ICB"), before the collections that have
 * them are added; and a name as people write it: "nhs_trust" is "NHS trust". */
void schema_spell(struct schema *schema, const char *words);
struct ouse_str schema_title(const struct schema *schema, struct arena *arena, struct ouse_str name);

/* Compiles one declaration of `stride` bytes. Returns OUSE_E_CONFLICT if the name is taken (names
 * both plugins), OUSE_E_INVALID for a mistake in the table (names plugin, collection, field and the
 * correct form). */
ouse_rc schema_add(struct schema *schema, const char *plugin, const struct ouse_collection *declared,
                   uint32_t stride, struct problem *problem);

/* Lower-case words, letter first, joined by single separators, SCHEMA_NAME_MAX at most. */
int schema_name_valid(const char *name, char separator);

/* The words of a list separated by spaces; NULL is an empty list. */
const char **schema_words(struct arena *arena, const char *list, uint32_t *n);

/* Resolves references between collections; to be called once, after the last add. */
ouse_rc schema_link(struct schema *schema, struct problem *problem);

/* Gives every collection an index of words. The analyser is copied. */
void schema_analyse(struct schema *schema, const struct analyser *analyser);

uint32_t schema_count(const struct schema *schema);
struct collection *schema_at(const struct schema *schema, uint32_t i);             /* by name, ascending */
struct collection *schema_find(const struct schema *schema, struct ouse_str name); /* or NULL */

/* Returns the collection of this name; otherwise the one with this former name; otherwise NULL. */
struct collection *schema_find_renamed(const struct schema *schema, struct ouse_str name);
struct collection *schema_numbered(const struct schema *schema,
                                   uint32_t number); /* The id of records, as a field of text. */
extern const struct field schema_id_field;

/* or NULL; after numbering */
const struct field *schema_field(const struct collection *collection, struct ouse_str name); /* or NULL */
const struct index *schema_index(const struct collection *collection, struct ouse_str name); /* or NULL */

/* Returns a field by name, as schema_field does, or one of the times: the fields by which lists are
 * filtered and sorted. */
const struct field *schema_asked(const struct collection *collection, struct ouse_str name); /* or NULL */

/* Returns whether a role may know of the collection: it may see records, or create one. */
int schema_told(const struct collection *collection, uint32_t role);

/* Returns the i-th field of a collection; `sources` is the last, after the declared ones. */
const struct field *schema_field_at(const struct collection *collection, uint32_t i);

/* Whether values of the field are lists; sources are one. */
int schema_is_list(const struct field *field);

/* Whether the field is one of the times. */
int schema_is_time(const struct field *field);

/* ---- Documents: check_document.c ------------------------------------------------ */

/* 1-80 characters [a-z0-9] and single inner hyphens. */
int schema_id_valid(struct ouse_str id);

/* An id from the label fields: case and accents folded, everything else becomes
 * single hyphens, cut at a hyphen to SCHEMA_ID_MAX - 6 (room for "-12345").
 * Falls back to the singular. References contribute their id. */
struct ouse_str schema_make_id(struct arena *arena, const struct collection *collection,
                               const cJSON *document);

#define SCHEMA_ANY_STATE 1u /* state-machine fields may be set to any state */
#define SCHEMA_SYSTEM    2u /* system and fixed fields may be set */

/* Checks the document of a client before hooks fill in. It must be an object without fields that
 * are unknown to the client's role ("did you mean"); system, fixed and state fields must equal
 * those of `before` (NULL for a new record) unless `allow` permits a change. Removes nulls. If
 * `before` is given, missing system and state fields are copied from it; if it is NULL, defaults
 * and initial states are set. Collects all errors (422); if there are any, checks the values too,
 * so that all are reported together. */
ouse_rc schema_accept(const struct collection *collection, cJSON *document, const cJSON *before,
                      uint32_t allow, uint32_t role, struct problem *problem);

/* Rejects the members of an object that are no field for a role (422, `unknown_field`). A
 * field above the role gets the same answer as one that does not exist, and no message names it. */
ouse_rc schema_check_names(const struct collection *collection, const cJSON *object, uint32_t role,
                           struct problem *problem);

/* The whole document by the rules of its fields: types, bounds, patterns,
 * choices, schemes, required, `after`, sources. Normalises in place: removes
 * nulls. All errors at once (422), each with a pointer. That references exist
 * is not looked at here. */
ouse_rc schema_check(const struct collection *collection, cJSON *document, struct problem *problem);

/* Takes the members that are null out of an object. */
void schema_drop_nulls(cJSON *object);

/* The open moves of a flow from a state, as JSON [{"to":…,"title":…,"role":…}]. */
void schema_open_moves(const struct flow *flow, struct ouse_str state, struct buffer *out);
const struct move *schema_move(const struct flow *flow, struct ouse_str from,
                               struct ouse_str to); /* or NULL */

/* ---- Bytes: encode.c --------------------------------------------------- */

struct schema_meta {
    uint32_t revision;
    int64_t created, updated; /* ms */
    uint32_t visibility;
    const cJSON *warnings; /* array, or NULL */
};

/* The record as a caller of `role` sees it: id, fields in declared order,
 * sources, meta. Sources and warnings that speak of a field that the caller may
 * not see are left out with it. Equal input gives equal bytes. */
void schema_encode(const struct collection *collection, struct ouse_str id, const cJSON *document,
                   const struct schema_meta *meta, uint32_t role, struct buffer *out);

/* Whether the document has something that a caller of `role` does not see. */
int schema_hides(const struct collection *collection, const cJSON *document, const struct schema_meta *meta,
                 uint32_t role);

/* The lowest role that may see a warning. */
uint32_t schema_warning_visibility(const struct collection *collection, const cJSON *warning);

/* Rejects unknown members of a client's `meta`; ignores the values of the others, except the
 * visibility, because the register sets them. Removes nulls. */
ouse_rc schema_check_meta(cJSON *meta, struct problem *problem);

/* "public", "partner", "office", "manager": names of the one scale of roles and visibilities. */
const char *schema_role_name(uint32_t role);
int schema_visibility(struct ouse_str name, uint32_t *visibility); /* 0, or -1 */

/* ---- Keys: index.c ----------------------------------------------------- */

#define SCHEMA_KEY_MAX 400 /* bytes of the encoded values of one index entry */

/* Encodings keep order bytewise: INT and MONEY (pence) big-endian with flipped
 * sign; DATE and PDATE first and last day; QTY low and high bound (doubles by
 * bits); BOOL a byte; ENUM by position among the choices; text by its sort key
 * (base/collate.h), cut if it is long; REF the id (with its collection if there are
 * several), ended by a zero byte; times ms. A compound key is the concatenation, of
 * folded text (utf8proc NFKC casefold); it serves uniqueness. Keys that may not fit,
 * and LONG ones, are a mistake of the declaration. */

/* Calls fn with each entry of the document in the index: none if a key is missing, several if a key
 * is multi-valued. Entries may repeat. */
void schema_index_entries(const struct index *index, const cJSON *document, const struct schema_times *times,
                          void (*fn)(void *arg, struct ouse_str entry), void *arg);

/* The value of one of the times, for schema_field_entries. */
cJSON schema_time(const struct field *field, const struct schema_times *times);

/* Calls fn with the entry of each value that the field of an indexable type has. */
void schema_field_entries(const struct field *field, const cJSON *value,
                          void (*fn)(void *arg, struct ouse_str entry), void *arg);

/* Appends the encoding of a value given as text ("2026-01", "12.50", "true") for equality to `out`.
 * Returns OUSE_E_REQUEST if it is not a value of the field's type (the bounds and the pattern of
 * the field do not matter). For IDS: "scheme:value"; for a time the first and the last ms of its
 * span. */
ouse_rc schema_encode_text(const struct field *field, struct ouse_str text, struct buffer *out,
                           struct problem *problem);

/* Texts are in the order of their sort keys, and equal if they have the same letters and are the same when
 * folded. The equal ones need not stand together: Strasse, Strassé, Straße. */

#define SCHEMA_TEXT_HEAD 128 /* bytes of a longer sort key that its entry begins with */
#define SCHEMA_CLASS_MAX (SCHEMA_TEXT_HEAD + 17)

/* Returns the version of stored text keys: if it changes, they are rebuilt. NULL: ICU has no data. */
struct ouse_str schema_text_version(struct arena *arena);

/* Whether the entries of the field's own index are texts in order. */
int schema_orders_text(const struct field *field);

/* Whether an entry of a text has only a head of its sort key: entries with the same head sort by hashes. */
int schema_is_cut(struct ouse_str entry);

/* Returns the sort key of a text of any length, or no text. */
struct ouse_str schema_text_order(struct arena *arena, struct ouse_str text);

/* Returns the sort key in the entry of a text, which points into it. For a cut entry it is the
 * entry. */
struct ouse_str schema_entry_order(struct ouse_str entry);

/* The common part of equal texts. Their entries begin with its first `n_letters` bytes. */
struct text_class {
    uint32_t n, n_letters;
    char at[SCHEMA_CLASS_MAX];
};
void schema_text_class(struct ouse_str entry, struct text_class *class);

/* A text as it is compared for being equal. No text if it is not UTF-8. */
struct ouse_str schema_text_folded(struct arena *arena, struct ouse_str text);

/* Returns the sort key of the value of a field, or of the value in a list, that has an entry, or no
 * text. */
struct ouse_str schema_order_of(struct arena *arena, const struct field *field, const cJSON *value,
                                struct ouse_str entry);

/* Calls fn with each text that a field has, and its entry. */
void schema_text_entries(const struct field *field, const cJSON *value,
                         void (*fn)(void *arg, struct ouse_str entry, struct ouse_str text), void *arg);

/* Returns the bytes at the beginning of all entries of texts with this beginning; they point into
 * it. */
struct ouse_str schema_text_beginning(struct arena *arena, struct ouse_str folded);

/* Calls fn for each reference in the document. `entry` is the position in a
 * list, or -1; `target` may be not loaded (target->to == NULL). */
void schema_references(const struct collection *collection, const cJSON *document,
                       void (*fn)(void *arg, const struct field *field, int entry,
                                  const struct target *target, struct ouse_str id),
                       void *arg);

/* Whether a reference is meant. */
typedef int (*reference_fn)(void *arg, const struct target *target, struct ouse_str id);

/* Whether one is among the references in a field's value, in bytes that we wrote; nothing is parsed. */
int schema_refers(const struct field *field, struct ouse_str value, reference_fn is_meant, void *arg);

/* Removes the references that match from a field; sources are removed as a whole. Removes an empty
 * list. */
void schema_drop_references(const struct field *field, cJSON *document, reference_fn is_meant, void *arg);

/* Appends the references of `before` that match to the present ones of the field. */
void schema_keep_references(const struct field *field, cJSON *document, const cJSON *before,
                            reference_fn is_meant, void *arg);

/* Replaces references to collection/id by ones to `into`, or removes them if `into` is no text;
 * only in `field`, or in all fields if it is NULL. Removes duplicates from lists. Returns the
 * number of changes. */
uint32_t schema_replace_reference(const struct collection *collection, cJSON *document,
                                  const struct field *field, const struct collection *target,
                                  struct ouse_str id, struct ouse_str into);

/* ---- Words: search_entries.c ---------------------------------------------------- */

/* Returns the i-th field with words in the index, then NULL. They are the searchable fields, those
 * of choices (by their titles), identifiers, and last `sources`. */
const struct field *schema_searched(const struct collection *collection, uint32_t i);

/* Whether the values of a field are identifiers: of schemes, in IDS or text. */
int schema_is_code(const struct field *field);

/* Returns whether the field is `sources`; its quotations are searched. */
int schema_is_sources(const struct field *field);

/* Describes which texts of a collection are searched: if it changes, the index of words does. */
void schema_describe_words(const struct collection *collection, struct buffer *out);

/* Where the words of a field stand that a role may see: in front of each word. For
 * `sources` it is the role of which they are. */
#define SCHEMA_WORD_PLACE 4
void schema_word_place(const struct field *field, uint32_t visibility, char place[SCHEMA_WORD_PLACE]);

/* Calls fn with each form of each word of a text: calls the plugin's `analyse`. */
void schema_read_words(const struct analyser *analyser, struct ouse_str text, ouse_word_fn fn, void *arg);

/* Calls fn with the entry of each word that the value of a field has: its place, a
 * form, a zero byte. Entries may repeat. */
void schema_word_entries(const struct collection *collection, const struct field *field, const cJSON *value,
                         void (*fn)(void *arg, struct ouse_str entry), void *arg);

/* Calls fn with each text of a value that is searched. */
void schema_texts(const struct collection *collection, const struct field *field, const cJSON *value,
                  void (*fn)(void *arg, struct ouse_str text, uint32_t visibility), void *arg);

/* Returns the least role that may see a source: it shows the fields that it is about. */
uint32_t schema_source_visibility(const struct collection *collection, const cJSON *source);

/* ---- Values: value.c --------------------------------------------------- */

/* The days a date or partial date spans, since 1970-01-01. 0, or -1. */
int schema_span(struct ouse_str date, int32_t *first, int32_t *last);

/* The ms that an instant "2026-01-31T09:00:00Z", a date or a partial date (UTC) spans. 0, or -1. */
int schema_instants(struct ouse_str text, int64_t *first, int64_t *last);

/* Whole pence of an amount with at most two decimals. 0, or -1. */
int schema_pence(double amount, int64_t *pence);

/* Checks an identifier under a scheme ("orcid", "ror", …). Returns NULL if it is well-formed,
 * otherwise the correct form. The scheme must be known. */
const char *schema_identifier(const char *scheme, struct ouse_str value);
int schema_scheme_known(const char *scheme);

/* The names of all schemes, separated by spaces. */
const char *schema_schemes(struct arena *arena);

/* ---- Declarations as JSON: describe.c ---------------------------------- */

/* Returns the declaration, for /-/schema and for the store (which compares it at the next start):
 * name, title, version, fields, indexes, flows, derived. Omits the parts that the role may not see.
 * The caller owns it. */
cJSON *schema_declaration(const struct collection *collection, uint32_t role);

/* The same as text. */
void schema_describe(const struct collection *collection, uint32_t role, struct buffer *out);

/* Compares the last declaration of the store with the present one. Returns OUSE_OK if the change is
 * additive (new optional fields and indexes, more choices, looser bounds, changed titles);
 * otherwise OUSE_E_CONFLICT with one error for each change that needs a migration. */
ouse_rc schema_compare(const cJSON *stored, const struct collection *declared, struct problem *problem);

#endif
