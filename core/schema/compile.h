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
};

/* Copies row i of a table whose rows are `stride` bytes: members that the row
 * has not are zero, members that we do not know are left. */
void compile_row(void *to, size_t size, const void *rows, uint32_t stride, uint32_t i);

/* Compiles one declaration into the arena. Each mistake is added to the problem;
 * with any, what is returned must not be used. */
struct collection *compile_collection(struct arena *arena, const struct spellings *spellings,
                                      const char *plugin, const struct ouse_collection *is,
                                      struct problem *problem);

/* Tells a mistake: "hubs: collection pillars: field number: …". `part` is what
 * `name` names ("field", "index"); NULL where it is the collection itself. */
void compile_mistake(const struct compile *at, const char *part, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Whether a table can be read: one with rows has an address and a size of row. */
int compile_table(const struct compile *at, const char *name, const void *rows, uint32_t n, uint32_t stride);

/* The words of a list separated by spaces; NULL is an empty list. */
const char **compile_words(struct arena *arena, const char *list, uint32_t *n);

/* Tells the mistake of a name that every record has a member of. */
void compile_reserved(const struct compile *at, const char *part, const char *name);

int compile_visibility_known(uint32_t visibility);

/* The fields, but for what needs all of them; and the field `sources`: compile_field.c */
void compile_fields(const struct compile *at);
void compile_sources(const struct compile *at);

/* What needs all fields: `after`, defaults. */
void compile_after(const struct compile *at, struct field *field);
void compile_default(const struct compile *at, struct field *field);

/* compile_flow.c */
void compile_flows(const struct compile *at);

/* compile_index.c */
void compile_indexes(const struct compile *at);

#endif
