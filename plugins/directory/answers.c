/* answers: the computed endpoints of the directory.
 *
 * Every member of an answer is always present; an unknown value is null. Ids come with their
 * labels, so a client needs no second request. Records that the caller may not see are neither
 * listed nor counted. If another plugin is not loaded, its collections have no records here. */
#include "directory.h"

#define AREAS_MAX  500 /* areas within one area that an overview looks at */
#define LISTED_MAX 200 /* records of one kind in an answer; counts include all */

/* ---- Parts of the answers ------------------------------------------------ */

static struct ouse_str collection_of(struct ouse_ctx *ctx, const struct ouse_doc *record)
{
    return ouse_text(ctx, ouse_member(ctx, record, "meta"), "collection");
}

/* {collection, id, label} of a reference "collection/id". */
static struct ouse_doc *reference(struct ouse_ctx *ctx, struct ouse_str to)
{
    const char *slash = to.p ? memchr(to.p, '/', to.n) : NULL;

    if (!slash)
        return NULL;
    struct ouse_doc *shown = ouse_object(ctx);
    struct ouse_str collection = ouse_format(ctx, "%.*s", (int)(slash - to.p), to.p);
    struct ouse_str id = {slash + 1, to.n - collection.n - 1};
    ouse_set_text(ctx, shown, "collection", collection);
    ouse_set_text(ctx, shown, "id", id);
    ouse_set_text(ctx, shown, "label", ouse_label_of(ctx, collection.p, id));
    return shown;
}

/* A list of records, with the number of all that there are. */
struct listing {
    struct ouse_doc *list;
    uint32_t n;
};

static void listing_add(struct ouse_ctx *ctx, struct listing *listing, struct ouse_doc *entry)
{
    if (listing->n++ < LISTED_MAX)
        ouse_add(ctx, listing->list, entry);
}

/* Puts the list under its name, and its number under `counts`. */
static void listing_set(struct ouse_ctx *ctx, struct ouse_doc *answer, const char *name,
                        struct listing listing)
{
    ouse_set(ctx, answer, name, listing.list);
    ouse_set_number(ctx, ouse_member(ctx, answer, "counts"), name, listing.n);
}

/* ---- GET people/{id}/roles --------------------------------------------- */

/* Returns whether a record is, or may be, in force on a day; always true without a day. */
static int in_force(struct ouse_ctx *ctx, const struct ouse_doc *record, struct ouse_str on)
{
    int32_t day, starts = INT32_MIN, ends = INT32_MAX, ignored;

    if (!ouse_span(ctx, on, &day, &ignored))
        return 1;
    ouse_span(ctx, ouse_text(ctx, record, "starts"), &starts, &ignored);
    ouse_span(ctx, ouse_text(ctx, record, "ends"), &ignored, &ends);
    return starts <= day && day <= ends;
}

/* Appointments as they are sorted by "past -when": those that are held, the newest first, then those of the
 * past, the last that ended first. The ones that have no date come last. */
static struct ouse_doc *sort_appointments(struct ouse_ctx *ctx, struct ouse_str person, struct ouse_str on)
{
    struct ouse_doc *rows = ouse_list(ctx);

    OUSE_EACH(ctx, appointment, ouse_referrers(ctx, "people", person, "appointments", "person")) {
        struct ouse_str ends = ouse_text(ctx, appointment, "ends");
        int32_t first, last;
        if (!in_force(ctx, appointment, on))
            continue;
        int past = !on.p && ouse_span(ctx, ends, &first, &last) && last < ouse_today(ctx);
        struct ouse_doc *row = ouse_object(ctx);
        ouse_set(ctx, row, "shown", ouse_show(ctx, appointment, "id role title body acting starts ends"));
        ouse_set_number(ctx, row, "past", past);
        ouse_set_text(ctx, row, "when", past ? ends : ouse_text(ctx, appointment, "starts"));
        ouse_add(ctx, rows, row);
    }
    ouse_sort(ctx, rows, "past -when");
    return rows;
}

static struct listing appointments_of(struct ouse_ctx *ctx, struct ouse_str person, struct ouse_str on)
{
    const struct ouse_doc *rows = sort_appointments(ctx, person, on);
    struct listing held = {ouse_list(ctx), 0};

    for (uint32_t i = 0; i < ouse_count(ctx, rows); i++) {
        struct ouse_doc *shown = ouse_copy(ctx, ouse_member(ctx, ouse_at(ctx, rows, i), "shown"));
        if (i < LISTED_MAX)
            ouse_set_or_null(ctx, shown, "body", reference(ctx, ouse_text(ctx, shown, "body")));
        listing_add(ctx, &held, shown);
    }
    return held;
}

static struct listing leads_of(struct ouse_ctx *ctx, struct ouse_str person, struct ouse_str on)
{
    static const struct {
        const char *collection, *field;
    } led[] = {{"projects", "leads"}, {"programmes", "lead"}};
    struct listing leads = {ouse_list(ctx), 0};

    for (size_t i = 0; i < sizeof led / sizeof led[0]; i++)
        OUSE_EACH(ctx, record, ouse_referrers(ctx, "people", person, led[i].collection, led[i].field)) {
            if (!in_force(ctx, record, on))
                continue;
            struct ouse_doc *shown = ouse_object(ctx);
            ouse_set_text(ctx, shown, "collection", ouse_s(led[i].collection));
            ouse_set(ctx, shown, "id", ouse_member(ctx, record, "id"));
            ouse_set_text(ctx, shown, "label", ouse_label(ctx, record));
            ouse_set_text(ctx, shown, "state", ouse_text(ctx, record, "state"));
            listing_add(ctx, &leads, shown);
        }
    return leads;
}

static struct listing statements_of(struct ouse_ctx *ctx, struct ouse_str person)
{
    struct listing said = {ouse_list(ctx), 0};

    OUSE_EACH(ctx, statement, ouse_referrers(ctx, "people", person, "statements", "speaker"))
        listing_add(ctx, &said, ouse_show(ctx, statement, "id text in said_on"));
    return said;
}

ouse_rc person_roles(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str on = ouse_parameter(ctx, "on");
    struct ouse_doc *answer = ouse_object(ctx);

    ouse_set(ctx, answer, "person", ouse_show(ctx, request->record, "id name honorific"));
    ouse_set_text(ctx, answer, "on", on);
    ouse_set(ctx, answer, "counts", ouse_object(ctx));
    listing_set(ctx, answer, "appointments", appointments_of(ctx, request->id, on));
    listing_set(ctx, answer, "leads", leads_of(ctx, request->id, on));
    listing_set(ctx, answer, "statements", statements_of(ctx, request->id));
    ouse_reply(ctx, answer);
    return OUSE_OK;
}

/* ---- GET organisations/{id}/involvement -------------------------------- */

/* Returns the label of a record that refers to an organisation. If the record has no name, this is
 * the label of the other record that it links. */
static struct ouse_str label_of_link(struct ouse_ctx *ctx, const struct ouse_doc *record)
{
    static const struct {
        const char *collection, *field, *to;
    } links[] = {
        {"appointments", "person", "people"},
        {"partners", "hub", "hubs"},
        {"practices", "network", "networks"},
        {"constituents", "cluster", "clusters"},
    };
    struct ouse_str collection = collection_of(ctx, record);

    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (ouse_is(collection, links[i].collection))
            return ouse_label_of(ctx, links[i].to, ouse_text(ctx, record, links[i].field));
    return ouse_label(ctx, record);
}

static struct ouse_doc *involvement_group(struct ouse_ctx *ctx, struct ouse_str collection)
{
    struct ouse_doc *group = ouse_object(ctx);

    ouse_set_text(ctx, group, "collection", collection);
    ouse_set_number(ctx, group, "count", 0);
    ouse_set(ctx, group, "records", ouse_list(ctx));
    return group;
}

ouse_rc organisation_involvement(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *answer = ouse_object(ctx), *groups = ouse_list(ctx), *group = NULL;
    uint32_t total = 0, in_group = 0;

    OUSE_EACH(ctx, record, ouse_referrers(ctx, "organisations", request->id, NULL, NULL)) {
        struct ouse_str collection = collection_of(ctx, record);
        if (!group || !ouse_same(ouse_text(ctx, group, "collection"), collection)) {
            group = involvement_group(ctx, collection);
            ouse_add(ctx, groups, group);
            in_group = 0;
        }
        total++;
        ouse_set_number(ctx, group, "count", ++in_group);
        if (in_group > LISTED_MAX)
            continue;
        struct ouse_doc *shown = ouse_show(ctx, record, "id label role state starts ends");
        ouse_set_text(ctx, shown, "label", label_of_link(ctx, record));
        ouse_add(ctx, ouse_member(ctx, group, "records"), shown);
    }
    for (uint32_t i = 0; i < ouse_count(ctx, groups); i++)
        ouse_sort(ctx, ouse_member(ctx, ouse_at(ctx, groups, i), "records"), "label id");
    ouse_sort(ctx, groups, "collection");
    ouse_set(ctx, answer, "organisation", ouse_show(ctx, request->record, "id name short_name kind status"));
    ouse_set_number(ctx, answer, "count", total);
    ouse_set(ctx, answer, "collections", groups);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}

/* ---- GET areas/{id}/overview ------------------------------------------- */

/* An area and all that lie in it, each once, nearest first. */
struct region {
    struct ouse_str ids[AREAS_MAX];
    uint32_t n;
};

static int region_add(struct region *region, struct ouse_str id)
{
    if (region->n == AREAS_MAX)
        return 0;
    for (uint32_t i = 0; i < region->n; i++)
        if (ouse_same(region->ids[i], id))
            return 0;
    region->ids[region->n++] = id;
    return 1;
}

/* Fills the region of an area; yields the areas within. */
static struct listing region_of(struct ouse_ctx *ctx, struct region *region,
                                const struct ouse_request *request)
{
    struct listing within = {ouse_list(ctx), 0};
    const struct ouse_doc *area = request->record;

    region_add(region, request->id);
    for (uint32_t next = 1; area;
         area = next < region->n ? ouse_get(ctx, "areas", region->ids[next++]) : NULL) {
        const struct ouse_doc *contains = ouse_member(ctx, area, "contains");
        for (uint32_t i = 0; i < ouse_count(ctx, contains); i++) {
            struct ouse_doc *part = ouse_get(ctx, "areas", ouse_as_text(ctx, ouse_at(ctx, contains, i)));
            if (part && region_add(region, ouse_text(ctx, part, "id")))
                listing_add(ctx, &within, ouse_show(ctx, part, "id name kind population"));
        }
    }
    return within;
}

static struct listing located(struct ouse_ctx *ctx, const struct region *region, const char *collection,
                              const char *names)
{
    struct listing found = {ouse_list(ctx), 0};

    for (uint32_t i = 0; i < region->n; i++)
        OUSE_EACH(ctx, record, ouse_referrers(ctx, "areas", region->ids[i], collection, "area"))
            listing_add(ctx, &found, ouse_show(ctx, record, names));
    ouse_sort(ctx, found.list, "name title id");
    return found;
}

static int region_has(const struct region *region, struct ouse_str id)
{
    for (uint32_t i = 0; i < region->n; i++)
        if (ouse_same(region->ids[i], id))
            return 1;
    return 0;
}

static struct ouse_doc *group_called(struct ouse_ctx *ctx, struct ouse_doc *groups,
                                     struct ouse_str collection)
{
    for (uint32_t i = 0; i < ouse_count(ctx, groups); i++)
        if (ouse_same(ouse_text(ctx, ouse_at(ctx, groups, i), "collection"), collection))
            return ouse_at(ctx, groups, i);
    struct ouse_doc *group = involvement_group(ctx, collection);
    ouse_add(ctx, groups, group);
    return group;
}

/* The filter of the list of all records that name one of the areas; no text if there are too many areas. */
static struct ouse_str region_filter(struct ouse_ctx *ctx, const struct region *region)
{
    enum { IN_MAX = 100 }; /* values of `in` */
    struct ouse_str filter = ouse_s(region->n == 1 ? "area=" : "area[in]=");
    if (region->n > IN_MAX)
        return ouse_s(NULL);
    for (uint32_t i = 0; i < region->n; i++)
        filter = ouse_format(ctx, "%.*s%s%.*s", OUSE_F(filter), i ? "," : "", OUSE_F(region->ids[i]));
    return filter;
}

/* Returns the records of every collection that name one of the areas, by collection, each with its
 * area. */
static struct ouse_doc *everything_in(struct ouse_ctx *ctx, const struct region *region)
{
    struct ouse_doc *groups = ouse_list(ctx);
    struct ouse_str filter = region_filter(ctx, region);

    for (uint32_t i = 0; i < region->n; i++)
        OUSE_EACH(ctx, record, ouse_referrers(ctx, "areas", region->ids[i], NULL, NULL)) {
            struct ouse_str collection = collection_of(ctx, record);
            if (ouse_is(collection, "areas"))
                continue;
            struct ouse_doc *group = group_called(ctx, groups, collection);
            double count = ouse_number(ctx, group, "count", 0) + 1;
            ouse_set_number(ctx, group, "count", count);
            if (count > LISTED_MAX)
                continue;
            struct ouse_doc *shown = reference(
                ctx, ouse_format(ctx, "%.*s/%.*s", OUSE_F(collection), OUSE_F(ouse_text(ctx, record, "id"))));
            ouse_set(ctx, shown, "area",
                     reference(ctx, ouse_format(ctx, "areas/%.*s", OUSE_F(region->ids[i]))));
            ouse_add(ctx, ouse_member(ctx, group, "records"), shown);
        }
    for (uint32_t i = 0; i < ouse_count(ctx, groups); i++) {
        ouse_sort(ctx, ouse_member(ctx, ouse_at(ctx, groups, i), "records"), "label id");
        ouse_set_text(ctx, ouse_at(ctx, groups, i), "filter", filter);
    }
    ouse_sort(ctx, groups, "collection");
    return groups;
}

/* The areas that contain an area, without those that lie in it too. */
static struct region *region_beyond(struct ouse_ctx *ctx, struct ouse_str area, const struct region *within)
{
    struct region *all = ouse_alloc(ctx, sizeof *all), *beyond = ouse_alloc(ctx, sizeof *beyond);

    all->n = beyond->n = 0;
    region_add(all, area);
    for (uint32_t i = 0; i < all->n; i++)
        OUSE_EACH(ctx, whole, ouse_referrers(ctx, "areas", all->ids[i], "areas", "contains"))
            region_add(all, ouse_text(ctx, whole, "id"));
    for (uint32_t i = 0; i < all->n; i++)
        if (!region_has(within, all->ids[i]))
            region_add(beyond, all->ids[i]);
    return beyond;
}

ouse_rc area_overview(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    static const struct {
        const char *collection, *names;
    } parts[] = {
        {"organisations", "id name short_name kind status area"},
        {"sites", "id name kind organisation area"},
        {"hubs", "id name kind state area"},
        {"networks", "id name state population area"},
        {"clusters", "id name kind state area"},
        {"strategies", "id title state area"},
    };
    struct region *region = ouse_alloc(ctx, sizeof *region);
    struct ouse_doc *answer = ouse_object(ctx);

    ouse_set(ctx, answer, "area", ouse_show(ctx, request->record, "id name kind gss_code population"));
    ouse_set(ctx, answer, "counts", ouse_object(ctx));
    listing_set(ctx, answer, "contains", region_of(ctx, region, request));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        listing_set(ctx, answer, parts[i].collection,
                    located(ctx, region, parts[i].collection, parts[i].names));
    const struct region *beyond = region_beyond(ctx, request->id, region);
    struct ouse_doc *around = ouse_list(ctx);
    for (uint32_t i = 0; i < beyond->n; i++)
        ouse_add(ctx, around,
                 ouse_show(ctx, ouse_get(ctx, "areas", beyond->ids[i]), "id name kind population"));
    ouse_set(ctx, answer, "within", around);
    ouse_set(ctx, answer, "here", everything_in(ctx, region));
    ouse_set(ctx, answer, "covers", everything_in(ctx, beyond));
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
