/* label: see label.h. */
#include "label.h"
#include "../base/json_slice.h"
#include "../base/text.h"

enum { STEPS = 3 }; /* from reference to reference */

/* The record of the label. */
struct named {
    const struct collection *collection;
    const cJSON *document; /* NULL: `json` */
    struct ouse_str json;
};

static struct ouse_str label(const struct label_source *source, const struct named *named, int steps);

static struct ouse_str text_of(const struct label_source *source, const struct named *named, const char *name)
{
    return named->document ? json_text(json_member(named->document, name))
                           : json_slice_text(source->arena, json_slice(named->json, name));
}

static struct ouse_str label_of(const struct label_source *source, const char *collection, struct ouse_str id,
                                int steps)
{
    struct record record;
    if (!source->find(source->arg, collection, id, &record))
        return (struct ouse_str){NULL, 0};
    return label(source, &(struct named){record.collection, NULL, record.json}, steps);
}

static struct ouse_str follow(const struct label_source *source, const struct field *field,
                              struct ouse_str reference, int steps)
{
    struct ouse_str id = reference, to = {NULL, 0};
    if (!field->qualified)
        return label_of(source, field->targets[0].collection, id, steps);
    if (!text_cut(&id, '/', &to) || !id.p)
        return (struct ouse_str){NULL, 0};
    return label_of(source, arena_copy(source->arena, to).p, id, steps);
}

/* Returns the text of a label field. */
static struct ouse_str label_part(const struct label_source *source, const struct named *named,
                                  const struct field *field, int steps)
{
    struct ouse_str text = text_of(source, named, field->is.name), there;
    if (text.p && field->is.type == OUSE_ENUM)
        return schema_title(source->schema, source->arena, text);
    if (!text.p || !field->n_targets || !steps)
        return text;
    there = follow(source, field, text, steps - 1);
    return there.p ? there : text;
}

static struct ouse_str label(const struct label_source *source, const struct named *named, int steps)
{
    struct ouse_str all = {NULL, 0};
    const struct collection *c = named->collection;
    for (uint32_t i = 0; c && i < c->n_labels; i++) {
        struct ouse_str part = label_part(source, named, c->labels[i], steps);
        if (!part.p)
            continue;
        if (!all.p && c->labels[i]->is.type == OUSE_TEXT)
            return part; /* a text label stands alone */
        all = arena_printf(source->arena, "%.*s%s%.*s", OUSE_F(all), all.p ? ", " : "", OUSE_F(part));
    }
    return all.p ? all : text_of(source, named, "id");
}

struct ouse_str label_of_record(const struct label_source *source, const struct collection *collection,
                                const cJSON *document, struct ouse_str json)
{
    return label(source, &(struct named){collection, document, json}, STEPS);
}

struct ouse_str label_of_id(const struct label_source *source, const char *collection, struct ouse_str id)
{
    return label_of(source, collection, id, STEPS);
}

struct ouse_str label_of_reference(const struct label_source *source, const struct field *field,
                                   struct ouse_str reference)
{
    return follow(source, field, reference, STEPS);
}
