/* header: the stored form of a record and of a revision.
 *
 *     head (48 bytes) [| sights] | full view | partners' view | public view [| warnings]
 *
 * The full view is the exact JSON for a caller that may see all. If a view is the same as the one
 * before it, it is not stored (length 0), so most records are stored once. A removed record is a
 * head alone; a merged one has the id of its target in place of the full view. Numbers have the
 * byte order of the machine, like the pages of the engine.
 *
 * The sights, one for each audience, are stored if an audience did not see the last change, or has
 * other warnings than the office (audience.c). Stores of older programs have no sights: each
 * audience that may see such a record saw its last change. */
#include "../observe/log.h"
#include "internal.h"
#include <assert.h>
#include <sodium.h>

static_assert(sizeof(struct head) == 48, "the stored head has 48 bytes");
static_assert(sizeof(struct sight) == 24, "a stored sight has 24 bytes");

static ouse_rc damaged(const struct collection *collection, struct ouse_str id)
{
    log_error(AREA, "%s/%.*s is damaged in the store; run `ouse verify`", collection->is.name, OUSE_F(id));
    return OUSE_E_INTERNAL;
}

/* ---- Reading ------------------------------------------------------------------ */

/* Returns the sights of the audiences according to a head without sights. */
static void plain_sights(const struct head *head, struct sight sights[AUDIENCES])
{
    for (int i = 0; i < AUDIENCES; i++)
        sights[i] = (struct sight){.sequence = head->visibility <= audience_role(i) ? head->sequence : 0,
                                   .updated = head->updated,
                                   .revision = head->revision};
}

/* Cuts n bytes off; no text if n is 0. */
static struct ouse_str cut(struct ouse_str *rest, uint32_t n)
{
    struct ouse_str part = {n ? rest->p : NULL, n};
    rest->p += n;
    rest->n -= n;
    return part;
}

int stored_read(struct ouse_str bytes, struct stored *stored)
{
    struct ouse_str rest = bytes;
    struct stored read;
    if (rest.n < sizeof read.head)
        return -1;
    memcpy(&read.head, cut(&rest, sizeof read.head).p, sizeof read.head);
    if (read.head.format == HEAD_SIGHTS && rest.n >= sizeof read.sights)
        memcpy(read.sights, cut(&rest, sizeof read.sights).p, sizeof read.sights);
    else if (read.head.format == HEAD_PLAIN)
        plain_sights(&read.head, read.sights);
    else
        return -1;
    if ((uint64_t)read.head.n_full + read.head.n_partner + read.head.n_public + read.sights[0].n_warnings +
            read.sights[1].n_warnings !=
        rest.n)
        return -1;
    read.views[0] = cut(&rest, read.head.n_full);
    read.views[1] = cut(&rest, read.head.n_partner);
    read.views[2] = cut(&rest, read.head.n_public);
    for (int i = 0; i < AUDIENCES; i++)
        read.warnings[i] = cut(&rest, read.sights[i].n_warnings);
    *stored = read;
    return 0;
}

void stored_warnings(struct arena *arena, const struct stored *stored, const cJSON *own[AUDIENCES])
{
    for (int i = 0; i < AUDIENCES; i++)
        own[i] = stored->warnings[i].p ? json_parse_trusted(arena, stored->warnings[i]) : NULL;
}

/* The view for a role: the last one that is kept, from the full to the role's. */
struct ouse_str stored_view(const struct stored *stored, uint32_t role)
{
    struct ouse_str view = stored->views[0];
    if (role < OUSE_OFFICE && stored->views[1].p)
        view = stored->views[1];
    if (role < OUSE_PARTNER && stored->views[2].p)
        view = stored->views[2];
    return view;
}

/* The same for a head without sights, from the bytes after it. */
static struct ouse_str plain_view(const struct head *head, const char *bytes, uint32_t role)
{
    if (role < OUSE_PARTNER && head->n_public)
        return (struct ouse_str){bytes + head->n_full + head->n_partner, head->n_public};
    if (role < OUSE_OFFICE && head->n_partner)
        return (struct ouse_str){bytes + head->n_full, head->n_partner};
    return (struct ouse_str){bytes, head->n_full};
}

/* Adds the sights for a role, if there are any. */
static struct ouse_str read_sights(const struct stored *stored, uint32_t role, struct record *record)
{
    int audience = audience_of(role);
    if (audience < AUDIENCES) {
        const struct sight *sight = &stored->sights[audience];
        record->revision = sight->revision;
        record->sequence = sight->sequence;
        record->updated = sight->updated;
        record->warnings = stored->warnings[audience];
    }
    for (int i = 0; i < AUDIENCES && audience == AUDIENCES; i++)
        if (stored->sights[i].updated != record->updated)
            record->others[i] = stored->sights[i].updated;
    return stored_view(stored, role);
}

static uint32_t seen_whole_by(const struct head *head)
{
    uint32_t least = head->n_partner ? OUSE_OFFICE : head->n_public ? OUSE_PARTNER : OUSE_PUBLIC;
    return head->visibility > least ? head->visibility : least;
}

/* Whether a value is one without sights, of the right length. */
static int is_sound(const struct head *head, struct ouse_str stored)
{
    return head->format == HEAD_PLAIN &&
           (uint64_t)head->n_full + head->n_partner + head->n_public == stored.n - sizeof *head;
}

ouse_rc head_read(const struct collection *collection, struct ouse_str id, struct ouse_str stored,
                  uint32_t role, struct record *record)
{
    struct head head;
    struct stored parts;
    struct record read = {.collection = collection, .id = id};
    struct ouse_str bytes;
    if (stored.n < sizeof head)
        return damaged(collection, id);
    memcpy(&head, stored.p, sizeof head);
    int plain = is_sound(&head, stored);
    if (!plain && stored_read(stored, &parts))
        return damaged(collection, id);
    if (head.visibility > role)
        return OUSE_E_NOT_FOUND;
    read.kind = (enum record_kind)head.kind;
    read.revision = head.revision;
    read.first = head.first;
    read.visibility = head.visibility;
    read.sequence = head.sequence;
    read.created = head.created;
    read.updated = head.updated;
    read.restricted = role >= OUSE_OFFICE ? 0 : 1 + (uint32_t)audience_of(role);
    read.whole = seen_whole_by(&head);
    bytes = plain ? plain_view(&head, stored.p + sizeof head, role) : read_sights(&parts, role, &read);
    if (head.kind == RECORD_LIVE)
        read.json = bytes;
    else if (head.kind == RECORD_MERGED)
        read.into = bytes;
    *record = read;
    return OUSE_OK;
}

ouse_rc head_get(struct txn *txn, enum engine_db db, struct ouse_str key, struct stored *stored)
{
    struct ouse_str bytes;
    ouse_rc rc = txn_get(txn, db, key, &bytes);
    return rc ? rc : stored_read(bytes, stored) ? OUSE_E_INTERNAL : OUSE_OK;
}

int head_hides(struct ouse_str stored)
{
    struct head head = {.visibility = OUSE_PUBLIC};
    if (stored.n >= sizeof head)
        memcpy(&head, stored.p, sizeof head);
    return head.visibility > OUSE_PUBLIC;
}

/* The lengths are left out of the head: a replaced revision has the full view alone. */
void head_hash(const struct stored *stored, unsigned char hash[JOURNAL_HASH])
{
    struct head kept = stored->head;
    crypto_generichash_state state;
    kept.n_partner = kept.n_public = 0;
    crypto_generichash_init(&state, NULL, 0, JOURNAL_HASH);
    crypto_generichash_update(&state, (const unsigned char *)&kept, sizeof kept);
    if (kept.format == HEAD_SIGHTS)
        crypto_generichash_update(&state, (const unsigned char *)stored->sights, sizeof stored->sights);
    crypto_generichash_update(&state, (const unsigned char *)stored->views[0].p, stored->views[0].n);
    for (int i = 0; i < AUDIENCES; i++)
        crypto_generichash_update(&state, (const unsigned char *)stored->warnings[i].p,
                                  stored->warnings[i].n);
    crypto_generichash_final(&state, hash, JOURNAL_HASH);
}

int head_hash_stored(struct ouse_str bytes, unsigned char hash[JOURNAL_HASH])
{
    struct stored stored;
    if (stored_read(bytes, &stored))
        return -1;
    head_hash(&stored, hash);
    return 0;
}

/* ---- Writing ------------------------------------------------------------------ */

static char *append(char *at, struct ouse_str bytes)
{
    if (bytes.n)
        memcpy(at, bytes.p, bytes.n);
    return at + bytes.n;
}

/* Whether the sights are those that are read from a head without them. */
static int is_plain(const struct stored *stored)
{
    struct sight plain[AUDIENCES];
    plain_sights(&stored->head, plain);
    return memcmp(plain, stored->sights, sizeof plain) == 0;
}

ouse_rc stored_write(struct txn *txn, enum engine_db db, struct ouse_str key, struct stored *stored)
{
    struct head *head = &stored->head;
    uint32_t n = sizeof *head;
    void *room;
    char *at;
    for (int i = 0; i < AUDIENCES; i++)
        stored->sights[i].n_warnings = stored->warnings[i].n;
    head->format = is_plain(stored) ? HEAD_PLAIN : HEAD_SIGHTS;
    head->n_full = stored->views[0].n;
    head->n_partner = stored->views[1].n;
    head->n_public = stored->views[2].n;
    n += head->n_full + head->n_partner + head->n_public + stored->warnings[0].n + stored->warnings[1].n;
    n += head->format == HEAD_SIGHTS ? (uint32_t)sizeof stored->sights : 0;
    ouse_rc rc = txn_reserve(txn, db, key, n, &room);
    if (rc)
        return rc;
    at = append(room, (struct ouse_str){(const char *)head, sizeof *head});
    if (head->format == HEAD_SIGHTS)
        at = append(at, (struct ouse_str){(const char *)stored->sights, sizeof stored->sights});
    for (int i = 0; i < 1 + AUDIENCES; i++)
        at = append(at, stored->views[i]);
    for (int i = 0; i < AUDIENCES; i++)
        at = append(at, stored->warnings[i]);
    return OUSE_OK;
}
