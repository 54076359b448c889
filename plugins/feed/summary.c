/* summary: a record as one plain text of its first fields, in declared order: choices in words,
 * references as labels. */
#include "feed.h"

enum { PARTS = 8, ENTRIES = 5, TEXT_MAX = 1000 /* bytes of one value */ };

/* As much of a text as fits, in whole characters. */
static struct ouse_str cut(struct ouse_ctx *ctx, struct ouse_str text)
{
    uint32_t n = TEXT_MAX;
    if (text.n <= TEXT_MAX)
        return text;
    while (n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return ouse_format(ctx, "%.*s…", (int)n, text.p);
}

static struct ouse_str say_text(struct ouse_ctx *ctx, const struct ouse_doc *field, struct ouse_str text)
{
    const struct ouse_doc *targets = ouse_member(ctx, field, "refers_to");
    if (!targets)
        return ouse_member(ctx, field, "choices") ? ouse_title(ctx, text) : cut(ctx, text);
    return ouse_number(ctx, field, "qualified", 0) != 0
               ? ouse_label_of_reference(ctx, text)
               : ouse_label_of(ctx, ouse_as_text(ctx, ouse_at(ctx, targets, 0)).p, text);
}

static struct ouse_str say_number(struct ouse_ctx *ctx, const struct ouse_doc *field, double number)
{
    int money = ouse_is(ouse_text(ctx, field, "type"), "money");
    return ouse_format(ctx, money ? "£%.2f" : "%.15g", number);
}

/* A quantity. */
static struct ouse_str say_object(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    struct ouse_str unit = ouse_text(ctx, value, "unit"), qualifier = ouse_text(ctx, value, "qualifier"),
                    number;
    if (ouse_member(ctx, value, "value"))
        number = ouse_format(ctx, "%.15g", ouse_number(ctx, value, "value", 0));
    else
        number = ouse_format(ctx, "%.15g to %.15g", ouse_number(ctx, value, "min", 0),
                             ouse_number(ctx, value, "max", 0));
    return ouse_format(ctx, "%.*s%s%.*s%s%.*s", OUSE_F(qualifier), qualifier.n ? " " : "", OUSE_F(number),
                       unit.n ? " " : "", OUSE_F(unit));
}

/* "a, b and 3 more" */
static struct ouse_str say_list(struct ouse_ctx *ctx, const struct ouse_doc *field,
                                const struct ouse_doc *list)
{
    uint32_t n = ouse_count(ctx, list);
    struct ouse_str all = ouse_s(NULL);
    for (uint32_t i = 0; i < n && i < ENTRIES; i++) {
        struct ouse_str text = ouse_as_text(ctx, ouse_at(ctx, list, i));
        text = text.p ? say_text(ctx, field, text) : text;
        if (text.p)
            all = ouse_format(ctx, "%.*s%s%.*s", OUSE_F(all), all.p ? ", " : "", OUSE_F(text));
    }
    return all.p && n > ENTRIES ? ouse_format(ctx, "%.*s and %u more", OUSE_F(all), n - ENTRIES) : all;
}

static struct ouse_str say(struct ouse_ctx *ctx, const struct ouse_doc *field, const struct ouse_doc *value)
{
    double number = ctx->host->doc_as_number(value, 0);
    switch (ouse_kind(ctx, value)) {
    case OUSE_JSON_TEXT:
        return say_text(ctx, field, ouse_as_text(ctx, value));
    case OUSE_JSON_NUMBER:
        return say_number(ctx, field, number);
    case OUSE_JSON_BOOL:
        return ouse_s(number != 0 ? "Yes" : "No");
    case OUSE_JSON_LIST:
        return say_list(ctx, field, value);
    case OUSE_JSON_OBJECT:
        return say_object(ctx, value);
    default:
        return ouse_s(NULL);
    }
}

/* Returns whether a field is part of the label, which is already the title. */
static int is_label(struct ouse_ctx *ctx, const struct ouse_doc *collection, struct ouse_str name)
{
    const struct ouse_doc *labels = ouse_member(ctx, collection, "labels");
    return ouse_count(ctx, labels) == 1 && ouse_same(ouse_as_text(ctx, ouse_at(ctx, labels, 0)), name);
}

struct ouse_str summary_of(struct ouse_ctx *ctx, const struct ouse_doc *collection,
                           const struct ouse_doc *record)
{
    const struct ouse_doc *fields = ouse_member(ctx, collection, "fields");
    struct ouse_str all = ouse_s("");
    for (uint32_t i = 0, n = 0; i < ouse_count(ctx, fields) && n < PARTS; i++) {
        const struct ouse_doc *field = ouse_at(ctx, fields, i);
        struct ouse_str name = ouse_text(ctx, field, "name");
        struct ouse_str text = say(ctx, field, ouse_member(ctx, record, name.p));
        if (!text.n || is_label(ctx, collection, name))
            continue;
        all = ouse_format(ctx, "%.*s%s%.*s: %.*s", OUSE_F(all), n++ ? " · " : "",
                          OUSE_F(ouse_text(ctx, field, "title")), OUSE_F(text));
    }
    return all;
}
