/* fields: which fields of a record are written: fields=title,leads. */
#include "../base/text.h"
#include "query_params.h"

enum { SELECTABLE = SCHEMA_FIELDS_MAX * 2 + 3 };

/* The names that are wanted, those that every record has first. */
struct selection {
    const char *names[SELECTABLE];
    uint32_t n;
};

/* All that a record of the collection can have for the caller. */
static struct selection members(const struct collection *collection, uint32_t role)
{
    struct selection all = {{"id", "meta", "sources"}, 3};
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (collection->fields[i].is.visibility <= role)
            all.names[all.n++] = collection->fields[i].is.name;
    for (uint32_t i = 0; i < collection->n_derived && all.n < SELECTABLE; i++)
        all.names[all.n++] = collection->derived[i].name;
    return all;
}

static const char *find(const struct selection *selection, struct ouse_str name)
{
    for (uint32_t i = 0; i < selection->n; i++)
        if (ouse_is(name, selection->names[i]))
            return selection->names[i];
    return NULL;
}

static ouse_rc selection_read(struct question *question, struct ouse_str text)
{
    struct selection all = members(question->resource->collection, question->request->role), *read;
    struct ouse_str word;
    read = question->selection = arena_alloc(question->request->arena, sizeof *read);
    *read = (struct selection){{"id", "meta"}, 2};
    while (text_cut(&text, ',', &word)) {
        const char *name = find(&all, word);
        if (!name)
            return question_refuse(question, "fields", word, all.names, all.n);
        if (!find(read, word))
            read->names[read->n++] = name;
    }
    return OUSE_OK;
}

const struct api_param param_fields = {"fields", selection_read, 0, PARAM_NOT_IN_RECORDS, NULL};

const struct collection *selection_columns(const struct question *question)
{
    const struct collection *whole = question->resource->collection;
    struct arena *arena = question->request->arena;
    struct collection *narrow;
    if (!question->selection)
        return whole;
    narrow = arena_alloc(arena, sizeof *narrow);
    *narrow = *whole;
    narrow->fields = arena_alloc(arena, (whole->n_fields + 1) * sizeof *narrow->fields);
    narrow->n_fields = 0;
    for (uint32_t i = 0; i < whole->n_fields; i++)
        if (find(question->selection, ouse_s(whole->fields[i].is.name)))
            narrow->fields[narrow->n_fields++] = whole->fields[i];
    narrow->derived = arena_alloc(arena, (whole->n_derived + 1) * sizeof *narrow->derived);
    narrow->n_derived = 0;
    for (uint32_t i = 0; i < whole->n_derived; i++)
        if (find(question->selection, ouse_s(whole->derived[i].name)))
            narrow->derived[narrow->n_derived++] = whole->derived[i];
    if (!find(question->selection, ouse_s(whole->sources->is.name)))
        narrow->sources = NULL;
    return narrow;
}

void rest_select(const struct selection *selection, cJSON *tree)
{
    cJSON *next;
    for (cJSON *c = selection ? tree->child : NULL; c; c = next) {
        next = c->next;
        if (!find(selection, ouse_s(c->string)))
            cJSON_Delete(cJSON_DetachItemViaPointer(tree, c));
    }
}
