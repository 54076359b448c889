/* words: what a document has in the index of words.
 *
 *   entry    place(4) form 00
 *   place    the number of a field; of quotations of sources, that of nothing else
 *            with the least role that may see them
 *
 *     {"title":"Frail elders"}  ──>  7 frail, 7 elder, 7 elders
 *
 * So a question in one field, in some or in all of them is one for some ranges of
 * entries, and what a role may not see lies outside of those that it is given.
 */
#include "../observe/callback.h"
#include "types.h"

#define QUOTATIONS 0xffffff00u

const struct field *schema_searched(const struct collection *collection, uint32_t i)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < collection->n_fields; k++)
        if (collection->fields[k].is.flags & OUSE_SEARCHABLE && n++ == i)
            return &collection->fields[k];
    return i == n ? collection->sources : NULL;
}

void schema_word_place(const struct field *field, uint32_t visibility, char place[SCHEMA_WORD_PLACE])
{
    int declared = (field->is.flags & OUSE_SEARCHABLE) != 0;
    uint32_t number = declared ? field->number : QUOTATIONS + visibility;
    for (int i = 0; i < SCHEMA_WORD_PLACE; i++)
        place[i] = (char)(number >> 8 * (SCHEMA_WORD_PLACE - 1 - i));
}

void schema_texts(const struct collection *collection, const struct field *field, const cJSON *value,
                  void (*fn)(void *arg, struct ouse_str text, uint32_t visibility), void *arg)
{
    int sources = field == collection->sources;
    for (const cJSON *c = value_first(field, value); c; c = value_next(field, c)) {
        struct ouse_str text = json_text(sources ? json_member(c, "quote") : c);
        if (text.p)
            fn(arg, text, sources ? schema_source_visibility(collection, c) : field->is.visibility);
    }
}

void schema_read_words(const struct analyser *analyser, struct ouse_str text, ouse_word_fn fn, void *arg)
{
    callback_enter(analyser->plugin, NULL, "analyse");
    analyser->analyse(text, fn, arg);
    callback_leave();
}

struct entering {
    const struct collection *collection;
    const struct field *field;
    void (*fn)(void *arg, struct ouse_str entry);
    void *arg;
    char entry[SCHEMA_WORD_PLACE + OUSE_WORD_MAX + 1]; /* its place is there already */
};

static void enter_form(void *arg, struct ouse_str form, uint32_t flags, uint32_t from, uint32_t to)
{
    struct entering *entering = arg;
    (void)flags, (void)from, (void)to;
    if (form.n < 1 || form.n > OUSE_WORD_MAX || memchr(form.p, 0, form.n))
        return;
    memcpy(entering->entry + SCHEMA_WORD_PLACE, form.p, form.n);
    entering->entry[SCHEMA_WORD_PLACE + form.n] = 0;
    entering->fn(entering->arg, (struct ouse_str){entering->entry, SCHEMA_WORD_PLACE + form.n + 1});
}

static void enter_text(void *arg, struct ouse_str text, uint32_t visibility)
{
    struct entering *entering = arg;
    schema_word_place(entering->field, visibility, entering->entry);
    schema_read_words(entering->collection->words->analyser, text, enter_form, entering);
}

void schema_word_entries(const struct collection *collection, const struct field *field, const cJSON *value,
                         void (*fn)(void *arg, struct ouse_str entry), void *arg)
{
    struct entering entering = {.collection = collection, .field = field, .fn = fn, .arg = arg};
    if (collection->words)
        schema_texts(collection, field, value, enter_text, &entering);
}
