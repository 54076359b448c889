/* select: which fields of a record are written: fields=title,leads. */
#include "question.h"

enum { SELECTABLE = SCHEMA_FIELDS_MAX * 2 + 3 };
static const char *const always[] = {"id", "meta"};

struct selection {
    const char *names[SELECTABLE];
    uint32_t n;
};

/* All that a record of the collection can have for the caller. */
static uint32_t list_members(const struct collection *collection, uint32_t role, const char **known)
{
    uint32_t n = 0;
    known[n++] = "id";
    known[n++] = "meta";
    known[n++] = "sources";
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (collection->fields[i].is.visibility <= role)
            known[n++] = collection->fields[i].is.name;
    for (uint32_t i = 0; i < collection->n_derived && n < SELECTABLE; i++)
        known[n++] = collection->derived[i].name;
    return n;
}

static const char *find(const char *const *names, uint32_t n, struct ouse_str name)
{
    for (uint32_t i = 0; i < n; i++)
        if (ouse_is(name, names[i]))
            return names[i];
    return NULL;
}

ouse_rc selection_read(const struct question *question, uint32_t parameter, struct selection **selection)
{
    const char *known[SELECTABLE] = {NULL};
    uint32_t n = list_members(question->resource->collection, question->request->role, known);
    struct ouse_str list = question->values[parameter], word;
    struct selection *read;
    if (!list.p)
        return OUSE_OK;
    read = arena_zero(question->request->arena, sizeof *read);
    read->names[read->n++] = always[0];
    read->names[read->n++] = always[1];
    while (question_word(&list, &word)) {
        const char *name = find(known, n, word);
        if (!name)
            return question_refuse(question, parameter, word, known, n);
        if (!find(read->names, read->n, word))
            read->names[read->n++] = name;
    }
    *selection = read;
    return OUSE_OK;
}

void rest_select(const struct selection *selection, cJSON *tree)
{
    cJSON *next;
    for (cJSON *c = selection ? tree->child : NULL; c; c = next) {
        next = c->next;
        if (!find(selection->names, selection->n, ouse_s(c->string)))
            cJSON_Delete(cJSON_DetachItemViaPointer(tree, c));
    }
}
