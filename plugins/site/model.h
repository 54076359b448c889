/* model: the contents of the register, as far as a role may see them: collections with their
 * fields, computed endpoints, formats. Made once for each role from ouse_describe, kept until the
 * plugin stops, read by any thread. */
#ifndef SITE_MODEL_H
#define SITE_MODEL_H

#include "drawing.h"
#include "kept.h"
#include "site.h"

/* All texts are NUL-terminated and as old as the model; one that was not declared is NULL. */
struct words {
    const char **at;
    uint32_t n;
};

struct field {
    const char *name, *title, *doc, *type;
    const char *inverse;           /* heading over the records that refer by it, or NULL */
    struct words choices, targets; /* of ENUM, LIST; of REF, REFS: collections, or "*" */
    int qualified;                 /* a reference is "collection/id" */
    int indexed, searchable, derived;
    int state;                   /* the progress or standing of a record: its words are shown as tags */
    const struct collection *of; /* of a path: the collection and the field that it ends in */
    const struct field *like;
};

/* A collection with rows of other records: see struct ouse_join. */
struct join {
    const char *of, *from, *to, *amount, *text, *order; /* of NULL: it is no join */
    struct words with, role;
};

struct collection {
    const char *name, *singular, *title, *doc, *plugin;
    struct field *fields; /* as declared, then those that are derived */
    uint32_t n_fields;
    struct field *paths; /* by which a list is filtered as by fields: "pillar.hub"; see paths.c */
    uint32_t n_paths;
    struct words labels;
    const char *state; /* the field of its first state machine, or NULL */
    struct join join;
    const char *parent, *honorific, *subtitle; /* fields, or NULL */
    struct words context;
    const char *subject; /* its title in the navigation, or NULL */
    uint32_t subject_order;
    struct stock *stock; /* its statistics: stock.c */
};

/* A computed endpoint with GET: of a record, or of a collection as a whole. */
struct endpoint {
    const char *collection, *name, *summary;
    int of_record;
    int is_main;              /* shown on the page of the record, or of the subject */
    struct drawing *drawings; /* of its answer */
    struct field *parameters; /* of the question */
    uint32_t n_drawings, n_parameters;
};

#define FORMAT_RECORD  0x1u
#define FORMAT_LIST    0x2u
#define FORMAT_CHANGES 0x4u

struct format {
    const char *media_type, *suffix, *collection; /* NULL: of all */
    uint32_t of;                                  /* FORMAT_… */
};

struct plugin {
    const char *name, *version, *title, *doc;
};

/* The figures of one collection, as a role sees it. */
struct stock *stock_create(void);
void stock_destroy(struct stock *stock); /* legal on NULL */

/* The lengths of filtered lists, as a role sees them: counted.c. */
struct counted *counted_create(void);
void counted_destroy(struct counted *counted); /* legal on NULL */

struct model {
    struct counted *counted;
    uint32_t role;
    struct kept *kept; /* operations in the explorer's pages, by group */
    const char *base;  /* path prefix, without a slash at its end */
    const char *version;
    struct collection *collections;
    const struct field **named; /* the first field of each name, by name */
    struct endpoint *endpoints;
    struct format *formats;
    struct plugin *plugins;
    uint32_t n_collections, n_endpoints, n_formats, n_plugins, n_named;
};

struct models *models_create(void);
void models_destroy(struct models *models); /* legal on NULL */

/* The model for a role, which is at most the caller's; NULL when it cannot be made. */
const struct model *models_get(struct ouse_ctx *ctx, struct models *models, uint32_t role);

/* Returns the i-th model that was made; NULL after the last. */
const struct model *models_at(struct models *models, uint32_t i);

const struct collection *model_collection(const struct model *model, struct ouse_str name);
const struct field *model_field(const struct collection *collection, struct ouse_str name);

/* The field of this name of a collection, else of whichever other has one. */
const struct field *model_field_called(const struct model *model, const struct collection *collection,
                                       struct ouse_str name);
const struct endpoint *model_endpoint(const struct model *model, struct ouse_str collection,
                                      struct ouse_str name, int of_record);

/* The endpoint that is shown on the page of a record (of_record), or of the subject; or NULL. */
const struct endpoint *model_main(const struct model *model, const char *collection, int of_record);

int model_has_plugin(const struct model *model, const char *name);

/* Whether a field refers, and whether it may refer to a collection. */
int field_refers(const struct field *field);
int field_refers_to(const struct field *field, const char *collection);

/* Returns the main field of money of a collection, or NULL. */
const struct field *model_money(const struct collection *of);

/* The label of a record with its dates in words: labels.c. */
struct ouse_str label_in_words(struct ouse_ctx *ctx, const struct collection *collection,
                               const struct ouse_doc *record, struct ouse_str label);

int words_have(const struct words *words, struct ouse_str word);

#endif
