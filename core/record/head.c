/* head: the stored form of a record and of a revision.
 *
 *     head (48 bytes) | full view | partners' view | public view
 *
 * The full view is the exact JSON that a caller gets who may see all. A view
 * that would be the same as the one before it is not kept (length 0), so most
 * records are stored once. A removed record is a head alone; a merged one has
 * the id that it went into in place of the full view. Numbers are in the
 * machine's order, as the engine's own pages are.
 */
#include "../observe/log.h"
#include "internal.h"
#include <assert.h>
#include <sodium.h>

static_assert(sizeof(struct head) == 48, "the stored head has 48 bytes");

static ouse_rc damaged(const struct collection *collection, struct ouse_str id)
{
    log_error(AREA, "%s/%.*s is damaged in the store; run `ouse verify`", collection->is.name, OUSE_F(id));
    return OUSE_E_INTERNAL;
}

/* The view for a role: the last one that is kept, from the full to the role's. */
static void choose_view(const struct head *head, const char *bytes, uint32_t role, struct record *record)
{
    record->view = 0;
    record->json.p = bytes;
    record->json.n = head->n_full;
    if (role < OUSE_OFFICE && head->n_partner) {
        record->view = 1;
        record->json.p = bytes + head->n_full;
        record->json.n = head->n_partner;
    }
    if (role < OUSE_PARTNER && head->n_public) {
        record->view = 2;
        record->json.p = bytes + head->n_full + head->n_partner;
        record->json.n = head->n_public;
    }
}

ouse_rc head_read(const struct collection *collection, struct ouse_str id, struct ouse_str stored,
                  uint32_t role, struct record *record)
{
    struct head head;
    struct record read = {.collection = collection, .id = id};
    if (stored.n < sizeof head)
        return damaged(collection, id);
    memcpy(&head, stored.p, sizeof head);
    if (head.format != HEAD_FORMAT ||
        (uint64_t)head.n_full + head.n_partner + head.n_public != stored.n - sizeof head)
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
    if (head.kind == RECORD_LIVE)
        choose_view(&head, stored.p + sizeof head, role, &read);
    else if (head.kind == RECORD_MERGED) {
        read.into.p = stored.p + sizeof head;
        read.into.n = head.n_full;
    }
    *record = read;
    return OUSE_OK;
}

ouse_rc head_get(struct txn *txn, enum engine_db db, struct ouse_str key, struct head *head)
{
    struct ouse_str stored;
    ouse_rc rc = txn_get(txn, db, key, &stored);
    if (rc || stored.n < sizeof *head)
        return rc ? rc : OUSE_E_INTERNAL;
    memcpy(head, stored.p, sizeof *head);
    return OUSE_OK;
}

int head_hides(struct ouse_str stored)
{
    struct head head = {.visibility = OUSE_PUBLIC};
    if (stored.n >= sizeof head)
        memcpy(&head, stored.p, sizeof head);
    return head.visibility > OUSE_PUBLIC;
}

void head_hash(const struct head *head, struct ouse_str full, unsigned char hash[JOURNAL_HASH])
{
    struct head kept = *head;
    crypto_generichash_state state;
    kept.n_partner = kept.n_public = 0; /* a replaced revision has the full view alone */
    crypto_generichash_init(&state, NULL, 0, JOURNAL_HASH);
    crypto_generichash_update(&state, (const unsigned char *)&kept, sizeof kept);
    crypto_generichash_update(&state, (const unsigned char *)full.p, full.n);
    crypto_generichash_final(&state, hash, JOURNAL_HASH);
}

int head_hash_stored(struct ouse_str stored, unsigned char hash[JOURNAL_HASH])
{
    struct head head;
    if (stored.n < sizeof head)
        return -1;
    memcpy(&head, stored.p, sizeof head);
    if (head.n_full > stored.n - sizeof head)
        return -1;
    head_hash(&head, (struct ouse_str){stored.p + sizeof head, head.n_full}, hash);
    return 0;
}

static char *append(char *at, struct ouse_str bytes)
{
    if (bytes.n)
        memcpy(at, bytes.p, bytes.n);
    return at + bytes.n;
}

ouse_rc head_write(struct txn *txn, enum engine_db db, struct ouse_str key, struct head *head,
                   struct ouse_str full, struct ouse_str partner, struct ouse_str open)
{
    void *room;
    char *at;
    ouse_rc rc;
    head->format = HEAD_FORMAT;
    head->n_full = full.n;
    head->n_partner = partner.n;
    head->n_public = open.n;
    rc = txn_reserve(txn, db, key, (uint32_t)sizeof *head + full.n + partner.n + open.n, &room);
    if (rc)
        return rc;
    memcpy(room, head, sizeof *head);
    at = append((char *)room + sizeof *head, full);
    at = append(at, partner);
    append(at, open);
    return OUSE_OK;
}
