/* label: what people call a record: its first text, or its label fields joined by commas, in which a
 * reference is the label of its target and a choice its title. A record without any is called by its id.
 */
#ifndef RECORD_LABEL_H
#define RECORD_LABEL_H

#include "record.h"

/* Where labels are read. `find` sets the record that an id leads to for the caller, over merges, and returns
 * whether there is one. Labels are lent until the arena finishes. */
struct label_source {
    const struct schema *schema;
    struct arena *arena;
    int (*find)(void *arg, const char *collection, struct ouse_str id, struct record *record);
    void *arg;
};

/* Returns the label of a record: of a document or, if that is NULL, of the bytes as they are stored, which
 * are not parsed. `collection` may be NULL. */
struct ouse_str label_of_record(const struct label_source *source, const struct collection *collection,
                                const cJSON *document, struct ouse_str json);

/* Returns the label of the record of an id; no text if the caller finds none. */
struct ouse_str label_of_id(const struct label_source *source, const char *collection, struct ouse_str id);

/* Returns the label of what a reference leads to: an id or, in a qualified field, "collection/id". No text if
 * the caller finds none. */
struct ouse_str label_of_reference(const struct label_source *source, const struct field *field,
                                   struct ouse_str reference);

#endif
