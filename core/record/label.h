/* label: the name of a record for people: its first text, or its label fields joined by commas,
 * with a reference as the label of its target and a choice as its title. If a record has none of
 * these, its label is its id. */
#ifndef RECORD_LABEL_H
#define RECORD_LABEL_H

#include "record.h"

/* The source of labels. `find` sets the record of an id for the caller, across merges, and returns
 * whether it exists. Labels live until the arena finishes. */
struct label_source {
    const struct schema *schema;
    struct arena *arena;
    int (*find)(void *arg, const char *collection, struct ouse_str id, struct record *record);
    void *arg;
};

/* Returns the label of a record: of a document or, if that is NULL, of the stored bytes, which are
 * not parsed. `collection` may be NULL. */
struct ouse_str label_of_record(const struct label_source *source, const struct collection *collection,
                                const cJSON *document, struct ouse_str json);

/* Returns the label of the record of an id; no text if the caller finds no such record. */
struct ouse_str label_of_id(const struct label_source *source, const char *collection, struct ouse_str id);

/* Returns the label of the target of a reference: an id or, in a qualified field, "collection/id".
 * Returns no text if the caller finds no such record. */
struct ouse_str label_of_reference(const struct label_source *source, const struct field *field,
                                   struct ouse_str reference);

#endif
