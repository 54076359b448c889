/* idempotency_store: see idempotency_store.h. */
#include "idempotency_store.h"

enum { EXPIRES = 8, HEAD = EXPIRES + ANSWER_HASH, TIME_KEY = 1 + EXPIRES + ANSWER_HASH };

static void key_of_answer(struct key *key, const char hash[ANSWER_HASH])
{
    key_init(key);
    key_byte(key, 'k');
    key_bytes(key, (struct ouse_str){hash, ANSWER_HASH});
}

static void key_of_time(struct key *key, uint64_t expires, const char hash[ANSWER_HASH])
{
    key_init(key);
    key_byte(key, 't');
    key_u64(key, expires);
    key_bytes(key, (struct ouse_str){hash, ANSWER_HASH});
}

static ouse_rc read(struct txn *txn, const char hash[ANSWER_HASH], struct ouse_str *stored)
{
    struct key key;
    key_of_answer(&key, hash);
    ouse_rc rc = txn_get(txn, DB_IDEMPOTENCY, key_str(&key), stored);
    return !rc && stored->n < HEAD ? OUSE_E_INTERNAL : rc;
}

ouse_rc answers_find(struct txn *txn, const struct answer_key *key, int64_t now, struct ouse_str *answer)
{
    struct ouse_str stored;
    ouse_rc rc = read(txn, key->key, &stored);
    if (rc)
        return rc;
    if ((int64_t)key_read_u64(stored.p) <= now)
        return OUSE_E_NOT_FOUND;
    if (memcmp(stored.p + EXPIRES, key->fingerprint, ANSWER_HASH) != 0)
        return OUSE_E_CONFLICT;
    *answer = (struct ouse_str){stored.p + HEAD, stored.n - HEAD};
    return OUSE_OK;
}

static ouse_rc forget(struct txn *txn, const char hash[ANSWER_HASH], uint64_t expires)
{
    struct key key;
    key_of_time(&key, expires, hash);
    ouse_rc rc = txn_delete(txn, DB_IDEMPOTENCY, key_str(&key));
    key_of_answer(&key, hash);
    return rc ? rc : txn_delete(txn, DB_IDEMPOTENCY, key_str(&key));
}

static ouse_rc put(struct txn *txn, const struct answer_key *key, int64_t expires, struct ouse_str answer)
{
    struct key at, head;
    void *room;
    key_of_answer(&at, key->key);
    key_init(&head);
    key_u64(&head, (uint64_t)expires);
    key_bytes(&head, (struct ouse_str){key->fingerprint, ANSWER_HASH});
    ouse_rc rc = txn_reserve(txn, DB_IDEMPOTENCY, key_str(&at), HEAD + answer.n, &room);
    if (rc)
        return rc;
    memcpy(room, head.at, HEAD);
    memcpy((char *)room + HEAD, answer.p, answer.n);
    key_of_time(&at, (uint64_t)expires, key->key);
    return txn_put(txn, DB_IDEMPOTENCY, key_str(&at), ouse_s(""));
}

ouse_rc answers_keep(struct txn *txn, const struct answer_key *key, int64_t expires, struct ouse_str answer)
{
    struct ouse_str expired;
    ouse_rc rc = read(txn, key->key, &expired);
    if (!rc)
        rc = forget(txn, key->key, key_read_u64(expired.p));
    return rc && rc != OUSE_E_NOT_FOUND ? rc : put(txn, key, expires, answer);
}

/* The first of those that have expired, as its key in the order of time. */
static ouse_rc first(struct txn *txn, int64_t now, struct ouse_str *found)
{
    struct cursor *cursor;
    struct ouse_str value;
    ouse_rc rc = cursor_open(txn, DB_IDEMPOTENCY, &cursor);
    if (rc)
        return rc;
    rc = cursor_seek(cursor, ouse_s("t"), found, &value);
    if (!rc && (found->n != TIME_KEY || (int64_t)key_read_u64(found->p + 1) > now))
        rc = OUSE_E_NOT_FOUND;
    cursor_close(cursor);
    return rc;
}

ouse_rc answers_clear(struct txn *txn, int64_t now, uint32_t most, uint32_t *n)
{
    struct ouse_str found;
    uint32_t cleared = 0;
    ouse_rc rc = OUSE_OK;
    while (cleared < most && !(rc = first(txn, now, &found))) {
        char hash[ANSWER_HASH];
        memcpy(hash, found.p + 1 + EXPIRES, sizeof hash);
        rc = forget(txn, hash, key_read_u64(found.p + 1));
        if (rc)
            return rc;
        cleared++;
    }
    *n = cleared;
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}
