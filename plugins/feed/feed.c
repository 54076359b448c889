/* feed: lists, records and changes as Atom (RFC 4287).
 *
 *   list      ─> feed of entries, in the list's order, page by page (RFC 5005)
 *   record    ─> a single entry
 *   changes   ─> feed of the changes of records
 *
 * A feed has the same content as the list for the same caller. Ids are UUIDs of the register's
 * names, so they stay when the register moves to another address. */
#include "feed.h"

#define ATOM      "application/atom+xml"
#define NAMESPACE "xmlns=\"http://www.w3.org/2005/Atom\""

static const char never[] = "1970-01-01T00:00:00Z"; /* a feed without entries was updated */

/* ---- Elements ----------------------------------------------------------------- */

static void write_id(struct ouse_ctx *ctx, struct ouse_str name)
{
    ouse_write(ctx, ouse_format(ctx, "<id>urn:uuid:%.*s</id>\n", OUSE_F(ouse_uuid(ctx, name))));
}

/* The option address goes before addresses, which begin with the path prefix. */
static void write_link(struct ouse_ctx *ctx, const char *rel, const char *type, struct ouse_str href)
{
    if (href.n)
        ouse_write(ctx, ouse_format(ctx, "<link rel=\"%s\" type=\"%s\" href=\"%.*s\"/>\n", rel, type,
                                    OUSE_F(xml_escape(ctx, ouse_format(ctx, "%s%.*s", feed_of(ctx)->address,
                                                                       OUSE_F(href))))));
}

static int has_plugin(struct ouse_ctx *ctx, const char *name)
{
    const struct ouse_doc *plugins = ouse_member(ctx, ouse_about(ctx), "plugins");
    for (uint32_t i = 0; i < ouse_count(ctx, plugins); i++)
        if (ouse_is(ouse_as_text(ctx, ouse_at(ctx, plugins, i)), name))
            return 1;
    return 0;
}

/* Writes the links to the same content as a page, if there are pages, and as JSON: `path` is below
 * that of the site, and of the API. */
static void write_alternates(struct ouse_ctx *ctx, struct ouse_str page, struct ouse_str data)
{
    struct ouse_str base = ouse_text(ctx, ouse_about(ctx), "base_path");
    if (has_plugin(ctx, "site"))
        write_link(ctx, "alternate", "text/html", ouse_format(ctx, "%.*s/%.*s", OUSE_F(base), OUSE_F(page)));
    write_link(ctx, "alternate", "application/json",
               ouse_format(ctx, "%.*s/api/v1/%.*s", OUSE_F(base), OUSE_F(data)));
}

static void write_author(struct ouse_ctx *ctx)
{
    ouse_write(ctx, ouse_s("<author>"));
    xml_element(ctx, "name", ouse_s(feed_of(ctx)->name));
    ouse_write(ctx, ouse_s("</author>\n"));
    xml_element(ctx, "rights", ouse_s(feed_of(ctx)->rights));
}

/* ---- Feeds ----------------------------------------------------------------------- */

/* Begins a feed. `of` is its subject, as a path and query below the API's. */
static void begin_feed(struct ouse_ctx *ctx, struct ouse_str of, struct ouse_str page, struct ouse_str title,
                       struct ouse_str subtitle)
{
    const struct ouse_doc *about = ouse_about(ctx), *links = ouse_member(ctx, about, "links");
    struct ouse_str updated = ouse_text(ctx, about, "updated");
    ouse_write(ctx, ouse_s("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed " NAMESPACE ">\n"));
    write_id(ctx, of);
    xml_element(ctx, "title", ouse_format(ctx, "%.*s – %s", OUSE_F(title), feed_of(ctx)->name));
    xml_element(ctx, "subtitle", subtitle);
    xml_element(ctx, "updated", updated.p ? updated : ouse_s(never));
    write_author(ctx);
    write_link(ctx, "self", ATOM, ouse_text(ctx, links, "self"));
    write_link(ctx, "next", ATOM, ouse_text(ctx, links, "next"));
    write_alternates(ctx, page, of);
}

static ouse_rc end_feed(struct ouse_ctx *ctx)
{
    ouse_write(ctx, ouse_s("</feed>\n"));
    return OUSE_OK;
}

/* ---- Records ---------------------------------------------------------------------- */

/* Returns the path of a record. Addresses of a past state have its instant. */
static struct ouse_str record_path(struct ouse_ctx *ctx, struct ouse_str collection, struct ouse_str id)
{
    struct ouse_str as_of = ouse_text(ctx, ouse_about(ctx), "as_of");
    return ouse_format(ctx, "%.*s/%.*s%s%.*s", OUSE_F(collection), OUSE_F(id), as_of.p ? "?as_of=" : "",
                       OUSE_F(as_of));
}

static void write_record(struct ouse_ctx *ctx, const struct ouse_doc *record)
{
    const struct ouse_doc *collection = ouse_member(ctx, ouse_about(ctx), "collection");
    const struct ouse_doc *meta = ouse_member(ctx, record, "meta");
    struct ouse_str name = ouse_text(ctx, collection, "name"), id = ouse_text(ctx, record, "id");
    struct ouse_str path = record_path(ctx, name, id);
    write_id(ctx, ouse_format(ctx, "%.*s/%.*s", OUSE_F(name), OUSE_F(id)));
    xml_element(ctx, "title", ouse_label(ctx, record));
    xml_element(ctx, "published", ouse_text(ctx, meta, "created"));
    xml_element(ctx, "updated", ouse_text(ctx, meta, "updated"));
    write_alternates(ctx, path, path);
    xml_element(ctx, "summary", summary_of(ctx, collection, record));
}

static ouse_rc write_list(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *value)
{
    const struct ouse_doc *about = ouse_about(ctx), *collection = ouse_member(ctx, about, "collection");
    struct ouse_str name = ouse_text(ctx, collection, "name"), title = ouse_text(ctx, collection, "title");
    struct ouse_str query = ouse_text(ctx, about, "query");
    struct ouse_str of = ouse_format(ctx, "%.*s%s%.*s", OUSE_F(name), query.n ? "?" : "", OUSE_F(query));
    if (part == OUSE_END)
        return end_feed(ctx);
    if (part == OUSE_BEGIN) {
        begin_feed(ctx, of, of, title.p ? title : ouse_title(ctx, name), ouse_text(ctx, collection, "doc"));
        return OUSE_OK;
    }
    ouse_write(ctx, ouse_s("<entry>\n"));
    write_record(ctx, value);
    ouse_write(ctx, ouse_s("</entry>\n"));
    return OUSE_OK;
}

static ouse_rc write_alone(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *record)
{
    const struct ouse_doc *links = ouse_member(ctx, ouse_about(ctx), "links");
    (void)part;
    ouse_write(ctx, ouse_s("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<entry " NAMESPACE ">\n"));
    write_record(ctx, record);
    write_author(ctx);
    write_link(ctx, "self", ATOM, ouse_text(ctx, links, "self"));
    ouse_write(ctx, ouse_s("</entry>\n"));
    return OUSE_OK;
}

/* ---- Changes ------------------------------------------------------------------------ */

/* Returns the change of a record, for the end of a title: "Ageing well: changed". */
static struct ouse_str said(struct ouse_str op)
{
    static const struct {
        const char *op, *said;
    } words[] = {{"create", "added"},   {"update", "changed"}, {"move", "moved on"},
                 {"remove", "removed"}, {"merge", "merged"},   {"recheck", "checked anew"},
                 {"hide", "hidden"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ouse_is(op, words[i].op))
            return ouse_s(words[i].said);
    return op;
}

/* A record that is gone, or hidden by now, is called by its id. */
static void write_change(struct ouse_ctx *ctx, const struct ouse_doc *change)
{
    struct ouse_str collection = ouse_text(ctx, change, "collection"), id = ouse_text(ctx, change, "id");
    struct ouse_str path = ouse_format(ctx, "%.*s/%.*s", OUSE_F(collection), OUSE_F(id));
    const struct ouse_doc *record = ouse_get_reference(ctx, path);
    struct ouse_str label = record ? ouse_label(ctx, record) : id, op = said(ouse_text(ctx, change, "op"));
    double seq = ouse_number(ctx, change, "seq", 0), revision = ouse_number(ctx, change, "revision", 0);
    ouse_write(ctx, ouse_s("<entry>\n"));
    write_id(ctx, ouse_format(ctx, "-/changes/%.0f", seq));
    xml_element(ctx, "title", ouse_format(ctx, "%.*s: %.*s", OUSE_F(label), OUSE_F(op)));
    xml_element(ctx, "updated", ouse_text(ctx, change, "at"));
    write_alternates(ctx, ouse_format(ctx, "%.*s/history", OUSE_F(path)),
                     ouse_format(ctx, "%.*s/revisions/%.0f", OUSE_F(path), revision));
    xml_element(ctx, "summary",
                ouse_format(ctx, "%.*s was %.*s: revision %.0f, change %.0f of the register", OUSE_F(path),
                            OUSE_F(op), revision, seq));
    ouse_write(ctx, ouse_s("</entry>\n"));
}

static ouse_rc write_changes(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *value)
{
    struct ouse_str query = ouse_text(ctx, ouse_about(ctx), "query");
    if (part == OUSE_END)
        return end_feed(ctx);
    if (part == OUSE_BEGIN)
        begin_feed(ctx, ouse_format(ctx, "-/changes%s%.*s", query.n ? "?" : "", OUSE_F(query)),
                   ouse_format(ctx, "changes%s%.*s", query.n ? "?" : "", OUSE_F(query)), ouse_s("Changes"),
                   ouse_s("Records that were added, changed and removed."));
    else
        write_change(ctx, value);
    return OUSE_OK;
}

/* ---- Description ------------------------------------------------------------------------ */

static const struct ouse_option options[] = {
    {.name = "name",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "Partnership register",
     .offset = offsetof(struct feed, name),
     .help = "Name of the register, and author of the entries."},
    {.name = "address",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct feed, address),
     .help = "Address of the register, without base_path: \"https://register.example.org\"; precedes links."},
    {.name = "rights",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct feed, rights),
     .help = "Terms of use of the entries."},
};

static const struct ouse_format formats[] = {
    {.media_type = ATOM,
     .suffix = "atom",
     .applies_to = OUSE_OF_LIST,
     .flags = OUSE_PAGED,
     .fn = write_list,
     .doc = "A list as a feed to subscribe to."},
    {.media_type = ATOM,
     .suffix = "atom",
     .applies_to = OUSE_OF_RECORD,
     .fn = write_alone,
     .doc = "A record as an entry of a feed."},
    {.media_type = ATOM,
     .suffix = "atom",
     .applies_to = OUSE_OF_CHANGES,
     .fn = write_changes,
     .doc = "The changes as a feed to subscribe to."},
};

OUSE_PLUGIN(.name = "feed", .version = "1.0.0", .title = "Feeds",
            .doc = "Lists, records and changes as Atom feeds.", .threads = OUSE_PARALLEL,
            .self_size = sizeof(struct feed), .options = OUSE_ROWS(options), .formats = OUSE_ROWS(formats))
