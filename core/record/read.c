/* read: records by id, their revisions, their ETags. Nothing is parsed here but
 * where a document is asked for. */
#include "../base/hex.h"
#include "../observe/log.h"
#include "internal.h"

static ouse_rc look_up(struct txn *txn, const struct collection *collection, struct ouse_str id,
                       uint32_t role, struct record *record)
{
    struct key key;
    struct ouse_str stored;
    ouse_rc rc;
    if (id.n > SCHEMA_ID_MAX)
        return OUSE_E_NOT_FOUND;
    key_record(&key, collection->number, id);
    rc = txn_get(txn, DB_RECORDS, key_str(&key), &stored);
    return rc ? rc : head_read(collection, id, stored, role, record);
}

/* Where a record went is told to those who may see what it went into; for others it was removed. */
static void hide_survivor(struct txn *txn, uint32_t role, struct record *record)
{
    struct record survivor;
    if (record->kind != RECORD_MERGED || role >= OUSE_OFFICE ||
        look_up(txn, record->collection, record->into, role, &survivor) == OUSE_OK)
        return;
    record->kind = RECORD_REMOVED;
    record->into = (struct ouse_str){NULL, 0};
}

ouse_rc record_get(struct txn *txn, const struct collection *collection, struct ouse_str id, uint32_t role,
                   struct record *record)
{
    ouse_rc rc = look_up(txn, collection, id, role, record);
    if (!rc)
        hide_survivor(txn, role, record);
    return rc;
}

ouse_rc record_missing(const struct collection *collection, struct ouse_str id, const struct record *removed,
                       struct problem *problem)
{
    if (removed && removed->kind == RECORD_REMOVED)
        return problem_fail(problem, OUSE_E_GONE, "%s/%.*s was deleted", collection->is.name, OUSE_F(id));
    if (removed && removed->kind == RECORD_MERGED)
        return problem_fail(problem, OUSE_E_GONE, "%s/%.*s was merged into %.*s", collection->is.name,
                            OUSE_F(id), OUSE_F(removed->into));
    return problem_fail(problem, OUSE_E_NOT_FOUND, "There is no %s/%.*s", collection->is.name, OUSE_F(id));
}

/* A version that was replaced is kept in full only. */
static ouse_rc make_view(struct record *record, uint32_t role, struct arena *arena)
{
    struct schema_meta fields;
    struct buffer view;
    cJSON *meta, *document = record_document(arena, record, &meta);
    if (!document)
        return OUSE_E_INTERNAL;
    fields = (struct schema_meta){record->revision, record->created, record->updated, record->visibility,
                                  record_warnings(meta)};
    buffer_init(&view, 1u << 24);
    schema_encode(record->collection, record->id, document, &fields, role, &view);
    if (!ouse_same(buffer_view(&view), record->json))
        record->view = role < OUSE_PARTNER ? 2 : 1;
    record->json = arena_copy(arena, buffer_view(&view));
    buffer_finish(&view);
    return OUSE_OK;
}

static ouse_rc look_up_replaced(struct txn *txn, const struct collection *collection, struct ouse_str id,
                                uint32_t revision, uint32_t role, struct arena *arena, struct record *record)
{
    struct ouse_str stored;
    struct key key;
    key_revision(&key, collection->number, id, revision);
    ouse_rc rc = txn_get(txn, DB_REVISIONS, key_str(&key), &stored);
    if (!rc)
        rc = head_read(collection, id, stored, role, record);
    if (rc || role >= OUSE_OFFICE || record->kind != RECORD_LIVE)
        return rc;
    return make_view(record, role, arena);
}

ouse_rc record_revision(struct txn *txn, const struct collection *collection, struct ouse_str id,
                        uint32_t revision, uint32_t role, struct arena *arena, struct record *record)
{
    struct record read;
    ouse_rc rc = look_up(txn, collection, id, OUSE_MANAGER, &read);
    if (!rc && read.revision == revision)
        rc = look_up(txn, collection, id, role, &read);
    else if (!rc)
        rc = look_up_replaced(txn, collection, id, revision, role, arena, &read);
    if (rc)
        return rc;
    hide_survivor(txn, role, &read);
    *record = read;
    return OUSE_OK;
}

/* ---- At an instant ------------------------------------------------------------- */

/* The last revision before `record` that there was at an instant; 0: none. Times of a
 * record's revisions do not go back. */
static ouse_rc revision_at(struct txn *txn, const struct record *record, int64_t as_of, uint32_t *revision)
{
    uint32_t low = record->first, high = record->revision;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct record replaced;
        ouse_rc rc =
            look_up_replaced(txn, record->collection, record->id, middle, OUSE_MANAGER, NULL, &replaced);
        if (rc)
            return rc == OUSE_E_NOT_FOUND ? OUSE_E_INTERNAL : rc;
        if (replaced.updated <= as_of)
            low = middle + 1;
        else
            high = middle;
    }
    *revision = low > record->first ? low - 1 : 0;
    return OUSE_OK;
}

static ouse_rc look_back(struct txn *txn, const struct collection *collection, struct ouse_str id,
                         uint32_t role, int64_t as_of, struct arena *arena, struct record *record)
{
    uint32_t revision;
    ouse_rc rc =
        collection->is.visibility > role ? OUSE_E_NOT_FOUND : look_up(txn, collection, id, role, record);
    if (rc || record->updated <= as_of)
        return rc;
    rc = revision_at(txn, record, as_of, &revision);
    if (!rc && !revision)
        rc = OUSE_E_NOT_FOUND;
    return rc ? rc : look_up_replaced(txn, collection, id, revision, role, arena, record);
}

ouse_rc record_as_of(struct txn *txn, const struct collection *collection, struct ouse_str id, uint32_t role,
                     int64_t as_of, struct arena *arena, struct record *record)
{
    struct record read;
    if (!as_of)
        return record_get(txn, collection, id, role, record);
    ouse_rc rc = look_back(txn, collection, id, role, as_of, arena, &read);
    if (rc)
        return rc;
    hide_survivor(txn, role, &read);
    read.as_of = as_of;
    *record = read;
    return OUSE_OK;
}

/* ---- ETags ------------------------------------------------------------------------ */

void record_etag(const struct record *record, char etag[RECORD_ETAG])
{
    static const char views[] = {0, 'r', 'p'};
    char *at = etag;
    *at++ = '"';
    at = hex_write(at, record->sequence);
    if (views[record->view])
        *at++ = views[record->view];
    *at++ = '"';
    *at = 0;
}

static const char *skip(const char *at, const char *end, const char *what)
{
    while (at < end && *at && strchr(what, *at))
        at++;
    return at;
}

/* Cuts the next entity-tag off a list: 1, 0 at the end, -1 where it is none. A
 * weak one gives no text, as If-Match compares strongly (RFC 9110 13.1.1). */
static int next_tag(struct ouse_str *list, struct ouse_str *tag)
{
    const char *end = list->p + list->n, *at = skip(list->p, end, " \t,"), *quote;
    int weak = end - at > 2 && memcmp(at, "W/", 2) == 0;
    if (at == end)
        return 0;
    at += weak ? 2 : 0;
    quote = *at == '"' ? memchr(at + 1, '"', (size_t)(end - at - 1)) : NULL;
    if (!quote)
        return -1;
    *tag = weak ? (struct ouse_str){0} : (struct ouse_str){at, (uint32_t)(quote + 1 - at)};
    at = skip(quote + 1, end, " \t");
    *list = (struct ouse_str){at, (uint32_t)(end - at)};
    return at == end || *at == ',' ? 1 : -1;
}

/* "<sequence>[r|p][-<16 digits>]": what is behind the sequence tells the
 * representation, which does not matter for a write. */
static int names(struct ouse_str tag, const struct record *record)
{
    char digits[HEX_DIGITS];
    uint32_t n = (uint32_t)(hex_write(digits, record->sequence) - digits);
    if (tag.n < n + 2 || memcmp(tag.p + 1, digits, n) != 0)
        return 0;
    const char *at = tag.p + 1 + n, *end = tag.p + tag.n;
    at += *at == 'r' || *at == 'p';
    return end - at == 1 || (*at == '-' && end - at == 2 + HEX_DIGITS);
}

int record_matches(struct ouse_str if_match, const struct record *record)
{
    struct ouse_str tag;
    int more, found = ouse_is(if_match, "*");
    while (!found && (more = next_tag(&if_match, &tag)) != 0) {
        if (more < 0)
            return 0;
        found = names(tag, record);
    }
    return found;
}

cJSON *record_document(struct arena *arena, const struct record *record, cJSON **meta)
{
    cJSON *document = json_parse_trusted(arena, record->json);
    cJSON *taken;
    if (!document) {
        log_error(AREA, "%s/%.*s is not JSON in the store; run `ouse verify`", record->collection->is.name,
                  OUSE_F(record->id));
        return NULL;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(document, "id");
    taken = cJSON_DetachItemFromObjectCaseSensitive(document, "meta");
    if (taken)
        json_keep(arena, taken);
    if (meta)
        *meta = taken;
    return document;
}

const cJSON *record_warnings(const cJSON *meta)
{
    const cJSON *warnings = json_member(meta, "warnings");
    return warnings && warnings->child ? warnings : NULL;
}
