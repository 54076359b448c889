/* changes: what changed since a day, one row for each record: the difference between the record as it was
 * before that day and as it is now. GET /changes?since=2026-11-01&type=projects; and the same as a file for
 * spreadsheets, /changes.csv.
 *
 * A day is chosen by three fields, which query.h puts together, or as `since`, which can also be all that the
 * API's summary takes, such as 30d.
 */
#include "sheet.h"
#include "typed.h"
#include "view.h"
#include <string.h>

enum {
    BRIEF = 80,      /* bytes of a value in a line */
    RECENT = 30,     /* days, if no other day is chosen */
    PAGE = 50,       /* records of a page */
    FILE_PAGE = 200, /* records that are asked for at a time for a file, */
    FILE_PAGES = 20, /* and how many times */
    PASSED = 20      /* pages of the API without anything to show */
};

/* ---- The span ----------------------------------------------------------------------------------- */

static int is_day(struct ouse_ctx *ctx, struct ouse_str text)
{
    int32_t first, last;
    return text.n == 10 && ouse_span(ctx, text, &first, &last) && first == last;
}

/* Returns the mistake of the day; no text if it is valid. */
static struct ouse_str mistake_of(struct view *view, struct ouse_str day)
{
    if (!day.p)
        return ouse_s("Enter a day, a month and a year, like 27 3 2026");
    if (is_day(view->ctx, day) && ouse_before(view->ctx, time_day_ago(view->ctx, 0), day))
        return ouse_s("Enter a day that is not in the future");
    return ouse_s(NULL);
}

/* Whether `since` was typed in three fields, which make "27/3/2026". */
static int is_typed(struct ouse_str since)
{
    return since.n && memchr(since.p, '/', since.n) != NULL;
}

static struct ouse_str chosen_day(struct view *view)
{
    struct ouse_str since = query_value(&view->query, "since");
    if (is_typed(since))
        return typed_day(view->ctx, since);
    return since.p ? since : time_day_ago(view->ctx, RECENT);
}

/* ---- The form ----------------------------------------------------------------------------------- */

/* The collections, by their titles. */
static struct ouse_doc *describe_types(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *types = ouse_list(ctx);
    struct ouse_str chosen = query_value(&view->query, "type");
    for (uint32_t i = 0; i < view->model->n_collections; i++) {
        const struct collection *collection = &view->model->collections[i];
        struct ouse_doc *type = ouse_object(ctx);
        ouse_set_text(ctx, type, "value", ouse_s(collection->name));
        ouse_set_text(ctx, type, "label", ouse_s(collection->title));
        ouse_set_bool(ctx, type, "chosen", ouse_is(chosen, collection->name));
        ouse_add(ctx, types, type);
    }
    ouse_sort(ctx, types, "label");
    return types;
}

static void describe_form(struct view *view, struct ouse_str day, struct ouse_str mistake)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *form = ouse_object(ctx);
    if (!day.p)
        typed_parts(ctx, form, query_value(&view->query, "since"));
    else if (is_day(ctx, day))
        typed_parts(ctx, form, day);
    ouse_set_text(ctx, form, "href", view_href(view, NULL, "/changes"));
    ouse_set_text(ctx, form, "mistake", mistake);
    ouse_set(ctx, form, "types", describe_types(view));
    ouse_set(ctx, view->root, "form", form);
}

/* ---- One record ------------------------------------------------------------------------------------ */

/* The value of a field in a row's changes, before or after; NULL if the field did not change. */
static struct ouse_str changed_text(struct view *view, const struct ouse_doc *changes, const char *path,
                                    const char *side)
{
    struct ouse_ctx *ctx = view->ctx;
    for (uint32_t i = 0; i < ouse_count(ctx, changes); i++)
        if (ouse_is(ouse_text(ctx, ouse_at(ctx, changes, i), "path"), path))
            return ouse_text(ctx, ouse_at(ctx, changes, i), side);
    return ouse_s(NULL);
}

/* The currency of the amounts of a row; it is read from the record unless it changed. */
static struct ouse_str currency_of(struct view *view, const struct ouse_doc *row, const char *side)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str changed = changed_text(view, ouse_member(ctx, row, "changes"), "/currency", side);
    if (changed.p)
        return changed;
    return ouse_text(ctx,
                     view_try(view, "%.*s/%.*s", OUSE_F(ouse_text(ctx, row, "collection")),
                              OUSE_F(ouse_text(ctx, row, "id"))),
                     "currency");
}

/* A change outside the fields: of the sources, or of the visibility. */
static struct ouse_doc *describe_other(struct view *view, struct ouse_str path)
{
    struct ouse_doc *difference = ouse_object(view->ctx);
    ouse_set_text(view->ctx, difference, "title",
                  ouse_s(ouse_is(path, "/sources") ? "Sources" : "Visibility"));
    ouse_set_bool(view->ctx, difference, "long", 1);
    return difference;
}

static struct ouse_doc *describe_field(struct view *view, const struct ouse_doc *row,
                                       const struct collection *of, const struct ouse_doc *change)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str path = ouse_text(ctx, change, "path");
    const struct field *field = model_field(of, (struct ouse_str){path.p + 1, path.n - 1});
    struct difference versions = {.from = ouse_member(ctx, change, "from"),
                                  .to = ouse_member(ctx, change, "to")};
    if (!field)
        return describe_other(view, path);
    if (strcmp(field->type, "money") == 0) {
        versions.from_currency = currency_of(view, row, "from");
        versions.to_currency = currency_of(view, row, "to");
    }
    return difference_of(view, field, &versions);
}

static struct ouse_doc *describe_fields(struct view *view, const struct ouse_doc *row,
                                        const struct collection *of)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *changes = ouse_member(ctx, row, "changes");
    struct ouse_doc *fields = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, changes); i++)
        ouse_add(ctx, fields, describe_field(view, row, of, ouse_at(ctx, changes, i)));
    return fields;
}

/* A record that is no more has no page, only a history. */
static struct ouse_doc *describe_ended(struct view *view, const struct collection *of, struct ouse_str id)
{
    struct ouse_doc *link = ouse_object(view->ctx);
    struct ouse_str label = history_label(view, of, id);
    ouse_set_text(view->ctx, link, "label", label.p ? label : id);
    ouse_set_null(view->ctx, link, "href");
    return link;
}

struct ouse_doc *change_describe(struct view *view, const struct ouse_doc *row)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str id = ouse_text(ctx, row, "id"), kind = ouse_text(ctx, row, "change"),
                    at = ouse_text(ctx, row, "at");
    const struct collection *of = model_collection(view->model, ouse_text(ctx, row, "collection"));
    int ended = ouse_is_one(kind, "removed merged");
    struct ouse_doc *change;
    if (!of)
        return NULL;
    change = ended ? describe_ended(view, of, id) : view_link(view, of->name, id);
    ouse_set_text(ctx, change, "collection", ouse_s(of->name));
    ouse_set_text(ctx, change, "singular", ouse_title(ctx, ouse_s(of->singular)));
    ouse_set_text(ctx, change, "change", kind);
    ouse_set_text(ctx, change, "change_text", ouse_title(ctx, kind));
    ouse_set_bool(ctx, change, "changed", ouse_is(kind, "changed"));
    ouse_set_text(ctx, change, "at", at);
    ouse_set_text(ctx, change, "at_text", value_date(ctx, at));
    ouse_set(ctx, change, "fields", describe_fields(view, row, of));
    ouse_set_or_null(ctx, change, "into",
                     ouse_is(kind, "merged") ? view_link(view, of->name, ouse_text(ctx, row, "into")) : NULL);
    ouse_set_text(ctx, change, "history_href",
                  view_href(view, NULL, "/%s/%.*s/history", of->name, OUSE_F(id)));
    return change;
}

/* ---- All of them ------------------------------------------------------------------------------------ */

/* A page of the summary, from a cursor on (no text: the first). */
static struct ouse_doc *ask(struct view *view, struct ouse_str day, struct ouse_str cursor, int limit)
{
    struct query query = {.n = 0};
    struct ouse_ctx *ctx = view->ctx;
    query_set(&query, ouse_s("since"), is_day(ctx, day) ? time_beginning(ctx, day) : day);
    query_set(&query, ouse_s("type"), query_value(&view->query, "type"));
    query_set(&query, ouse_s("count"), ouse_s("exact"));
    query_set(&query, ouse_s("limit"), ouse_format(ctx, "%d", limit));
    query_set(&query, ouse_s("cursor"), cursor);
    return view_ask(view, "-/changes/summary?%.*s", OUSE_F(query_text(ctx, &query)));
}

static void add_changes(struct view *view, struct ouse_doc *list, const struct ouse_doc *answer)
{
    const struct ouse_doc *rows = ouse_member(view->ctx, answer, "data");
    for (uint32_t i = 0; i < ouse_count(view->ctx, rows); i++)
        ouse_add(view->ctx, list, change_describe(view, ouse_at(view->ctx, rows, i)));
}

static struct ouse_str next_of(struct view *view, const struct ouse_doc *answer)
{
    return ouse_text(view->ctx, ouse_member(view->ctx, answer, "page"), "next");
}

/* "12 projects changed, 3 added": what happened, how many times, in words. */
static struct ouse_str say_counts(struct view *view, const struct ouse_doc *counts)
{
    static const char *const kinds[] = {"changed", "added", "removed", "merged"};
    static const struct collection records = {.singular = "record", .title = "Records"};
    const struct collection *of = model_collection(view->model, query_value(&view->query, "type"));
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str said = ouse_s(NULL);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        double n = ouse_number(ctx, counts, kinds[i], 0);
        struct ouse_str number = value_number(ctx, n, 0);
        if (n == 0)
            continue;
        said = said.p ? ouse_format(ctx, "%.*s, %.*s %s", OUSE_F(said), OUSE_F(number), kinds[i])
                      : ouse_format(ctx, "%.*s %.*s %s", OUSE_F(number),
                                    OUSE_F(value_records(ctx, of ? of : &records, n)), kinds[i]);
    }
    return said;
}

/* ---- The page ---------------------------------------------------------------------------------------- */

/* This page, or the file, of the same span; from a cursor on, if there is one. */
static struct ouse_str href(struct view *view, const char *path, struct ouse_str day, struct ouse_str cursor)
{
    struct query query = {.n = 0};
    query_set(&query, ouse_s("since"), day);
    query_set(&query, ouse_s("type"), query_value(&view->query, "type"));
    query_set(&query, ouse_s("cursor"), cursor);
    return view_href(view, &query, "%s", path);
}

/* The file for people, the summary as the API has it, and the feeds of changes that plugins bring. */
static struct ouse_doc *describe_formats(struct view *view, struct ouse_str day)
{
    struct ouse_ctx *ctx = view->ctx;
    struct query of_summary = {.n = 0}, of_feed = {.n = 0};
    struct ouse_doc *formats = ouse_list(ctx), *feeds;
    struct ouse_str type = query_value(&view->query, "type");
    query_set(&of_summary, ouse_s("since"), is_day(ctx, day) ? time_beginning(ctx, day) : day);
    query_set(&of_summary, ouse_s("type"), type);
    query_set(&of_feed, ouse_s("sort"), ouse_s("-seq")); /* a reader of feeds takes the first page only */
    query_set(&of_feed, ouse_s("collection"), type);
    view_add_link(view, formats, ouse_s("Spreadsheet (CSV)"), href(view, "/changes.csv", day, ouse_s(NULL)));
    view_add_link(view, formats, ouse_s("JSON"), view_api(view, &of_summary, "/-/changes/summary"));
    feeds = formats_of(view, FORMAT_CHANGES, NULL, &of_feed, "/-/changes");
    for (uint32_t i = 0; i < ouse_count(ctx, feeds); i++)
        if (ouse_text(ctx, ouse_at(ctx, feeds, i), "type").p)
            ouse_add(ctx, formats, ouse_copy(ctx, ouse_at(ctx, feeds, i)));
    return formats;
}

/* Fills the list. Skips pages of the API that are empty because a budget ended them. */
static int fill_list(struct view *view, struct ouse_str day)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *list = ouse_list(ctx), *answer = NULL;
    struct ouse_str cursor = query_value(&view->query, "cursor"), next = cursor, counts = ouse_s(NULL);
    for (int pages = 0; pages < PASSED && ouse_count(ctx, list) == 0 && (!pages || next.p); pages++) {
        answer = ask(view, day, next, PAGE);
        if (!answer)
            return -1;
        if (!counts.p)
            counts = say_counts(view, ouse_member(ctx, answer, "counts"));
        add_changes(view, list, answer);
        next = next_of(view, answer);
    }
    ouse_set(ctx, view->root, "changes", list);
    ouse_set_text(ctx, view->page, "counts", counts);
    ouse_set_bool(ctx, view->page, "none", ouse_count(ctx, list) == 0 && !next.p);
    ouse_set_bool(ctx, view->page, "uncounted", !counts.p && next.p && !cursor.p);
    ouse_set_text(ctx, view->page, "earlier_href", next.p ? href(view, "/changes", day, next) : next);
    ouse_set_text(ctx, view->page, "later_href",
                  cursor.p ? href(view, "/changes", day, ouse_s(NULL)) : cursor);
    ouse_set(ctx, view->page, "formats", describe_formats(view, day));
    return 0;
}

/* Addresses of earlier programs have a position instead of a day: `before`. It must be one of this
 * register, and not from before a restore. Returns 0, or -1 if it is not, and the page fails. */
static int check_position(struct view *view)
{
    struct ouse_str before = query_value(&view->query, "before");
    return !before.p || view_ask(view, "-/changes?sort=-seq&limit=1&before=%.*s",
                                 OUSE_F(query_encode(view->ctx, before)))
               ? 0
               : -1;
}

int changes_fill(struct view *view)
{
    struct ouse_str day = chosen_day(view), mistake = mistake_of(view, day);
    if (check_position(view))
        return -1;
    describe_form(view, day, mistake);
    ouse_set_text(view->ctx, view->page, "since_text", value_date(view->ctx, day));
    return mistake.p ? 0 : fill_list(view, day);
}

/* ---- The file ------------------------------------------------------------------------------------------ */

/* A list of links or texts as one text. */
static struct ouse_str join(struct ouse_ctx *ctx, const struct ouse_doc *list, const char *member)
{
    struct ouse_str all = ouse_s("");
    for (uint32_t i = 0; i < ouse_count(ctx, list); i++) {
        const struct ouse_doc *one = ouse_at(ctx, list, i);
        struct ouse_str text = member ? ouse_text(ctx, one, member) : ouse_as_text(ctx, one);
        all = ouse_format(ctx, "%.*s%s%.*s", OUSE_F(all), i ? "; " : "", OUSE_F(text));
    }
    return all;
}

/* Returns the words of one side of a difference, or an empty text. */
static struct ouse_str words_of(struct ouse_ctx *ctx, const struct ouse_doc *difference, const char *replaced,
                                const char *alone)
{
    const struct ouse_doc *side = ouse_member(ctx, difference, replaced), *value;
    side = ouse_kind(ctx, side) == OUSE_JSON_OBJECT ? side : ouse_member(ctx, difference, alone);
    value = ouse_member(ctx, side, "value");
    if (ouse_member(ctx, value, "link"))
        return ouse_text(ctx, ouse_member(ctx, value, "link"), "label");
    if (ouse_member(ctx, value, "links"))
        return join(ctx, ouse_member(ctx, value, "links"), "label");
    if (ouse_member(ctx, value, "items"))
        return join(ctx, ouse_member(ctx, value, "items"), NULL);
    return ouse_text(ctx, value, "text");
}

static void write_row(struct view *view, struct sheet *sheet, const struct ouse_doc *change,
                      const struct ouse_doc *difference)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str href = ouse_text(ctx, change, "href");
    sheet_cell(sheet, 1, ouse_text(ctx, change, "singular"));
    sheet_cell(sheet, 0, ouse_text(ctx, change, "label"));
    sheet_cell(sheet, 0, ouse_text(ctx, change, "change_text"));
    sheet_cell(sheet, 0, ouse_text(ctx, difference, "title"));
    sheet_cell(sheet, 0, words_of(ctx, difference, "before", "removed"));
    sheet_cell(sheet, 0,
               difference ? words_of(ctx, difference, "after", "added")
                          : ouse_text(ctx, ouse_member(ctx, change, "into"), "label"));
    sheet_cell(sheet, 0, ouse_text(ctx, change, "at_text"));
    sheet_cell(sheet, 0, href.p ? ouse_format(ctx, "%s%.*s", view->site->address, OUSE_F(href)) : ouse_s(""));
    sheet_put(sheet, "\r\n", 2);
}

static void write_head(struct sheet *sheet)
{
    static const char bom[] = "\xef\xbb\xbf"; /* without it Excel takes the text for Windows-1252 */
    static const char *const names[] = {"Type",   "Record", "What happened", "Field",
                                        "Before", "After",  "When",          "Address"};
    sheet_put(sheet, bom, sizeof bom - 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        sheet_cell(sheet, i == 0, ouse_s(names[i]));
    sheet_put(sheet, "\r\n", 2);
}

/* A record that changed has a row for each field. */
static void write_change(struct view *view, struct sheet *sheet, const struct ouse_doc *change)
{
    const struct ouse_doc *fields = ouse_member(view->ctx, change, "fields");
    uint32_t n = ouse_count(view->ctx, fields);
    for (uint32_t i = 0; i < (n ? n : 1); i++)
        write_row(view, sheet, change, n ? ouse_at(view->ctx, fields, i) : NULL);
}

int changes_file(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str day = chosen_day(view), mistake = mistake_of(view, day), next = ouse_s(NULL);
    struct ouse_doc *list = ouse_list(ctx);
    struct sheet sheet = {0};
    if (mistake.p)
        return view_fail(view, 400, "%.*s", OUSE_F(mistake));
    for (int pages = 0; pages < FILE_PAGES && (!pages || next.p); pages++) {
        struct ouse_doc *answer = ask(view, day, next, FILE_PAGE);
        if (!answer)
            return -1;
        add_changes(view, list, answer);
        next = next_of(view, answer);
    }
    if (next.p)
        return view_fail(view, 400,
                         "There are more changes than fit into one file; choose a later day or a type");
    view_label(view);
    write_head(&sheet);
    for (uint32_t i = 0; i < ouse_count(ctx, list); i++)
        write_change(view, &sheet, ouse_at(ctx, list, i));
    view->file = sheet_take(ctx, &sheet);
    view->file_type = "text/csv; charset=utf-8; header=present";
    return view->file.p ? 0
                        : view_fail(view, 400, "The file would be too large; choose a later day or a type");
}
