/* routes: computed endpoints, one behaviour each. */
#include "probe.h"
#include <stdlib.h>

/* ---- Parameters, options, the trail --------------------------------------------- */

static const struct ouse_parameter every_type[] = {
    {.name = "text", .type = OUSE_TEXT, .flags = OUSE_REQUIRED},
    {.name = "kind", .type = OUSE_ENUM, .choices = "red green"},
    {.name = "truth", .type = OUSE_BOOL},
    {.name = "number", .type = OUSE_INT},
    {.name = "day", .type = OUSE_DATE},
    {.name = "span", .type = OUSE_PDATE},
    {.name = "host", .type = OUSE_REF},
};

static ouse_rc show_parameters(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *seen = ouse_object(ctx);
    for (size_t i = 0; i < sizeof every_type / sizeof *every_type; i++)
        ouse_set_text(ctx, seen, every_type[i].name, ouse_parameter(ctx, every_type[i].name));
    ouse_set_text(ctx, seen, "undeclared", ouse_parameter(ctx, "undeclared"));
    ouse_set_text(ctx, seen, "path", request->path);
    ouse_reply(ctx, seen);
    return OUSE_OK;
}

static const struct ouse_parameter anything[] = {
    {.name = "kind", .type = OUSE_ENUM, .choices = "red blue"},
    {.name = "*", .type = OUSE_TEXT},
};

static ouse_rc show_request(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *seen = ouse_object(ctx);
    ouse_set_text(ctx, seen, "query", request->query);
    ouse_set_text(ctx, seen, "undeclared", ouse_parameter(ctx, "undeclared"));
    ouse_set_text(ctx, seen, "language", ouse_header(ctx, "Accept-Language"));
    ouse_reply_header(ctx, "ETag", ouse_s("\"as-it-was\""));
    ouse_reply_header(ctx, "Cache-Control", ouse_s("max-age=60"));
    ouse_reply(ctx, seen);
    return OUSE_OK;
}

static ouse_rc show_options(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    const struct settings *settings = ctx->self;
    struct ouse_doc *seen = ouse_object(ctx);
    (void)request;
    ouse_set_text(ctx, seen, "text", ouse_s(settings->text));
    ouse_set_text(ctx, seen, "secret", ouse_s(settings->secret));
    ouse_set_number(ctx, seen, "number", (double)settings->number);
    ouse_set_number(ctx, seen, "patience", (double)settings->patience);
    ouse_set_number(ctx, seen, "room", (double)settings->room);
    ouse_set_bool(ctx, seen, "truth", settings->truth);
    ouse_reply(ctx, seen);
    return OUSE_OK;
}

static ouse_rc show_trail(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    ouse_reply(ctx, trail_take(ctx));
    return OUSE_OK;
}

static ouse_rc show_caller(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *seen = ouse_object(ctx);
    ouse_set_number(ctx, seen, "role", ouse_role(ctx));
    ouse_set_bool(ctx, seen, "same", ouse_role(ctx) == request->role);
    ouse_set_text(ctx, seen, "rest", request->rest);
    ouse_set_text(ctx, seen, "id", request->id);
    ouse_set_text(ctx, seen, "if_match", request->if_match);
    ouse_set_text(ctx, seen, "collection", ouse_s(request->collection));
    ouse_reply(ctx, seen);
    return OUSE_OK;
}

/* ---- Replies ----------------------------------------------------------------------- */

typedef ouse_rc (*act_fn)(struct ouse_ctx *ctx);

struct act {
    const char *name;
    act_fn fn;
};

/* Does what the parameter "how" says. */
static ouse_rc act(struct ouse_ctx *ctx, const struct act *acts)
{
    struct ouse_str how = ouse_parameter(ctx, "how");
    while (acts->name && !ouse_is(how, acts->name))
        acts++;
    return acts->name ? acts->fn(ctx) : ouse_fail(ctx, OUSE_E_REQUEST, "", "how", "No such act");
}

static ouse_rc reply_headers(struct ouse_ctx *ctx)
{
    char name[] = "X-Probe", value[] = "seen";
    ouse_reply_header(ctx, name, ouse_s(value));
    ouse_reply_header(ctx, "X-Split", ouse_s("a\r\nX-Evil: 1"));
    name[0] = value[0] = '!';
    ouse_reply_status(ctx, 202, ouse_object(ctx));
    return OUSE_OK;
}

static ouse_rc reply_bytes(struct ouse_ctx *ctx)
{
    char text[] = "a,b\n";
    ouse_reply_bytes(ctx, 201, "text/csv", ouse_s(text));
    text[0] = '!';
    return OUSE_OK;
}

static ouse_rc reply_twice(struct ouse_ctx *ctx)
{
    ouse_reply_bytes(ctx, 201, "text/csv", ouse_s("first"));
    ouse_reply(ctx, ouse_list(ctx));
    return OUSE_OK;
}

static ouse_rc reply_nothing(struct ouse_ctx *ctx)
{
    (void)ctx;
    return OUSE_OK;
}

static ouse_rc reply_no_status(struct ouse_ctx *ctx)
{
    ouse_reply_status(ctx, 42, ouse_object(ctx));
    return OUSE_OK;
}

static ouse_rc reply_then_fail(struct ouse_ctx *ctx)
{
    ouse_reply(ctx, ouse_object(ctx));
    return ouse_fail(ctx, OUSE_E_GONE, "/there", "moved_on", "It was here %d minutes ago", 5);
}

static ouse_rc fail_silently(struct ouse_ctx *ctx)
{
    (void)ctx;
    return OUSE_E_CONFLICT;
}

static ouse_rc fail_without_status(struct ouse_ctx *ctx)
{
    return ouse_fail(ctx, OUSE_OK, "", "fine", "Nothing is wrong");
}

static const struct act replies[] = {{"headers", reply_headers},
                                     {"bytes", reply_bytes},
                                     {"twice", reply_twice},
                                     {"nothing", reply_nothing},
                                     {"no-status", reply_no_status},
                                     {"then-fail", reply_then_fail},
                                     {"silently", fail_silently},
                                     {"without-status", fail_without_status},
                                     {NULL, NULL}};

static ouse_rc show_reply(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    return act(ctx, replies);
}

/* ---- What sticks ----------------------------------------------------------------------- */

static ouse_rc bad_filter(struct ouse_ctx *ctx)
{
    OUSE_EACH(ctx, host, ouse_query(ctx, "hosts", "colour=%s", "red"))
        ouse_set_null(ctx, host, "unreachable");
    ouse_reply(ctx, ouse_object(ctx));
    return OUSE_OK;
}

static ouse_rc bad_filter_then_fail(struct ouse_ctx *ctx)
{
    bad_filter(ctx);
    return ouse_fail(ctx, OUSE_E_NOT_FOUND, "", "none", "There are no red hosts");
}

static ouse_rc bad_field(struct ouse_ctx *ctx)
{
    ouse_referrers(ctx, "hosts", ouse_s("any"), "guests", "landlord");
    return OUSE_OK;
}

static ouse_rc write_in_a_read(struct ouse_ctx *ctx)
{
    ouse_create(ctx, "hosts", ouse_s("never"), ouse_object(ctx), NULL);
    return OUSE_OK;
}

static ouse_rc recheck_in_a_read(struct ouse_ctx *ctx)
{
    ouse_recheck(ctx, "hosts", ouse_s("never"));
    return OUSE_OK;
}

static ouse_rc warn_in_a_read(struct ouse_ctx *ctx)
{
    ouse_warn(ctx, "", "out_of_place", "This is no CHECK hook");
    return OUSE_OK;
}

static ouse_rc write_bytes_in_a_read(struct ouse_ctx *ctx)
{
    ouse_write(ctx, ouse_s("This is no format"));
    return OUSE_OK;
}

static ouse_rc circle(struct ouse_ctx *ctx)
{
    struct ouse_doc *object = ouse_object(ctx), *list = ouse_list(ctx);
    ouse_set(ctx, object, "list", list);
    ouse_add(ctx, list, object);
    ouse_reply(ctx, object);
    return OUSE_OK;
}

/* Nothing of this is a mistake. */
static ouse_rc not_there(struct ouse_ctx *ctx)
{
    int n = 0;
    OUSE_EACH(ctx, row, ouse_query(ctx, "no-such-things", "colour=red"))
        n += row != NULL;
    OUSE_EACH(ctx, row, ouse_referrers(ctx, "no-such-things", ouse_s("x"), NULL, NULL))
        n += row != NULL;
    n += ouse_get(ctx, "no-such-things", ouse_s("x")) != NULL;
    n += ouse_get(ctx, "hosts", ouse_s(NULL)) != NULL;
    ouse_reply_status(ctx, n ? 500 : 200, ouse_object(ctx));
    return OUSE_OK;
}

static ouse_rc ask_in_a_read(struct ouse_ctx *ctx)
{
    ouse_ask(ctx, ouse_s("hosts"), NULL);
    return OUSE_OK;
}

static const struct act mistakes[] = {{"filter", bad_filter},
                                      {"filter-then-fail", bad_filter_then_fail},
                                      {"field", bad_field},
                                      {"write", write_in_a_read},
                                      {"recheck", recheck_in_a_read},
                                      {"warn", warn_in_a_read},
                                      {"bytes", write_bytes_in_a_read},
                                      {"circle", circle},
                                      {"ask", ask_in_a_read},
                                      {"none", not_there},
                                      {NULL, NULL}};

static ouse_rc make_mistake(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    return act(ctx, mistakes);
}

static const struct ouse_parameter how[] = {{.name = "how", .type = OUSE_TEXT, .flags = OUSE_REQUIRED}};

/* Needs a store where none is open. */
static ouse_rc read_without_store(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    ouse_get(ctx, "hosts", ouse_s("any"));
    ouse_reply_status(ctx, request->record ? 500 : 200, ouse_object(ctx));
    return OUSE_OK;
}

static ouse_rc reply_asked(struct ouse_ctx *ctx, struct ouse_doc *answer, const uint32_t *status)
{
    struct ouse_doc *seen = ouse_object(ctx);
    ouse_set_or_null(ctx, seen, "answer", answer);
    ouse_set_number(ctx, seen, "status", *status);
    ouse_reply(ctx, seen);
    return OUSE_OK;
}

/* Asks the API what the rest of the path says, twice; and says the status. */
static ouse_rc ask(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str path = ouse_parameter(ctx, "how");
    uint32_t status = 0;
    (void)request;
    ouse_ask(ctx, path, NULL);
    return reply_asked(ctx, ouse_ask(ctx, path, &status), &status);
}

/* Whoever asks, as a partner. */
static ouse_rc ask_as_partner(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    uint32_t status = 0;
    (void)request;
    return reply_asked(ctx, ouse_ask_as(ctx, OUSE_PARTNER, ouse_parameter(ctx, "how"), &status), &status);
}

/* ---- Reading as the caller --------------------------------------------------------------- */

static void add_names(struct ouse_ctx *ctx, struct ouse_doc *into, const char *name, struct ouse_rows *rows)
{
    struct ouse_doc *ids = ouse_list(ctx);
    ouse_set(ctx, into, name, ids);
    OUSE_EACH(ctx, row, rows)
        ouse_add_text(ctx, ids, ouse_text(ctx, row, "id"));
}

static ouse_rc show_guests(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *seen = ouse_object(ctx);
    ouse_set(ctx, seen, "record", ouse_copy(ctx, request->record));
    ouse_set(ctx, seen, "got", ouse_get(ctx, "hosts", request->id));
    ouse_set(ctx, seen, "hidden", ouse_get(ctx, "guests", ouse_s("hidden")));
    ouse_set_text(ctx, seen, "label", ouse_label(ctx, ouse_get_reference(ctx, ouse_s("hosts/merged"))));
    add_names(ctx, seen, "queried", ouse_query(ctx, "guests", "host=%.*s", OUSE_F(request->id)));
    add_names(ctx, seen, "through_host", ouse_referrers(ctx, "hosts", request->id, "guests", "host"));
    add_names(ctx, seen, "through_secret",
              ouse_referrers(ctx, "hosts", request->id, "guests", "secret_host"));
    add_names(ctx, seen, "through_any", ouse_referrers(ctx, "hosts", request->id, NULL, NULL));
    add_names(ctx, seen, "of_merged", ouse_query(ctx, "guests", "host[in]=merged,never"));
    add_names(ctx, seen, "merged", ouse_query(ctx, "hosts", "id[in]=merged,gone"));
    add_names(ctx, seen, "through_merged", ouse_referrers(ctx, "hosts", ouse_s("merged"), "guests", "host"));
    add_names(ctx, seen, "of_nobody", ouse_query(ctx, "guests", "host=never"));
    ouse_reply(ctx, seen);
    return OUSE_OK;
}

/* ---- Documents -------------------------------------------------------------------------------- */

static struct ouse_doc *row(struct ouse_ctx *ctx, const char *name, double number)
{
    struct ouse_doc *made = ouse_object(ctx);
    ouse_set_text(ctx, made, "name", ouse_s(name));
    if (number >= 0)
        ouse_set_number(ctx, made, "number", number);
    return made;
}

static ouse_rc show_documents(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *all = ouse_object(ctx), *moved = ouse_object(ctx), *list = ouse_list(ctx);
    (void)request;
    ouse_set(ctx, all, "moved", moved);
    ouse_set_text(ctx, moved, "filled", ouse_s("afterwards"));
    ouse_set(ctx, all, "copied", moved);
    ouse_set_text(ctx, moved, "filled", ouse_s("in the first only"));
    ouse_set(ctx, all, "replaced", row(ctx, "old", 1));
    ouse_set(ctx, all, "replaced", ouse_member(ctx, ouse_member(ctx, all, "replaced"), "name"));
    ouse_set(ctx, all, "nothing", NULL);
    ouse_set_text(ctx, all, "no_text", ouse_s(NULL));
    ouse_set_pence(ctx, all, "pounds", 1010);
    ouse_set_number(ctx, all, "pence", (double)ouse_pence(ctx, all, "pounds", -1));
    ouse_set_number(ctx, all, "no_pence", (double)ouse_pence(ctx, all, "absent", -1));
    for (int i = 0; i < 4; i++)
        ouse_add(ctx, list, row(ctx, i % 2 ? "odd" : "even", 4 - i));
    ouse_add(ctx, list, row(ctx, "none", -1));
    ouse_add(ctx, list, NULL);
    ouse_set(ctx, all, "ascending", ouse_copy(ctx, list));
    ouse_sort(ctx, ouse_member(ctx, all, "ascending"), "number");
    ouse_set(ctx, all, "descending", ouse_copy(ctx, list));
    ouse_sort(ctx, ouse_member(ctx, all, "descending"), "-number");
    ouse_set(ctx, all, "stable", list);
    ouse_sort(ctx, list, "name");
    ouse_set(ctx, all, "picked", ouse_pick(ctx, all, "no_pence absent  pence pounds"));
    ouse_set(ctx, all, "shown", ouse_show(ctx, ouse_member(ctx, all, "picked"), "pence absent"));
    ouse_set_bool(ctx, all, "equal", ouse_equal(ctx, ouse_member(ctx, all, "absent"), NULL));
    ouse_set_bool(ctx, all, "null_is_nothing", ouse_equal(ctx, ouse_member(ctx, all, "no_text"), NULL));
    ouse_set_bool(ctx, all, "differs", ouse_differs(ctx, all, ouse_member(ctx, all, "picked"), "pence"));
    ouse_set_number(ctx, all, "members", ouse_count(ctx, ouse_member(ctx, all, "picked")));
    ouse_set_text(ctx, all, "second", ouse_name(ctx, ouse_at(ctx, ouse_member(ctx, all, "picked"), 1)));
    ouse_set_number(ctx, all, "behind", ouse_kind(ctx, ouse_at(ctx, list, 99)));
    ouse_set_bool(ctx, all, "of_nothing", ouse_count(ctx, NULL) || ouse_text(ctx, NULL, "a").p);
    ouse_reply(ctx, all);
    return OUSE_OK;
}

/* ---- Writing ------------------------------------------------------------------------------------- */

/* POST places/{id}/book: takes a seat. */
static ouse_rc book(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *changes = ouse_object(ctx);
    double taken = ouse_number(ctx, request->record, "taken", 0);
    ouse_rc rc;
    if (taken >= ouse_number(ctx, request->record, "seats", 0))
        return ouse_fail(ctx, OUSE_E_CONFLICT, "", "full", "All %g seats are taken", taken);
    ouse_set_number(ctx, changes, "taken", taken + 1);
    rc = ouse_patch(ctx, "places", request->id, changes);
    if (!rc)
        ouse_reply_status(ctx, 201, ouse_get(ctx, "places", request->id));
    return rc;
}

static ouse_rc step(struct ouse_ctx *ctx, const char *id, const char *title)
{
    struct ouse_doc *changes = ouse_object(ctx);
    ouse_set_text(ctx, changes, "title", ouse_s(title));
    return ouse_patch(ctx, "steps", ouse_s(id), changes);
}

/* Moves "kept" to its end, and changes its title with it. */
static ouse_rc finish(struct ouse_ctx *ctx, const char *title)
{
    struct ouse_doc *with = ouse_object(ctx);
    ouse_set_text(ctx, with, "title", ouse_s(title));
    return ouse_move(ctx, "steps", ouse_s("kept"), "state", "done", with);
}

/* POST steps/-/several: makes "made" and changes it, changes "kept" twice, deletes "lost". */
static ouse_rc several(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str made;
    ouse_rc rc = ouse_create(ctx, "steps", ouse_s("made"), request->body, &made);
    if (!rc)
        rc = step(ctx, "made", "Made 2");
    if (!rc)
        rc = step(ctx, "kept", "Kept 2");
    if (!rc)
        rc = finish(ctx, "Kept 3");
    if (!rc)
        rc = ouse_remove(ctx, "steps", ouse_s("lost"));
    if (!rc)
        ouse_reply_header(ctx, "Location", made);
    return rc;
}

/* POST {collection}/-/whirl: creates and changes, for a SETTLE hook of changes only. */
static ouse_rc whirl(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str made;
    struct ouse_doc *changes = ouse_object(ctx);
    ouse_rc rc = ouse_create(ctx, "whirls", ouse_s(NULL), request->body, &made);
    ouse_set_number(ctx, changes, "turns", 1);
    return rc ? rc : ouse_patch(ctx, "whirls", made, changes);
}

/* Goes on as if a write had not failed. */
static ouse_rc ignore_failure(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    ouse_create(ctx, "hosts", ouse_s("ignored"), row(ctx, "no title", 1), NULL);
    ouse_reply(ctx, ouse_object(ctx));
    return OUSE_OK;
}

static ouse_rc merge(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str collection = ouse_text(ctx, request->body, "collection");
    return ouse_merge(ctx, ouse_format(ctx, "%.*s", OUSE_F(collection)).p,
                      ouse_text(ctx, request->body, "id"), ouse_text(ctx, request->body, "into"));
}

#define PUBLIC_GET(at, kind, function, ...)                                                     \
    {                                                                                           \
        .method = "GET", .path = at, .access = kind, .fn = function, .summary = at, __VA_ARGS__ \
    }
#define MANAGER_POST(at, function)                                                                \
    {                                                                                             \
        .method = "POST", .path = at, .access = OUSE_WRITE, .role = OUSE_MANAGER, .fn = function, \
        .summary = at                                                                             \
    }

const struct ouse_route probe_routes[PROBE_ROUTES] = {
    PUBLIC_GET("probe/parameters", OUSE_NONE, show_parameters, .parameters = OUSE_ROWS(every_type)),
    PUBLIC_GET("probe/anything", OUSE_NONE, show_request, .parameters = OUSE_ROWS(anything)),
    PUBLIC_GET("probe/options", OUSE_NONE, show_options, .role = OUSE_PUBLIC),
    PUBLIC_GET("probe/trail", OUSE_NONE, show_trail, .role = OUSE_PUBLIC),
    PUBLIC_GET("/probe/{*}", OUSE_NONE, show_caller, .role = OUSE_PUBLIC),
    PUBLIC_GET("probe/{kind}/of/{id}", OUSE_NONE, show_caller, .role = OUSE_PUBLIC),
    PUBLIC_GET("probe/office", OUSE_NONE, show_caller, .role = OUSE_OFFICE),
    PUBLIC_GET("probe/reply", OUSE_NONE, show_reply, .parameters = OUSE_ROWS(how)),
    PUBLIC_GET("probe/mistake", OUSE_READ, make_mistake, .parameters = OUSE_ROWS(how)),
    PUBLIC_GET("probe/ask", OUSE_NONE, ask, .parameters = OUSE_ROWS(how)),
    PUBLIC_GET("probe/ask-as-partner", OUSE_NONE, ask_as_partner, .parameters = OUSE_ROWS(how)),
    PUBLIC_GET("hosts/{id}/storeless", OUSE_NONE, read_without_store, .role = OUSE_PUBLIC),
    PUBLIC_GET("hosts/{id}/guests", OUSE_READ, show_guests, .role = OUSE_PUBLIC),
    PUBLIC_GET("probe/documents", OUSE_NONE, show_documents, .role = OUSE_PUBLIC),
    MANAGER_POST("places/{id}/book", book),
    MANAGER_POST("steps/-/several", several),
    MANAGER_POST("whirls/-/whirl", whirl),
    MANAGER_POST("probe/ignore", ignore_failure),
    MANAGER_POST("probe/merge", merge),
    {.method = "DELETE",
     .path = "probe/trail",
     .access = OUSE_NONE,
     .role = OUSE_PARTNER,
     .fn = show_trail,
     .summary = "probe/trail"},
};
