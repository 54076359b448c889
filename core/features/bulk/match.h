/* match: which record a row is of, and which records its references mean.
 *
 *     match        id | identifiers.{scheme} | {unique field} | label
 *     references   id | code ("ods:RWK") | label; without a choice, an id or a code
 *
 * Labels and unique texts are compared as filters compare them, without regard to case.
 */
#ifndef BULK_MATCH_H
#define BULK_MATCH_H

#include "../../record/record.h"
#include "columns.h"

/* The key by which rows of a collection find their records. */
struct match {
    const struct field *field; /* NULL: the id */
    const char *scheme;        /* of the identifiers in the field; or NULL */
    struct ouse_str name;      /* as it was given: "identifiers.ods" */
};

/* How references are given. */
struct reference_form {
    const char *name;
    int ids, codes, labels; /* the accepted forms, tried in this order: codes, labels, ids */
};

/* Reads `match`; without a text: the id. OUSE_E_REQUEST lists the possible values. */
ouse_rc match_read(const struct collection *collection, struct ouse_str text, struct match *match,
                   struct problem *problem);

/* Returns a form by name: NULL if the name is unknown; ids and codes if it is empty. */
const struct reference_form *reference_form(struct ouse_str name);

/* Returns the possible matches of a table: of its columns, if it has some of these, otherwise of
 * its collection. */
struct ouse_str match_possible(const struct collection *collection, const struct columns *columns,
                               struct arena *arena);

/* Returns the key of a row, or no text. */
struct ouse_str match_key(const struct match *match, const cJSON *document);

/* Finds the record with the key. Returns OUSE_E_NOT_FOUND if it does not exist; a problem if there
 * are several. */
ouse_rc match_find(struct change_set *set, const struct collection *collection, const struct match *match,
                   struct ouse_str key, struct ouse_str *id);

/* Replaces codes and labels in the references of a document by ids. OUSE_E_NOT_FOUND if some lead nowhere
 * yet: `report` adds them to the set's problem. */
ouse_rc references_resolve(struct change_set *set, const struct collection *collection,
                           const struct reference_form *form, cJSON *document, int report);

#endif
