/* compile: from a plugin's table to a collection. Inside core/schema only. */
#ifndef SCHEMA_COMPILE_H
#define SCHEMA_COMPILE_H

#include "types.h"

/* Words that are written in a way of their own: "NHS". */
struct spellings {
    const char **at;
    uint32_t n;
};

/* A name as people write it: title.c */
struct ouse_str title_of_name(struct arena *arena, const struct spellings *spellings, struct ouse_str name);

/* A declaration on its way. */
struct compile {
    struct arena *arena; /* of the result */
    const struct spellings *spellings;
    struct problem *problem;       /* of the mistakes */
    struct collection *collection; /* so far */
    const char *part, *name; /* the place of the mistake: "field" and its name; NULL: the collection itself */
};

/* The same, looking at a part. */
static inline struct compile compile_part(const struct compile *at, const char *part, const char *name)
{
    return (struct compile){at->arena,      at->spellings, at->problem,
                            at->collection, part,          name ? name : "(no name)"};
}

/* Compiles one declaration into the arena. Adds each mistake to the problem; if there is one, the
 * result must not be used. */
struct collection *compile_collection(struct arena *arena, const struct spellings *spellings,
                                      const char *plugin, const struct ouse_collection *is,
                                      struct problem *problem);

/* Reports a mistake at the present place: "hubs: collection pillars: field number: …". */
void compile_mistake(const struct compile *at, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns the rows of a table in their full size: members that a row lacks are zero, unknown
 * members are dropped. For a table that has rows but no address or row size, sets *n to 0 and
 * reports a mistake. */
void *compile_rows(const struct compile *at, const char *table, const void *rows, uint32_t stride,
                   size_t size, uint32_t *n);
#define COMPILE_ROWS(at, name, table, n) \
    compile_rows(at, name, (table).at, (table).stride, sizeof *(table).at, n)

/* Reports a name that every record already has as a member. */
void compile_reserved(const struct compile *at, const char *name);

int compile_visibility_known(uint32_t visibility);

/* Compiles the fields, except parts that need all of them; and the field `sources`: compile_field.c */
void compile_fields(const struct compile *at);
void compile_sources(const struct compile *at);

/* Compiles the parts that need all fields: `after`, defaults. */
void compile_after(const struct compile *at, struct field *field);
void compile_default(const struct compile *at, struct field *field);

/* flow.c */
void compile_flows(const struct compile *at);

/* search_entries.c */
void compile_searched(const struct compile *at);

/* compile_index.c */
void compile_indexes(const struct compile *at);

/* compile_pages.c */
void compile_pages(const struct compile *at);

#endif
