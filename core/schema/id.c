/* id: identifiers of records, and how one is made from a label. */
#include "types.h"
#include <stdlib.h>
#include <utf8proc.h>

#define MADE_MAX (SCHEMA_ID_MAX - 6) /* room for "-12345" on a clash */

/* Whether a character is an apostrophe, which vanishes: "People's" is "peoples". */
static int apostrophe(utf8proc_int32_t c)
{
    return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x02bc;
}

/* Returns the transcription to a-z of a Latin letter that has no decomposition in Unicode. */
static const char *latin(utf8proc_int32_t c)
{
    static const struct {
        utf8proc_int32_t c;
        const char *text;
    } letters[] = {{0xe6, "ae"}, {0xf0, "d"},  {0xf8, "o"},  {0xfe, "th"},  {0x111, "d"}, {0x127, "h"},
                   {0x131, "i"}, {0x142, "l"}, {0x14b, "n"}, {0x153, "oe"}, {0x167, "t"}};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].c == c)
            return letters[i].text;
    return NULL;
}

/* Adds text as an id has it: a hyphen stands before the first character of each word. */
static void add_words(struct buffer *id, const utf8proc_uint8_t *folded, size_t n)
{
    int gap = 1;
    utf8proc_int32_t c;
    for (size_t i = 0; i < n;) {
        i += (size_t)utf8proc_iterate(folded + i, (utf8proc_ssize_t)(n - i), &c);
        if (apostrophe(c))
            continue;
        const char *letters = c < 0x80 ? NULL : latin(c);
        int kept = letters || (c < 0x80 && schema_id_char((char)c));
        if ((gap || c == '&') && (kept || c == '&') && id->n)
            buffer_byte(id, '-');
        if (letters)
            buffer_text(id, letters);
        else if (kept)
            buffer_byte(id, (char)c);
        else if (c == '&')
            buffer_text(id, "and");
        gap = !kept;
    }
}

static void add_label(struct buffer *id, struct ouse_str text)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text.p, (utf8proc_ssize_t)text.n, &folded,
                                      UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
                                          UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
    if (n > 0)
        add_words(id, folded, (size_t)n);
    free(folded);
}

/* Cut at the last hyphen within MADE_MAX, or there where one word is longer. */
static void cut(struct buffer *id)
{
    if (id->n <= MADE_MAX)
        return;
    size_t n = MADE_MAX;
    while (n > 0 && id->at[n] != '-')
        n--;
    id->n = n ? n : MADE_MAX;
}

/* Returns the text that a field contributes; no text if it has no value. */
static struct ouse_str label_text(struct arena *arena, const struct field *field, const cJSON *value)
{
    struct ouse_str text = json_text(value), id;
    if (cJSON_IsNumber(value))
        return arena_printf(arena, "%.0f", value->valuedouble);
    return text.p && field->n_targets && reference_target(field, text, &id) ? id : text;
}

struct ouse_str schema_make_id(struct arena *arena, const struct collection *collection,
                               const cJSON *document)
{
    struct buffer id;
    buffer_init(&id, UINT32_MAX);
    for (uint32_t i = 0; i < collection->n_labels; i++) {
        const struct field *field = collection->labels[i];
        struct ouse_str text = label_text(arena, field, json_member(document, field->is.name));
        if (text.p)
            add_label(&id, text);
    }
    if (id.n == 0)
        buffer_text(&id, collection->is.singular);
    cut(&id);
    struct ouse_str made = arena_copy(arena, buffer_view(&id));
    buffer_finish(&id);
    return made;
}
