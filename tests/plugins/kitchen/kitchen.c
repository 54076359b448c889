/* kitchen: a plugin for tests that has one of everything: every field type,
 * hidden fields, unique and compound indexes, every on_delete, a state machine
 * with roles, derived fields, a format, and collections that lack verbs. */
#include <ouse/plugin.h>

static const struct ouse_field dish_fields[] = {
    {.name = "name", .type = OUSE_TEXT, .flags = OUSE_REQUIRED | OUSE_INDEXED},
    {.name = "story", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE},
    {.name = "course",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "starter main dessert",
     .dflt = "\"main\""},
    {.name = "vegan", .type = OUSE_BOOL, .flags = OUSE_INDEXED},
    {.name = "serves", .type = OUSE_INT, .flags = OUSE_INDEXED, .min = 1, .max = 100},
    {.name = "price", .type = OUSE_MONEY, .flags = OUSE_INDEXED, .min = 0, .max = 100000},
    {.name = "cost", .type = OUSE_MONEY, .visibility = OUSE_PARTNER},
    {.name = "margin_note",
     .type = OUSE_TEXT,
     .flags = OUSE_INDEXED | OUSE_SEARCHABLE,
     .visibility = OUSE_OFFICE},
    {.name = "first_served", .type = OUSE_DATE},
    {.name = "last_served", .type = OUSE_DATE, .after = "first_served"},
    {.name = "season", .type = OUSE_PDATE, .flags = OUSE_INDEXED},
    {.name = "weight", .type = OUSE_QTY},
    {.name = "page", .type = OUSE_URL},
    {.name = "contact", .type = OUSE_EMAIL},
    {.name = "supplier", .type = OUSE_REF, .refers_to = "suppliers"},
    {.name = "tasters", .type = OUSE_REFS, .refers_to = "cooks", .on_delete = OUSE_NULLIFY},
    {.name = "inspired_by", .type = OUSE_REF, .refers_to = "dishes cooks", .on_delete = OUSE_NULLIFY},
    {.name = "tags", .type = OUSE_LIST, .flags = OUSE_INDEXED},
    {.name = "allergens", .type = OUSE_LIST, .choices = "gluten nuts milk"},
    {.name = "identifiers", .type = OUSE_IDS, .choices = "ods ror"},
    {.name = "code", .type = OUSE_TEXT, .flags = OUSE_UNIQUE | OUSE_FIXED, .pattern = "[A-Z]{2}-[0-9]+"},
    {.name = "rating", .type = OUSE_INT, .flags = OUSE_SYSTEM},
};

static const struct ouse_index dish_indexes[] = {
    {.name = "course_season", .keys = "course season", .flags = OUSE_UNIQUE},
};

static const struct ouse_field supplier_fields[] = {
    {.name = "name", .type = OUSE_TEXT, .flags = OUSE_REQUIRED},
    {.name = "part_of", .type = OUSE_REF, .refers_to = "suppliers", .on_delete = OUSE_NULLIFY},
};

static const struct ouse_field cook_fields[] = {
    {.name = "name", .type = OUSE_TEXT, .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE},
    {.name = "orcid", .type = OUSE_TEXT, .flags = OUSE_SCHEME | OUSE_UNIQUE, .choices = "orcid"},
};

static ouse_rc greet(struct ouse_ctx *ctx, struct ouse_doc *record)
{
    ouse_set_text(ctx, record, "greeting",
                  ouse_format(ctx, "Chef %.*s", OUSE_F(ouse_text(ctx, record, "name"))));
    return OUSE_OK;
}

static const struct ouse_derived cook_derived[] = {
    {.name = "greeting", .type = OUSE_TEXT, .fn = greet, .doc = "How the cook is greeted."},
};

static const struct ouse_field order_fields[] = {
    {.name = "title", .type = OUSE_TEXT, .flags = OUSE_REQUIRED},
    {.name = "dish", .type = OUSE_REF, .refers_to = "dishes", .on_delete = OUSE_CASCADE},
    {.name = "table", .type = OUSE_INT},
    {.name = "state", .type = OUSE_ENUM, .flags = OUSE_INDEXED, .choices = "draft placed served cancelled"},
    {.name = "remark", .type = OUSE_TEXT, .visibility = OUSE_OFFICE},
};

static const struct ouse_move order_moves[] = {
    {.from = "draft", .to = "placed", .title = "Place", .role = OUSE_PARTNER},
    {.from = "placed", .to = "served", .title = "Serve"},
    {.from = "draft placed", .to = "cancelled", .title = "Cancel"},
};

static const struct ouse_flow order_flows[] = {
    {.field = "state", .initial = "draft", .moves = OUSE_ROWS(order_moves)},
};

static const struct ouse_field wish_fields[] = {
    {.name = "text", .type = OUSE_TEXT, .flags = OUSE_REQUIRED | OUSE_SEARCHABLE},
    {.name = "dish", .type = OUSE_REF, .refers_to = "dishes", .on_delete = OUSE_CASCADE},
    {.name = "voucher", .type = OUSE_TEXT, .flags = OUSE_UNIQUE},
};

static const struct ouse_field rule_fields[] = {
    {.name = "title", .type = OUSE_TEXT, .flags = OUSE_REQUIRED},
};

static const struct ouse_collection collections[] = {
    {.name = "dishes",
     .singular = "dish",
     .title = "Dishes",
     .version = 1,
     .label_field = "name",
     .fields = OUSE_ROWS(dish_fields),
     .indexes = OUSE_ROWS(dish_indexes)},
    {.name = "suppliers",
     .singular = "supplier",
     .version = 1,
     .label_field = "name",
     .fields = OUSE_ROWS(supplier_fields)},
    {.name = "cooks",
     .singular = "cook",
     .version = 1,
     .label_field = "name",
     .fields = OUSE_ROWS(cook_fields),
     .derived = OUSE_ROWS(cook_derived)},
    {.name = "orders",
     .singular = "order",
     .version = 1,
     .label_field = "title",
     .fields = OUSE_ROWS(order_fields),
     .flows = OUSE_ROWS(order_flows)},
    {.name = "wishes",
     .singular = "wish",
     .version = 1,
     .flags = OUSE_OPEN_CREATE | OUSE_NO_CHANGE,
     .visibility = OUSE_OFFICE,
     .label_field = "text",
     .fields = OUSE_ROWS(wish_fields)},
    {.name = "house-rules",
     .singular = "house-rule",
     .version = 1,
     .flags = OUSE_NO_CREATE | OUSE_NO_REMOVE,
     .label_field = "title",
     .fields = OUSE_ROWS(rule_fields)},
};

/* POST suppliers/{id}/merge {"into":"…"} */
static ouse_rc merge(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str into = ouse_text(ctx, request->body, "into");
    ouse_rc rc = ouse_merge(ctx, "suppliers", request->id, into);
    if (!rc)
        ouse_reply(ctx, ouse_get(ctx, "suppliers", into));
    return rc;
}

static const struct ouse_route routes[] = {
    {.method = "POST",
     .path = "suppliers/{id}/merge",
     .access = OUSE_WRITE,
     .role = OUSE_MANAGER,
     .fn = merge,
     .summary = "Merges a supplier into another."},
};

/* A hook that does what only FILL may: changes the record it is shown. */
static ouse_rc meddle(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_doc *copy = ouse_copy(ctx, change->after);
    ouse_set_text(ctx, copy, "name", ouse_s("Nobody"));
    if (ouse_is(ouse_text(ctx, change->after, "name"), "Meddler"))
        ouse_set_text(ctx, change->after, "name", ouse_s("Nobody"));
    return OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.collection = "cooks",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = meddle},
};

/* A line of text a record: enough to see what a format is given. */
static ouse_rc write_menu(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *value)
{
    if (part == OUSE_BEGIN)
        ouse_write(ctx, ouse_format(ctx, "menu of %.*s\n", OUSE_F(ouse_text(ctx, value, "collection"))));
    else if (part == OUSE_ITEM)
        ouse_write(ctx, ouse_format(ctx, "%.*s\n", OUSE_F(ouse_text(ctx, value, "name"))));
    else
        ouse_write(ctx, ouse_s("end\n"));
    return OUSE_OK;
}

static const struct ouse_format formats[] = {
    {.media_type = "text/x-menu",
     .suffix = "menu",
     .collection = "dishes",
     .applies_to = OUSE_OF_RECORD | OUSE_OF_LIST,
     .fn = write_menu,
     .doc = "A menu."},
};

OUSE_PLUGIN(.name = "kitchen", .version = "1.0.0", .title = "Kitchen", .doc = "One of everything, for tests.",
            .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections), .routes = OUSE_ROWS(routes),
            .hooks = OUSE_ROWS(hooks), .formats = OUSE_ROWS(formats))
