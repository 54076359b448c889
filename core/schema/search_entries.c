/* search_entries: the entries of a document in the index of words.
 *
 *   entry    place(4) form 00
 *   place    the number of a field; for quotations of sources, a number of no field
 *            with the least role that may see them
 *   form     of a text that people write or read: of a choice its title,
 *            of an identifier its value
 *
 *     {"title":"Frail elders"}  ──>  7 frail, 7 elder, 7 elders
 *
 * So a search in one field, in some or in all of them reads some ranges of entries, and parts that
 * a role may not see are outside its ranges. */
#include "../observe/callback.h"
#include "compile.h"
#include "types.h"

#define QUOTATIONS 0xffffff00u

int schema_is_code(const struct field *field)
{
    return field->is.type == OUSE_IDS || field->is.flags & OUSE_SCHEME;
}

int schema_is_sources(const struct field *field)
{
    return field->is.type == TYPE_SOURCES;
}

/* Returns whether the values of a field are choices, which have titles for people. */
static int is_chosen(const struct field *field)
{
    return field->is.type == OUSE_ENUM || (field->is.type == OUSE_LIST && field->n_choices);
}

void compile_searched(const struct compile *at)
{
    struct collection *c = at->collection;
    c->searched = arena_alloc(at->arena, (c->n_fields + 1) * sizeof *c->searched);
    for (uint32_t i = 0; i < c->n_fields; i++) {
        const struct field *field = &c->fields[i];
        if (field->is.flags & OUSE_SEARCHABLE || is_chosen(field) || schema_is_code(field))
            c->searched[c->n_searched++] = field;
    }
    c->searched[c->n_searched++] = c->sources;
}

const struct field *schema_searched(const struct collection *collection, uint32_t i)
{
    return i < collection->n_searched ? collection->searched[i] : NULL;
}

void schema_describe_words(const struct collection *collection, struct buffer *out)
{
    for (uint32_t i = 0; i < collection->n_searched; i++) {
        const struct field *field = collection->searched[i];
        buffer_printf(out, "%s%s", i ? ";" : "", field->is.name);
        for (uint32_t k = 0; is_chosen(field) && k < field->n_choices; k++)
            buffer_printf(out, " %s=%.*s", field->choices[k], OUSE_F(field->titles[k]));
    }
}

void schema_word_place(const struct field *field, uint32_t visibility, char place[SCHEMA_WORD_PLACE])
{
    uint32_t number = schema_is_sources(field) ? QUOTATIONS + visibility : field->number;
    for (int i = 0; i < SCHEMA_WORD_PLACE; i++)
        place[i] = (char)(number >> 8 * (SCHEMA_WORD_PLACE - 1 - i));
}

/* Returns the text that is searched in one value of a field, or no text. */
static struct ouse_str text_of(const struct field *field, const cJSON *value)
{
    if (schema_is_sources(field))
        return json_text(json_member(value, "quote"));
    if (field->is.type == OUSE_IDS)
        return json_text(json_member(value, "value"));
    struct ouse_str text = json_text(value);
    int choice = text.p && is_chosen(field) ? schema_choice(field, text) : -1;
    return choice < 0 ? text : field->titles[choice];
}

void schema_texts(const struct collection *collection, const struct field *field, const cJSON *value,
                  void (*fn)(void *arg, struct ouse_str text, uint32_t visibility), void *arg)
{
    int sources = schema_is_sources(field);
    for (const cJSON *c = value_first(field, value); c; c = value_next(field, c)) {
        struct ouse_str text = text_of(field, c);
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
