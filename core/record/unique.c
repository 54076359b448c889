/* unique: values that only one record of a collection may have.
 *
 * Within a set a value may move from one record to another, in any order. So if a version takes a
 * value of another record, this is noted and checked again at the end of the set: by then either of
 * them may have released it. Meanwhile both keys are in the index, as an index key contains the id.
 * A value that a record had before the set is not checked; if another record takes it, that one is
 * noted. */
#include "internal.h"

struct looking {
    struct change_set *set;
    const struct version *version;
    const struct index *index;
    int entry; /* of the list, where the index is over one */
    int at_once;
};

/* Followed in the spool by its own key, pointer and text. */
struct clash {
    const struct collection *collection;
    uint32_t n_key, n_prefix, n_pointer, n_text;
};

/* Returns "hub \"x\" and number 1", or "ror \"00pjdza24\"" for a list of identifiers, for the
 * message of a clash. A restricted caller may not see all values of the record and all fields: the
 * message then has "this hub and number", or "the same values" if a field is hidden from the
 * caller. */
static struct ouse_str describe_keys(const struct looking *looking)
{
    struct arena *arena = looking->set->arena;
    struct ouse_str text = {"", 0};
    for (uint32_t i = 0; i < looking->index->n_keys; i++) {
        const char *name = looking->index->keys[i]->is.name;
        const cJSON *value = json_member(looking->version->after, name);
        struct buffer shown;
        if (change_is_guest(looking->set) &&
            looking->index->keys[i]->is.visibility > looking->set->caller.role)
            return ouse_s("the same values");
        if (change_is_guest(looking->set)) {
            text = arena_printf(arena, "%.*s%s%s", OUSE_F(text), i ? " and " : "this ", name);
            continue;
        }
        if (cJSON_IsArray(value))
            value = cJSON_GetArrayItem(value, looking->entry);
        if (cJSON_IsString(json_member(value, "scheme"))) {
            name = json_member(value, "scheme")->valuestring;
            value = json_member(value, "value");
        }
        buffer_init(&shown, 4096);
        json_print(&shown, value);
        text = arena_printf(arena, "%.*s%s%s %.*s", OUSE_F(text), i ? " and " : "", name,
                            OUSE_F(buffer_view(&shown)));
        buffer_finish(&shown);
    }
    return text;
}

/* Where the value is, for the message; nowhere, if a guest may not see the field. */
static void point(const struct looking *looking, char pointer[96])
{
    const struct field *last = looking->index->keys[looking->index->n_keys - 1];
    int is_list = cJSON_IsArray(json_member(looking->version->after, last->is.name));
    change_pointer(last, is_list ? looking->entry : -1, pointer);
    if (change_is_guest(looking->set) && last->is.visibility > looking->set->caller.role)
        *pointer = 0;
}

/* The bytes that the keys of all values begin with which are equal to that of an entry: all of the entry, or
 * the letters of a text. */
static uint32_t equal_prefix(const struct index *index, struct ouse_str entry)
{
    struct text_class class;
    if (!index_is_of_text(index))
        return 4 + entry.n;
    schema_text_class(entry, &class);
    return 4 + class.n_letters;
}

/* Whether two keys with the same prefix are of equal values: a prefix that is not the whole entry is of
 * texts. */
static int is_equal(struct ouse_str own, uint32_t n_prefix, struct ouse_str key)
{
    struct ouse_str a = key_index_entry(own), b = key_index_entry(key);
    struct text_class of_a, of_b;
    if (!b.p || n_prefix == 4 + a.n)
        return b.p && a.n == b.n;
    schema_text_class(a, &of_a);
    schema_text_class(b, &of_b);
    return of_a.n == of_b.n && memcmp(of_a.at, of_b.at, of_a.n) == 0;
}

/* The first record with a key of a value that is equal to that of the key `own`, which is another one's. */
static ouse_rc find_other(struct txn *txn, struct ouse_str own, uint32_t n_prefix, struct ouse_str *other)
{
    struct ouse_str prefix = {own.p, n_prefix}, id = key_index_id(own), found, value;
    struct cursor *cursor;
    ouse_rc rc = cursor_open(txn, DB_INDEXES, &cursor);
    if (rc)
        return rc;
    rc = cursor_seek(cursor, prefix, &found, &value);
    for (; !rc && key_has_prefix(found, prefix); rc = cursor_next(cursor, &found, &value)) {
        *other = key_index_id(found);
        if (is_equal(own, n_prefix, found) && !ouse_same(*other, id))
            break;
    }
    cursor_close(cursor);
    return !rc && !key_has_prefix(found, prefix) ? OUSE_E_NOT_FOUND : rc;
}

static ouse_rc report(struct change_set *set, const struct collection *collection, struct ouse_str other,
                      const char *pointer, struct ouse_str text)
{
    struct ouse_str whose = change_seen(set, collection, other)
                                ? arena_printf(set->arena, "%s/%.*s", collection->is.name, OUSE_F(other))
                                : ouse_s("Another record");
    return problem_add(set->problem, OUSE_E_CONFLICT, pointer, "unique", "%.*s already has %.*s",
                       OUSE_F(whose), OUSE_F(text));
}

static void note(const struct looking *looking, struct ouse_str key, uint32_t n_prefix, const char *pointer)
{
    struct change_set *set = looking->set;
    struct ouse_str where = arena_printf(set->arena, "%.*s%s", OUSE_F(set->place), pointer);
    struct ouse_str text = describe_keys(looking);
    const struct clash clash = {looking->version->collection, key.n, n_prefix, where.n, text.n};
    const struct ouse_str parts[] = {{(const char *)&clash, sizeof clash}, key, where, text};
    pending_clash(set, parts, sizeof parts / sizeof *parts);
}

static void look_for_clash(void *arg, struct ouse_str entry)
{
    struct looking *looking = arg;
    const struct version *version = looking->version;
    struct change_set *set = looking->set;
    struct ouse_str other;
    struct key key;
    uint32_t n_prefix = equal_prefix(looking->index, entry);
    char pointer[96];
    key_index(&key, looking->index->number, entry, version->id);
    ouse_rc rc = footprint_has(&version->indexes[0], key_str(&key))
                     ? OUSE_E_NOT_FOUND
                     : find_other(set->txn, key_str(&key), n_prefix, &other);
    if (rc && rc != OUSE_E_NOT_FOUND)
        store_failed(set->problem, rc);
    if (!rc) {
        point(looking, pointer);
        if (looking->at_once)
            report(set, version->collection, arena_copy(set->arena, other), pointer, describe_keys(looking));
        else
            note(looking, key_str(&key), n_prefix, pointer);
    }
    looking->entry++;
}

static ouse_rc look_for_clashes(struct looking *looking)
{
    const struct version *version = looking->version;
    for (uint32_t i = 0; i < version->collection->n_indexes; i++) {
        looking->index = &version->collection->indexes[i];
        looking->entry = 0;
        if (looking->index->unique)
            schema_index_entries(looking->index, version->after, NULL, look_for_clash, looking);
    }
    return looking->set->problem->rc;
}

ouse_rc unique_check(struct change_set *set, const struct version *version)
{
    return look_for_clashes(&(struct looking){.set = set, .version = version, .at_once = 1});
}

ouse_rc unique_await(struct change_set *set, const struct version *version)
{
    return look_for_clashes(&(struct looking){.set = set, .version = version});
}

static struct ouse_str take(const char **at, uint32_t n)
{
    struct ouse_str text = {*at, n};
    *at += n;
    return text;
}

static ouse_rc settle(struct change_set *set, const struct clash *clash, const char *at)
{
    struct ouse_str key = take(&at, clash->n_key), pointer = take(&at, clash->n_pointer),
                    text = take(&at, clash->n_text), other, nothing;
    ouse_rc rc = txn_get(set->txn, DB_INDEXES, key, &nothing);
    if (!rc)
        rc = find_other(set->txn, key, clash->n_prefix, &other);
    if (rc)
        return rc == OUSE_E_NOT_FOUND ? OUSE_OK : store_failed(set->problem, rc);
    return report(set, clash->collection, arena_copy(set->arena, other), arena_copy(set->arena, pointer).p,
                  text);
}

ouse_rc unique_settle(struct change_set *set, const struct spool *clashes)
{
    struct arena *whole = set->arena;
    struct clash clash;
    ouse_rc rc = OUSE_OK, one;
    for (uint64_t at = 0; at < spool_size(clashes) && rc != OUSE_E_UNAVAILABLE;) {
        struct arena scratch = {0};
        if (spool_read(clashes, at, &clash, sizeof clash) != sizeof clash)
            return store_failed(set->problem, OUSE_E_UNAVAILABLE);
        uint32_t n = clash.n_key + clash.n_pointer + clash.n_text;
        char *text = arena_alloc(&scratch, n);
        set->arena = &scratch;
        one = spool_read(clashes, at + sizeof clash, text, n) == (ssize_t)n ? settle(set, &clash, text)
                                                                            : OUSE_E_UNAVAILABLE;
        rc = one ? one : rc;
        set->arena = whole;
        arena_finish(&scratch);
        at += sizeof clash + n;
    }
    return rc;
}
