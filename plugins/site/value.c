/* value: a value of a field, as people read it: one row a type. */
#include "view.h"
#include <stdio.h>

/* ---- Numbers, dates ------------------------------------------------------------------ */

struct ouse_str value_number(struct ouse_ctx *ctx, double number, int pence)
{
    int whole = number == (double)(int64_t)number;
    struct ouse_str plain =
        whole ? ouse_format(ctx, "%.0f", number) : ouse_format(ctx, pence ? "%.2f" : "%.10g", number);
    uint32_t digits = 0, sign = plain.p[0] == '-', n = 0;
    char *text = ouse_alloc(ctx, (size_t)plain.n * 2);
    while (sign + digits < plain.n && plain.p[sign + digits] >= '0' && plain.p[sign + digits] <= '9')
        digits++;
    for (uint32_t i = 0; i < plain.n; i++) {
        uint32_t left = sign + digits - i; /* digits before the point from here on */
        if (i > sign && i < sign + digits && left % 3 == 0)
            text[n++] = ',';
        text[n++] = plain.p[i];
    }
    return (struct ouse_str){text, n};
}

struct ouse_str value_records(struct ouse_ctx *ctx, const struct collection *of, double count)
{
    struct ouse_str title = ouse_title(ctx, ouse_s(count == 1 ? of->singular : of->title));
    if (title.n > 1 && title.p[0] >= 'A' && title.p[0] <= 'Z' && title.p[1] >= 'a')
        title = ouse_format(ctx, "%c%.*s", title.p[0] | 0x20, (int)title.n - 1, title.p + 1);
    return title;
}

static const char *month(const char *digits)
{
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    int i = (digits[0] - '0') * 10 + digits[1] - '0';
    return i >= 1 && i <= 12 ? names[i - 1] : "";
}

struct ouse_str value_date(struct ouse_ctx *ctx, struct ouse_str date)
{
    const char *p = date.p;
    if (date.n < 7)
        return date;
    if (date.n < 10)
        return ouse_format(ctx, "%s %.4s", month(p + 5), p);
    if (date.n > 10)
        return time_text(ctx, date);
    return ouse_format(ctx, "%.*s %s %.4s", p[8] == '0' ? 1 : 2, p[8] == '0' ? p + 9 : p + 8, month(p + 5),
                       p);
}

/* ---- Types -------------------------------------------------------------------------------------- */

/* Puts additional members into `view`, and returns the text. */
typedef struct ouse_str (*show_fn)(struct view *view, const struct field *field, const struct ouse_doc *value,
                                   struct ouse_doc *shown);

static struct ouse_str show_text(struct view *view, const struct field *field, const struct ouse_doc *value,
                                 struct ouse_doc *shown)
{
    (void)field, (void)shown;
    return ouse_as_text(view->ctx, value);
}

/* Paragraphs are divided by empty lines. */
static struct ouse_str show_long(struct view *view, const struct field *field, const struct ouse_doc *value,
                                 struct ouse_doc *shown)
{
    struct ouse_str text = ouse_as_text(view->ctx, value);
    struct ouse_doc *paragraphs = ouse_list(view->ctx);
    const char *at = text.p, *end = text.p + text.n;
    (void)field;
    while (at < end) {
        const char *stop = memmem(at, (size_t)(end - at), "\n\n", 2);
        stop = stop ? stop : end;
        ouse_add_text(view->ctx, paragraphs, (struct ouse_str){at, (uint32_t)(stop - at)});
        for (at = stop; at < end && *at == '\n';)
            at++;
    }
    ouse_set(view->ctx, shown, "paragraphs", paragraphs);
    return text;
}

static struct ouse_str show_enum(struct view *view, const struct field *field, const struct ouse_doc *value,
                                 struct ouse_doc *shown)
{
    struct ouse_str choice = ouse_as_text(view->ctx, value), words = ouse_title(view->ctx, choice);
    struct ouse_doc *tag = field->state ? ouse_object(view->ctx) : NULL;
    if (!tag)
        return words;
    ouse_set_text(view->ctx, tag, "name", choice);
    ouse_set_text(view->ctx, tag, "text", words);
    ouse_set(view->ctx, shown, "tag", tag);
    return words;
}

static struct ouse_str show_bool(struct view *view, const struct field *field, const struct ouse_doc *value,
                                 struct ouse_doc *shown)
{
    (void)field, (void)shown;
    return ouse_s(view->ctx->host->doc_as_number(value, 0) != 0 ? "Yes" : "No");
}

static struct ouse_str show_number(struct view *view, const struct field *field, const struct ouse_doc *value,
                                   struct ouse_doc *shown)
{
    (void)field;
    ouse_set_bool(view->ctx, shown, "number", 1);
    return value_number(view->ctx, view->ctx->host->doc_as_number(value, 0), 0);
}

struct ouse_str value_currency(struct ouse_ctx *ctx, struct ouse_str currency)
{
    return currency.p && !ouse_is(currency, "GBP") ? ouse_format(ctx, "%.*s ", OUSE_F(currency))
                                                   : ouse_s("£");
}

static struct ouse_str show_money(struct view *view, const struct field *field, const struct ouse_doc *value,
                                  struct ouse_doc *shown)
{
    double amount = view->ctx->host->doc_as_number(value, 0);
    (void)field;
    ouse_set_bool(view->ctx, shown, "number", 1);
    return ouse_format(view->ctx, "%s%.*s%.*s", amount < 0 ? "−" : "",
                       OUSE_F(value_currency(view->ctx, view->currency)),
                       OUSE_F(value_number(view->ctx, amount < 0 ? -amount : amount, 1)));
}

static struct ouse_str show_date(struct view *view, const struct field *field, const struct ouse_doc *value,
                                 struct ouse_doc *shown)
{
    struct ouse_str date = ouse_as_text(view->ctx, value);
    (void)field;
    ouse_set_text(view->ctx, shown, "date", date);
    return value_date(view->ctx, date);
}

struct ouse_str value_quantity(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    static const struct {
        const char *qualifier, *said;
    } words[] = {{"approx", "about "}, {"over", "over "}, {"under", "under "}};
    struct ouse_str qualifier = ouse_text(ctx, value, "qualifier"), unit = ouse_text(ctx, value, "unit"),
                    number;
    const char *before = "";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ouse_is(qualifier, words[i].qualifier))
            before = words[i].said;
    if (ouse_kind(ctx, ouse_member(ctx, value, "value")) == OUSE_JSON_NUMBER)
        number = value_number(ctx, ouse_number(ctx, value, "value", 0), 0);
    else
        number =
            ouse_format(ctx, "%.*s to %.*s", OUSE_F(value_number(ctx, ouse_number(ctx, value, "min", 0), 0)),
                        OUSE_F(value_number(ctx, ouse_number(ctx, value, "max", 0), 0)));
    return ouse_format(ctx, "%s%.*s%s%.*s", before, OUSE_F(number), unit.n ? " " : "", OUSE_F(unit));
}

static struct ouse_str show_quantity(struct view *view, const struct field *field,
                                     const struct ouse_doc *value, struct ouse_doc *shown)
{
    (void)field, (void)shown;
    return value_quantity(view->ctx, value);
}

/* An address elsewhere. */
static void set_address(struct view *view, struct ouse_doc *shown, const char *scheme, struct ouse_str text)
{
    struct ouse_doc *link = ouse_object(view->ctx);
    ouse_set_text(view->ctx, link, "href", ouse_format(view->ctx, "%s%.*s", scheme, OUSE_F(text)));
    ouse_set_text(view->ctx, link, "label", text);
    ouse_set(view->ctx, shown, "external", link);
}

static struct ouse_str show_url(struct view *view, const struct field *field, const struct ouse_doc *value,
                                struct ouse_doc *shown)
{
    struct ouse_str url = ouse_as_text(view->ctx, value);
    (void)field;
    if (url.n > 8 && (memcmp(url.p, "https://", 8) == 0 || memcmp(url.p, "http://", 7) == 0))
        set_address(view, shown, "", url);
    return url;
}

static struct ouse_str show_email(struct view *view, const struct field *field, const struct ouse_doc *value,
                                  struct ouse_doc *shown)
{
    (void)field;
    set_address(view, shown, "mailto:", ouse_as_text(view->ctx, value));
    return ouse_as_text(view->ctx, value);
}

static struct ouse_str show_reference(struct view *view, const struct field *field,
                                      const struct ouse_doc *value, struct ouse_doc *shown)
{
    struct ouse_str reference = ouse_as_text(view->ctx, value);
    ouse_set(view->ctx, shown, "link", view_reference(view, field, reference));
    return reference;
}

static struct ouse_str show_references(struct view *view, const struct field *field,
                                       const struct ouse_doc *value, struct ouse_doc *shown)
{
    struct ouse_doc *links = ouse_list(view->ctx);
    uint32_t n = ouse_count(view->ctx, value);
    for (uint32_t i = 0; i < n; i++)
        ouse_add(view->ctx, links,
                 view_reference(view, field, ouse_as_text(view->ctx, ouse_at(view->ctx, value, i))));
    ouse_set(view->ctx, shown, "links", links);
    return ouse_format(view->ctx, "%u", n);
}

/* Shows a list: choices as words, texts as they are. */
static struct ouse_str show_list(struct view *view, const struct field *field, const struct ouse_doc *value,
                                 struct ouse_doc *shown)
{
    struct ouse_doc *items = ouse_list(view->ctx);
    struct ouse_str all = ouse_s("");
    for (uint32_t i = 0; i < ouse_count(view->ctx, value); i++) {
        struct ouse_str item = ouse_as_text(view->ctx, ouse_at(view->ctx, value, i));
        if (field->choices.n)
            item = ouse_title(view->ctx, item);
        ouse_add_text(view->ctx, items, item);
        all = ouse_format(view->ctx, "%.*s%s%.*s", OUSE_F(all), i ? ", " : "", OUSE_F(item));
    }
    ouse_set(view->ctx, shown, "items", items);
    return all;
}

static const struct {
    const char *scheme, *title, *at;
} schemes[] = {
    {"ods", "ODS", NULL},
    {"orcid", "ORCID", "https://orcid.org/"},
    {"ror", "ROR", "https://ror.org/"},
    {"ukprn", "UKPRN", NULL},
    {"charity", "Charity number", NULL},
    {"company", "Company number", "https://find-and-update.company-information.service.gov.uk/company/"},
    {"360giving", "360Giving", "https://grantnav.threesixtygiving.org/grant/"},
    {"nihr", "NIHR", "https://www.fundingawards.nihr.ac.uk/award/"},
    {"gtr", "Gateway to Research", NULL},
    {"iras", "IRAS", NULL},
    {"cpms", "CPMS", NULL},
    {"isrctn", "ISRCTN", "https://www.isrctn.com/"},
    {"nct", "ClinicalTrials.gov", "https://clinicaltrials.gov/study/"},
    {"doi", "DOI", "https://doi.org/"},
    {"gss", "GSS", "https://statistics.data.gov.uk/id/statistical-geography/"}};

static struct ouse_doc *identifier(struct view *view, const struct ouse_doc *value)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *shown = ouse_pick(ctx, value, "scheme value");
    struct ouse_str scheme = ouse_text(ctx, value, "scheme"), number = ouse_text(ctx, value, "value");
    ouse_set_text(ctx, shown, "title", ouse_title(ctx, scheme));
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (!ouse_is(scheme, schemes[i].scheme))
            continue;
        ouse_set_text(ctx, shown, "title", ouse_s(schemes[i].title));
        if (schemes[i].at)
            ouse_set_text(ctx, shown, "href",
                          ouse_format(ctx, "%s%.*s", schemes[i].at, OUSE_F(query_encode(ctx, number))));
    }
    return shown;
}

static struct ouse_str show_identifiers(struct view *view, const struct field *field,
                                        const struct ouse_doc *value, struct ouse_doc *shown)
{
    struct ouse_doc *identifiers = ouse_list(view->ctx);
    struct ouse_str all = ouse_s("");
    (void)field;
    for (uint32_t i = 0; i < ouse_count(view->ctx, value); i++) {
        struct ouse_doc *one = identifier(view, ouse_at(view->ctx, value, i));
        all = ouse_format(view->ctx, "%.*s%s%.*s %.*s", OUSE_F(all), i ? ", " : "",
                          OUSE_F(ouse_text(view->ctx, one, "title")),
                          OUSE_F(ouse_text(view->ctx, one, "value")));
        ouse_add(view->ctx, identifiers, one);
    }
    ouse_set(view->ctx, shown, "identifiers", identifiers);
    return all;
}

static struct ouse_str show_series(struct view *view, const struct field *field, const struct ouse_doc *value,
                                   struct ouse_doc *shown)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *series = ouse_list(ctx);
    struct ouse_str last = ouse_s("");
    (void)field;
    for (uint32_t i = 0; i < ouse_count(ctx, value); i++) {
        struct ouse_doc *one = ouse_object(ctx), *from = ouse_at(ctx, value, i);
        last = value_number(ctx, ouse_number(ctx, from, "value", 0), 0);
        ouse_set_text(ctx, one, "on", value_date(ctx, ouse_text(ctx, from, "on")));
        ouse_set_text(ctx, one, "value", last);
        ouse_add(ctx, series, one);
    }
    ouse_set(ctx, shown, "series", series);
    return last;
}

static const struct type {
    const char *name;
    show_fn show;
    uint32_t kind; /* OUSE_JSON_… */
} types[] = {
    {"text", show_text, OUSE_JSON_TEXT},       {"long", show_long, OUSE_JSON_TEXT},
    {"enum", show_enum, OUSE_JSON_TEXT},       {"bool", show_bool, OUSE_JSON_BOOL},
    {"int", show_number, OUSE_JSON_NUMBER},    {"money", show_money, OUSE_JSON_NUMBER},
    {"date", show_date, OUSE_JSON_TEXT},       {"pdate", show_date, OUSE_JSON_TEXT},
    {"qty", show_quantity, OUSE_JSON_OBJECT},  {"url", show_url, OUSE_JSON_TEXT},
    {"email", show_email, OUSE_JSON_TEXT},     {"ref", show_reference, OUSE_JSON_TEXT},
    {"refs", show_references, OUSE_JSON_LIST}, {"list", show_list, OUSE_JSON_LIST},
    {"ids", show_identifiers, OUSE_JSON_LIST}, {"series", show_series, OUSE_JSON_LIST},
};

/* A type that is not known is shown as a text. */
static const struct type *type_of(const struct field *field)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, field->type) == 0)
            return &types[i];
    return &types[0];
}

int value_is_of(struct ouse_ctx *ctx, const struct field *field, const struct ouse_doc *value)
{
    return ouse_kind(ctx, value) == type_of(field)->kind;
}

struct ouse_doc *value_view(struct view *view, const struct field *field, const struct ouse_doc *value)
{
    struct ouse_doc *shown;
    struct ouse_str text;
    if (!value_is_of(view->ctx, field, value) ||
        (type_of(field)->kind == OUSE_JSON_LIST && ouse_count(view->ctx, value) == 0))
        return NULL;
    shown = ouse_object(view->ctx);
    text = type_of(field)->show(view, field, value, shown);
    ouse_set_bool(view->ctx, shown, "plain",
                  !ouse_count(view->ctx, shown) || ouse_member(view->ctx, shown, "number"));
    ouse_set_text(view->ctx, shown, "text", text);
    return shown;
}
