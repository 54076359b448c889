/* compile_pages: the members of a declaration about the pages of records. Each must name a field of
 * the right type, visible to every role that may see the record. */
#include "compile.h"

#define BIT(type)  (1u << (type))
#define REFERENCES (BIT(OUSE_REF) | BIT(OUSE_REFS))
#define DATES      (BIT(OUSE_DATE) | BIT(OUSE_PDATE))
#define TEXTS      (BIT(OUSE_TEXT) | BIT(OUSE_LONG))

static void check_name(const struct compile *at, const char *member, const char *name, uint32_t types)
{
    const struct field *field = schema_field(at->collection, ouse_s(name));
    if (!field)
        compile_mistake(at, "%s names %s, which is no field of it", member, name);
    else if (!(types & BIT(field->is.type)))
        compile_mistake(at, "%s names %s, which has the wrong type, %s", member, name, type_of(field)->name);
    else if (field->is.visibility > at->collection->is.visibility)
        compile_mistake(at, "%s names %s, which is hidden from some who may see the record", member, name);
}

static void check_names(const struct compile *at, const char *member, const char *names, uint32_t most,
                        uint32_t types)
{
    uint32_t n;
    const char **name = schema_words(at->arena, names, &n);
    if (n > most)
        compile_mistake(at, "%s names %u fields; %u is the most", member, n, most);
    for (uint32_t i = 0; i < n && i < most; i++)
        check_name(at, member, name[i], types);
}

void compile_pages(const struct compile *at)
{
    const struct ouse_collection *is = &at->collection->is;
    const struct {
        const char *member, *names;
        uint32_t most, types;
    } rows[] = {
        {"join.of", is->join.of, 1, REFERENCES},
        {"join.with", is->join.with, 4, REFERENCES},
        {"join.role", is->join.role, 4, BIT(OUSE_TEXT) | BIT(OUSE_ENUM)},
        {"join.from", is->join.from, 1, DATES},
        {"join.to", is->join.to, 1, DATES},
        {"join.amount", is->join.amount, 1, BIT(OUSE_MONEY) | BIT(OUSE_INT)},
        {"join.text", is->join.text, 1, TEXTS},
        {"join.order", is->join.order, 1, BIT(OUSE_INT)},
        {"parent", is->parent, 1, BIT(OUSE_REF)},
        {"context", is->context, 4, BIT(OUSE_REF) | BIT(OUSE_ENUM) | BIT(OUSE_TEXT) | DATES},
        {"honorific", is->honorific, 1, BIT(OUSE_TEXT)},
        {"subtitle", is->subtitle, 1, BIT(OUSE_TEXT)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_names(at, rows[i].member, rows[i].names, rows[i].most, rows[i].types);
}
