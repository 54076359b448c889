/* model: the register in memory: every version of every record, in the order in
 * which they came, and how each role sees them.
 *
 * Nothing is ever changed but at the end: a change set that fails is undone by
 * taking versions away again, as far as where it began.
 */
#ifndef TESTS_MODEL_MODEL_H
#define TESTS_MODEL_MODEL_H

#include "declare.h"

enum { ITEMS = 4000, VERSIONS = 200000, PARTNERS = 0, PUBLIC = 1, AUDIENCE_COUNT = 2 };

/* What one audience saw of a record last, and what a version meant to it. */
struct sighting {
    uint32_t revision, sequence;
    int64_t updated;
    enum journal_told told;
    int is_warned_apart; /* it has warnings of its own: */
    const char *warning;
};

struct version {
    uint32_t item, before; /* the version before, or NONE */
    enum record_kind kind;
    enum journal_op op;
    uint32_t revision, visibility;
    struct sighting seen[AUDIENCE_COUNT];
    int64_t created, updated;
    cJSON *document;     /* fields alone; NULL unless LIVE */
    const char *warning; /* of the office: the field that it is about, or NULL */
    uint32_t into;       /* MERGED: the item */
};

struct item {
    uint32_t collection, last; /* version */
    char id[SCHEMA_ID_MAX + 1];
};

#define NONE UINT32_MAX

static struct {
    struct arena arena; /* all documents, also of what was undone */
    struct item items[ITEMS];
    struct version versions[VERSIONS]; /* number n of the journal is versions[n - 1] */
    uint32_t n_items, n_versions;
    int tide; /* high, or low */
    struct {
        uint32_t item[ITEMS], n; /* whose warnings are to be worked out again at the end of the set, */
        int is_due[ITEMS];       /* by item: or only if the set has several changes */
        int restricted[ITEMS];   /* by item: it was removed while fields that restrict it referred to it */
    } waiting;
} m;

static cJSON *keep(cJSON *value)
{
    return json_keep(&m.arena, value);
}

static const struct version *last(uint32_t item)
{
    return m.items[item].last == NONE ? NULL : &m.versions[m.items[item].last];
}

static int is_live(uint32_t item)
{
    return last(item) && last(item)->kind == RECORD_LIVE;
}

static int is_seen(uint32_t item, uint32_t role)
{
    return last(item) && last(item)->visibility <= role;
}

/* The item of an id, which has no version before its first create; NONE where `made` is 0
 * and there is none. */
static uint32_t item_of(uint32_t collection, const char *id, int made)
{
    for (uint32_t i = 0; i < m.n_items; i++)
        if (m.items[i].collection == collection && strcmp(m.items[i].id, id) == 0)
            return i;
    if (!made)
        return NONE;
    assert_true(m.n_items < ITEMS && strlen(id) <= SCHEMA_ID_MAX);
    m.items[m.n_items] = (struct item){.collection = collection, .last = NONE};
    strcpy(m.items[m.n_items].id, id);
    return m.n_items++;
}

static void push(const struct version *version)
{
    assert_true(m.n_versions < VERSIONS);
    m.versions[m.n_versions] = *version;
    m.versions[m.n_versions].before = m.items[version->item].last;
    m.items[version->item].last = m.n_versions++;
}

static void undo(uint32_t n_versions)
{
    while (m.n_versions > n_versions) {
        const struct version *version = &m.versions[--m.n_versions];
        m.items[version->item].last = version->before;
    }
}

/* ---- References -------------------------------------------------------------------- */

/* The item that the text of a reference leads to; NONE where there never was one. */
static uint32_t target_of(const struct ouse_field *field, const char *said)
{
    const char *slash = strchr(said, '/'), *id = slash ? slash + 1 : said;
    for (uint32_t i = 0; i < d.n; i++) {
        const char *name = collection_names[i];
        if (slash ? (size_t)(slash - said) == strlen(name) && strncmp(said, name, strlen(name)) == 0
                  : strcmp(field->refers_to, name) == 0)
            return item_of(i, id, 0);
    }
    return NONE;
}

static const char *reference_to(const struct ouse_field *field, uint32_t item)
{
    const char *name = collection_names[m.items[item].collection];
    return is_qualified(field) ? text("%s/%s", name, m.items[item].id) : m.items[item].id;
}

/* The entries of a field one by one, or its one value: *at begins as NULL. */
static int next_entry(const struct ouse_field *field, const cJSON *document, const cJSON **at)
{
    const cJSON *member = json_member(document, field->name);
    *at = !is_list(field) ? (*at ? NULL : member) : *at ? (*at)->next : member ? member->child : NULL;
    return *at != NULL;
}

static int refers(const cJSON *document, const struct ouse_field *field, uint32_t item)
{
    const cJSON *at = NULL;
    while (next_entry(field, document, &at))
        if (target_of(field, at->valuestring) == item)
            return 1;
    return 0;
}

/* ---- What a role sees ---------------------------------------------------------------- */

/* When something changed, or just before. */
static int64_t any_instant(void)
{
    return m.versions[chance(m.n_versions)].updated - chance(2);
}

/* The last version that there was at an instant; 0: the present one. */
static const struct version *version_at(uint32_t item, int64_t as_of)
{
    const struct version *version = last(item);
    while (as_of && version && version->updated > as_of)
        version = version->before == NONE ? NULL : &m.versions[version->before];
    return version;
}

/* Whether there is an item that the role may not see, now or at an instant. */
static int is_hidden(uint32_t item, uint32_t role, int64_t as_of)
{
    const struct version *then = item == NONE ? NULL : version_at(item, as_of);
    return item != NONE && last(item) && (!is_seen(item, role) || (then && then->visibility > role));
}

/* What a document says to a role, without what it refers to that is hidden; itself where nothing is. */
static const cJSON *redacted(uint32_t collection, const cJSON *document, uint32_t role, int64_t as_of,
                             struct arena *arena)
{
    cJSON *left = json_keep(arena, cJSON_Duplicate(document, 1));
    int any = 0;
    for (uint32_t i = 0; i < FIELDS; i++) {
        const struct ouse_field *field = &d.fields[collection][i];
        cJSON *value = json_member(left, field->name), *next;
        if (!value || !is_reference(field) || field->visibility > role)
            continue;
        for (cJSON *at = is_list(field) ? value->child : value; at; at = next) {
            next = is_list(field) ? at->next : NULL;
            if (!is_hidden(target_of(field, at->valuestring), role, as_of))
                continue;
            cJSON_Delete(cJSON_DetachItemViaPointer(is_list(field) ? value : left, at));
            any = 1;
        }
        if (is_list(field) && !value->child)
            cJSON_DeleteItemFromObject(left, field->name);
    }
    return any ? left : document;
}

static void print_fields(struct buffer *out, uint32_t collection, const cJSON *document, uint32_t role)
{
    for (uint32_t i = 0; i < FIELDS; i++) {
        const struct ouse_field *field = &d.fields[collection][i];
        const cJSON *value = json_member(document, field->name);
        if (!value || field->visibility > role)
            continue;
        buffer_printf(out, ",\"%s\":", field->name);
        json_print(out, value);
    }
}

/* The audience of a role below the office. */
static int audience_below(uint32_t role)
{
    return role >= OUSE_PARTNER ? PARTNERS : PUBLIC;
}

static uint32_t role_below(int audience)
{
    return audience == PARTNERS ? OUSE_PARTNER : OUSE_PUBLIC;
}

static const char *shown_field(uint32_t collection, const char *name, uint32_t role)
{
    return name && field_named(collection, name)->visibility <= role ? name : NULL;
}

/* The field that a role is warned about in a version, or NULL. */
static const char *warned_about(const struct version *version, uint32_t role, int is_redacted)
{
    uint32_t collection = m.items[version->item].collection;
    const struct sighting *seen = role >= OUSE_OFFICE ? NULL : &version->seen[audience_below(role)];
    if (seen && seen->is_warned_apart)
        return shown_field(collection, seen->warning, role);
    return is_redacted ? NULL : shown_field(collection, version->warning, role);
}

/* The record as it is served: with a document of its own or what is left of it. */
static struct ouse_str as_seen(const struct version *version, const cJSON *document, uint32_t role,
                               uint32_t revision, int64_t changed, const char *warning, struct arena *arena)
{
    char created[CLOCK_TEXT], updated[CLOCK_TEXT];
    const struct item *item = &m.items[version->item];
    struct buffer out;
    buffer_init(&out, 1u << 20);
    clock_format(version->created, created);
    clock_format(changed, updated);
    buffer_printf(&out, "{\"id\":\"%s\"", item->id);
    print_fields(&out, item->collection, document, role);
    buffer_printf(&out,
                  ",\"meta\":{\"collection\":\"%s\",\"revision\":%u,\"created\":\"%s\",\"updated\":\"%s\",",
                  collection_names[item->collection], revision, created, updated);
    buffer_printf(&out, "\"visibility\":\"%s\",\"warnings\":[", schema_role_name(version->visibility));
    if (warning)
        buffer_printf(&out, "{\"code\":\"tide\",\"field\":\"/%s\",\"detail\":\"high\"}", warning);
    buffer_text(&out, "]}}");
    struct ouse_str made = arena_copy(arena, buffer_view(&out));
    buffer_finish(&out);
    return made;
}

/* What a role saw last of a record as of a version. */
static struct sighting sighting_of(const struct version *version, uint32_t role)
{
    return role < OUSE_OFFICE ? version->seen[audience_below(role)]
                              : (struct sighting){.revision = version->revision,
                                                  .sequence = (uint32_t)(version - m.versions) + 1,
                                                  .updated = version->updated};
}

/* A version as a role sees it, with the references of an instant; without its warnings, or with them. */
static struct ouse_str view_of(const struct version *version, uint32_t role, int64_t as_of, int warned,
                               struct arena *arena)
{
    uint32_t collection = m.items[version->item].collection;
    const cJSON *shown = redacted(collection, version->document, role, as_of, arena);
    struct sighting seen = sighting_of(version, role);
    const char *warning = warned ? warned_about(version, role, shown != version->document) : NULL;
    return as_seen(version, shown, role, seen.revision, seen.updated, warning, arena);
}

#endif
