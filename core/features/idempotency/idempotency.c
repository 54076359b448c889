/* idempotency: returns the stored answer if a request is repeated with its Idempotency-Key.
 *
 * A client that lost an answer sends the request again with the same key, and gets the answer of
 * the first one, marked by Idempotency-Replayed: true. The key belongs to the caller (to the
 * client's address, if the caller is anonymous) for REPLAY_MS; with another request it is 422. A
 * key from before a restore counts as new. Only success is stored: a failed request changed
 * nothing, and runs again. If two arrive together, the second waits, because there is one writer. A
 * dry run stores nothing and ignores the key.
 *
 * A stored reply is its status and texts, each after its length:
 *
 *     status(4) content-type etag cache-control body { header value }…
 */
#include "../../api/submit.h"
#include "../features.h"
#include "idempotency_store.h"

#include <sodium.h>

#define REPLAY_MS      (24 * 60 * 60 * 1000)
#define REPLAY_KEY_MAX 255
#define REPLY_BYTES    (64u << 20)
#define NO_TEXT        UINT32_MAX /* as a length */

struct replay {
    int asked; /* the request brings a key */
    struct answer_key key;
};

/* ---- The key -------------------------------------------------------------------- */

static void hash_text(crypto_generichash_state *state, struct ouse_str text)
{
    crypto_generichash_update(state, (const unsigned char *)&text.n, sizeof text.n);
    crypto_generichash_update(state, (const unsigned char *)text.p, text.n);
}

static void hash_all(const struct ouse_str *texts, size_t n, char hash[ANSWER_HASH])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, ANSWER_HASH);
    for (size_t i = 0; i < n; i++)
        hash_text(&state, texts[i]);
    crypto_generichash_final(&state, (unsigned char *)hash, ANSWER_HASH);
}

static int is_printable(struct ouse_str text)
{
    for (uint32_t i = 0; i < text.n; i++)
        if (text.p[i] < 0x20 || text.p[i] > 0x7e)
            return 0;
    return 1;
}

/* Anonymous callers have no name. Their keys belong to the address of the client, so that no client can
 * read the response to another one or use up its keys. */
static struct ouse_str anonymous_client(const struct http_request *request)
{
    struct ouse_str none = {NULL, 0};
    return http_is_anonymous(request) ? http_client(request) : none;
}

/* Reads the key of a POST. 400 for one that is not 1 to REPLAY_KEY_MAX printable ASCII characters.
 * The role is part of the fingerprint: an answer is only for callers that may see as much. */
static ouse_rc replay_read(const struct submission *submission, void *state)
{
    const struct http_request *request = submission->request;
    struct replay *replay = state;
    uint64_t epoch = records_epoch(submission->records);
    struct ouse_str key = http_header(request, "Idempotency-Key");
    const struct ouse_str client = anonymous_client(request);
    const struct ouse_str since = {(const char *)&epoch, epoch ? sizeof epoch : 0};
    const struct ouse_str who[] = {request->actor, key, client, since};
    const struct ouse_str what[] = {{(const char *)&request->role, sizeof request->role},
                                    request->path,
                                    request->query,
                                    http_header(request, "Content-Type"),
                                    submission->body};
    replay->asked = request->method == HTTP_POST && key.p && !submission->dry_run;
    if (request->method != HTTP_POST || !key.p)
        return OUSE_OK;
    if (key.n < 1 || key.n > REPLAY_KEY_MAX || !is_printable(key))
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "An Idempotency-Key has 1 to %d printable ASCII characters", REPLAY_KEY_MAX);
    hash_all(who, epoch ? 4 : client.p ? 3 : 2, replay->key.key);
    hash_all(what, sizeof what / sizeof *what, replay->key.fingerprint);
    return OUSE_OK;
}

/* ---- The reply ------------------------------------------------------------------ */

static void put_number(struct buffer *out, uint32_t number)
{
    struct key bytes;
    key_init(&bytes);
    key_u32(&bytes, number);
    buffer_str(out, key_str(&bytes));
}

static void put_text(struct buffer *out, struct ouse_str text)
{
    put_number(out, text.p ? text.n : NO_TEXT);
    buffer_str(out, text);
}

static void put_reply(struct buffer *out, const struct http_reply *reply)
{
    put_number(out, (uint32_t)reply->status);
    put_text(out, reply->content_type);
    put_text(out, reply->etag);
    put_text(out, reply->cache_control);
    put_text(out, reply->body);
    for (uint32_t i = 0; i < reply->n_headers; i++) {
        put_text(out, reply->headers[i].name);
        put_text(out, reply->headers[i].value);
    }
}

static uint32_t take_number(struct ouse_str *rest)
{
    uint32_t number = rest->n >= 4 ? key_read_u32(rest->p) : 0, n = rest->n >= 4 ? 4 : rest->n;
    rest->p += n;
    rest->n -= n;
    return number;
}

static struct ouse_str take_text(struct ouse_str *rest)
{
    struct ouse_str text = {rest->p, take_number(rest)};
    if (text.n == NO_TEXT)
        return (struct ouse_str){0};
    text.p = rest->p;
    if (text.n > rest->n)
        text.n = rest->n;
    rest->p += text.n;
    rest->n -= text.n;
    return text;
}

static void take_reply(struct ouse_str kept, struct http_reply *reply)
{
    *reply = (struct http_reply){.status = (int)take_number(&kept)};
    reply->content_type = take_text(&kept);
    reply->etag = take_text(&kept);
    reply->cache_control = take_text(&kept);
    reply->body = take_text(&kept);
    while (kept.n && reply->n_headers < HTTP_REPLY_HEADERS) {
        struct http_header *header = &reply->headers[reply->n_headers++];
        header->name = take_text(&kept);
        header->value = take_text(&kept);
    }
}

/* ---- In the transaction ---------------------------------------------------------- */

/* Fills the reply with the stored answer. */
static ouse_rc replay_find(struct change_set *set, const struct submission *submission, void *state,
                           int *answered)
{
    const struct replay *replay = state;
    struct problem *problem = set->problem;
    struct ouse_str kept;
    if (!replay->asked)
        return OUSE_OK;
    ouse_rc rc = answers_find(set->txn, &replay->key, set->now, &kept);
    *answered = rc == OUSE_OK;
    if (rc == OUSE_E_NOT_FOUND)
        return OUSE_OK;
    if (rc == OUSE_E_CONFLICT) {
        problem->title = ouse_s("The Idempotency-Key was used for another request");
        return problem_fail(problem, OUSE_E_INVALID, "It was used for another request within 24 hours");
    }
    if (rc)
        return problem_fail(problem, rc, "The answers that were given cannot be read");
    take_reply(arena_copy(set->arena, kept), submission->reply);
    http_reply_header(submission->reply, "Idempotency-Replayed", ouse_s("true"));
    return OUSE_OK;
}

/* Keeps a reply, in the transaction of its change. */
static ouse_rc replay_keep(struct change_set *set, const struct submission *submission, void *state)
{
    const struct replay *replay = state;
    struct buffer out;
    ouse_rc rc;
    if (!replay->asked)
        return OUSE_OK;
    buffer_init(&out, REPLY_BYTES);
    put_reply(&out, submission->reply);
    rc = out.overflow ? OUSE_E_TOO_LARGE
                      : answers_keep(set->txn, &replay->key, set->now + REPLAY_MS, buffer_view(&out));
    buffer_finish(&out);
    return rc ? problem_fail(set->problem, rc, "The answer cannot be stored") : OUSE_OK;
}

static const struct write_guard guard = {
    .size = sizeof(struct replay), .read = replay_read, .before = replay_find, .after = replay_keep};

const struct feature feature_idempotency = {.name = "idempotency", .guard = &guard, .expire = answers_clear};
