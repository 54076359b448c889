/* view: one page in progress: the request, the answers of the API, and the document for the
 * template.
 *
 * Addresses in a view begin with base_path and keep `as_of`, so that a reader of a past day stays
 * there. Links to records get their labels together, when the page is complete: one request instead
 * of one per link. */
#ifndef SITE_VIEW_H
#define SITE_VIEW_H

#include "model.h"
#include "query.h"

#define VIEW_CSP                                                                                    \
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " \
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

struct view {
    struct ouse_ctx *ctx;
    const struct site *site;
    const struct model *model;
    const struct ouse_request *request;
    struct query query;                  /* of the address, without as_of */
    struct ouse_str as_of;               /* no text: now */
    const struct collection *collection; /* that the path names, or NULL */
    struct ouse_str id, name;            /* further parts of the path, or no text */
    struct ouse_doc *root, *page;        /* the document, and its member "page" */
    int template;                        /* that it is for */
    uint32_t status;                     /* of the answer; 200 until something fails */
    struct ouse_doc *problem;            /* the failure */
    struct ouse_str location;            /* of a redirect; no text: no redirect */
    struct ouse_str file;                /* replaces a page; no text: no file */
    const char *file_type;
    struct waiting {
        struct pending {
            struct ouse_doc *link;
            struct ouse_str reference; /* "people/ada" */
            int explained;             /* its context is wanted too */
        } * at;
        uint32_t n, room;
    } links, rows;                      /* links that have no label yet, rows that have no address yet */
    const struct collection *record_of; /* the collection of the record that the page is about, or NULL */
    struct ouse_str currency;           /* of the amounts of the record at hand; no text: pounds */
    double last;                        /* change of the register; 0: not asked for yet */
    /* Of a form that was sent with a list. */
    struct ouse_doc *mistakes; /* by the name of the input: its mistake */
    struct ouse_doc *found;    /* by field: references that have a name that was typed */
};

/* Returns the answer of the API to a request, a printf format of its path and query. If it fails,
 * returns NULL, and the failure becomes the answer of the page (but not with view_try). */
OUSE_PRINTF(2, 3) struct ouse_doc *view_ask(struct view *view, const char *format, ...);
OUSE_PRINTF(2, 3) struct ouse_doc *view_try(struct view *view, const char *format, ...);

/* The page fails: 404 and so on. Returns -1. */
OUSE_PRINTF(3, 4) int view_fail(struct view *view, uint32_t status, const char *format, ...);

/* Return an address on the site, and one of the API, from a query (may be NULL) and a printf format
 * of the path: view_href(view, NULL, "/%s", name). */
OUSE_PRINTF(3, 4)
struct ouse_str view_href(struct view *view, const struct query *query, const char *format, ...);
OUSE_PRINTF(3, 4)
struct ouse_str view_api(struct view *view, const struct query *query, const char *format, ...);

/* Returns the end of an address in a template: "?as_of=…", or "". */
struct ouse_str view_keep(struct view *view);

/* This page as it is now. */
struct ouse_str view_href_now(struct view *view);

/* This page with another query. */
struct ouse_str view_href_here(struct view *view, const struct query *query);

/* {"href", "collection", "id", "label"}; of a reference as a field has it: an id, or
 * "collection/id" where the field is qualified. Of "collection/id", the field may be NULL. */
struct ouse_doc *view_link(struct view *view, const char *collection, struct ouse_str id);
struct ouse_doc *view_reference(struct view *view, const struct field *field, struct ouse_str reference);

/* Requests the context of a link that has no label yet: "Director, North Hub", in its member
 * "context". */
void view_explain(struct view *view, const struct ouse_doc *link);

/* A row of a join, {"id"} of a collection: its "href" becomes that of the record at its other end, seen from
 * the record of the page. */
void view_lead_on(struct view *view, const struct collection *collection, struct ouse_doc *row);

/* Gives all links their labels, and rows their addresses. */
void view_label(struct view *view);

/* {"title", "href"} at the end of a list of the page. */
void view_add_link(struct view *view, struct ouse_doc *list, struct ouse_str title, struct ouse_str href);
void view_crumb(struct view *view, struct ouse_str title, struct ouse_str href);
void view_title(struct view *view, struct ouse_str title);

/* ---- layout.c, failure.c ------------------------------------------------------------------- */

/* Begins the document with the common parts of every page; the template is the page's kind
 * ("list"). */
void layout_describe(struct view *view, const char *template);

/* Marks the subject of the navigation that the page belongs to. */
void view_section(struct view *view, const struct collection *collection);

/* ---- trail.c ---------------------------------------------------------------------------------- */

/* The crumbs of a page about a record, up to it and without it. */
void trail_crumbs(struct view *view);

/* The same on the page of the record; sets "above" and "siblings" of it. */
void trail_fill(struct view *view, const struct ouse_doc *record);

/* ---- rows.c: sets "referrers" of a record ------------------------------------------------------- */

void rows_fill(struct view *view, struct ouse_doc *shown);

/* Fills the page of a failure: view->status, view->problem. */
void failure_fill(struct view *view);

/* ---- value.c: values of fields, as people read them --------------------------------------- */

/* Returns {"text": "£3,000,000", …}, with one more member for a better form than text: see
 * README.md. NULL for nothing. */
/* Returns the symbol before an amount: "£", or "EUR " for a currency other than pounds. */
struct ouse_str value_currency(struct ouse_ctx *ctx, struct ouse_str currency);

struct ouse_doc *value_view(struct view *view, const struct field *field, const struct ouse_doc *value);

/* Whether a value has the form that the type of a field has. */
int value_is_of(struct ouse_ctx *ctx, const struct field *field, const struct ouse_doc *value);

/* "2026-01" is "January 2026"; an instant is as time_text has it. */
struct ouse_str value_date(struct ouse_ctx *ctx, struct ouse_str date);

/* A quantity in words: "over 200,000 people". */
struct ouse_str value_quantity(struct ouse_ctx *ctx, const struct ouse_doc *value);

/* Returns the name of a number of records of a collection: "projects", "project", "GP practices". */
struct ouse_str value_records(struct ouse_ctx *ctx, const struct collection *of, double count);

/* Returns 1234567.5 as "1,234,567.5"; with `pence`, two decimals unless they are 0. */
struct ouse_str value_number(struct ouse_ctx *ctx, double number, int pence);

/* ---- time.c: the time of the United Kingdom -------------------------------------------------- */

/* "2026-01-31T10:00:00Z" is "31 January 2026, 10:00 GMT"; other text stays as it is. */
struct ouse_str time_text(struct ouse_ctx *ctx, struct ouse_str instant);

/* The day of these numbers, "2026-01-31"; the day before today by a number of days; and the instant at which
 * a day begins, or no text. */
struct ouse_str time_day(struct ouse_ctx *ctx, int year, int month, int day);
struct ouse_str time_day_ago(struct ouse_ctx *ctx, int days);
struct ouse_str time_beginning(struct ouse_ctx *ctx, struct ouse_str day);

/* ---- difference.c: how a field differs between two versions of a record ----------------------- */

struct difference {
    const struct ouse_doc *from, *to; /* values; NULL or null: none */
    struct ouse_str from_currency, to_currency;
};

struct ouse_doc *difference_of(struct view *view, const struct field *field,
                               const struct difference *versions);

/* ---- pages -------------------------------------------------------------------------------- */

/* Fill view->root. Return 0, or -1 when the page has failed. */
int home_fill(struct view *view);
int list_fill(struct view *view);
int record_fill(struct view *view);
int history_fill(struct view *view);
int changes_fill(struct view *view);
int changes_file(struct view *view);
int search_fill(struct view *view);
int data_fill(struct view *view);
int robots_fill(struct view *view);
int sitemap_fill(struct view *view);
int sitemap_part_fill(struct view *view);
int explorer_fill(struct view *view);
int explorer_group_fill(struct view *view);
int answer_fill(struct view *view);
int apply_fill(struct view *view);

/* Sets "answer" on the page of a record: that of its main endpoint, if it has one. */
void answer_fill_main(struct view *view);

/* Sets "apply" on the page of a cohort. */
void apply_offer(struct view *view, const struct ouse_doc *cohort);

/* A value of an answer in words; no text for a list, an object, a reference. */
struct ouse_str answer_words(struct view *view, const struct ouse_doc *value);

/* Returns the collection that an object with an id names, or that its name means; else `around`. */
const struct collection *answer_collection(struct view *view, const struct ouse_doc *object,
                                           struct ouse_str name, const struct collection *around);

/* ---- parts.c: sets "parts", an answer taken apart for a template that does not know it ---------- */

void parts_fill(struct view *view, const struct endpoint *endpoint, const struct ouse_doc *answer);

/* ---- formats.c: [{"title", "href", "type"}] of the other formats of a path of the API, complete
 * and
 * not only one page: of a collection, or (NULL) of the register ---------------------------------- */

/* Returns the address of the spreadsheet for people of a path of the API. */
struct ouse_str formats_sheet(struct view *view, const struct query *query, const char *path);

struct ouse_doc *formats_of(struct view *view, uint32_t of, const char *collection, const struct query *query,
                            const char *path);

/* ---- related.c --------------------------------------------------------------------------------- */

/* Returns [{"title", "href", "sheet_href"}]: the lists of subjects that have the record of the page as the end of
 * a path. */
struct ouse_doc *related_lists(struct view *view);

/* Sets "all" of a group of an answer, {"collection", "count", "records"}: the lists of exactly these records, by
 * its "filter" or by the fields that refer to the record of the page. */
void related_group(struct view *view, struct ouse_doc *group);

/* ---- charts.c ------------------------------------------------------------------------------ */

/* Sets "charts": the declared charts of an endpoint's answer, drawn. */
void charts_fill(struct view *view, const struct endpoint *endpoint, const struct ouse_doc *answer);

/* Does the same on the page of a record: for all of its answers, the charts that are small enough. */
void charts_fill_small(struct view *view);

/* A series of a record as a picture for a cell; no text where nothing was measured. */
struct ouse_str charts_of_series(struct view *view, const struct field *field, struct ouse_str id,
                                 const struct ouse_doc *series);

/* Takes the suffix of a file, "svg" or "csv", off the name of an endpoint; or NULL. */
const char *charts_suffix(struct ouse_str *name);

/* The file of a picture in place of the page: the first, or `which`, a number from 1 on. */
int charts_file(struct view *view, const struct endpoint *endpoint, const struct ouse_doc *answer,
                struct ouse_str which, const char *suffix);

/* ---- form.c: sets "form", by which the question of an endpoint is put -------------------------- */

void form_fill(struct view *view, const struct endpoint *endpoint);

/* {"fields": [ … ]} of a record: those that have a value, in their order. */
struct ouse_doc *record_fields(struct view *view, const struct ouse_doc *record);

/* The label that a record had last, if the caller may see its history; no text otherwise. */
struct ouse_str history_label(struct view *view, const struct collection *of, struct ouse_str id);

/* ---- changes.c: records that changed in a span of time ------------------------------------------ */

/* A row of the API's summary: a link with "change", "at" and so on; NULL if the record has no pages. */
struct ouse_doc *change_describe(struct view *view, const struct ouse_doc *row);

#endif
