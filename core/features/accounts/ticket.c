/* ticket: see visit.h. Sealed by a key of the process, so nothing is stored and a restart ends all tickets.
 */
#include "../../base/clock.h"
#include "visit.h"
#include <sodium.h>

enum {
    NONCE = crypto_secretbox_NONCEBYTES,
    SEALED = NONCE + crypto_secretbox_MACBYTES + sizeof(struct ticket)
};

struct ouse_str accounts_ticket_seal(const struct accounts *accounts, const struct ticket *ticket,
                                     struct arena *arena)
{
    unsigned char sealed[SEALED], plain[sizeof *ticket];
    size_t room = sodium_base64_encoded_len(SEALED, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_alloc(arena, room);
    memcpy(plain, ticket, sizeof plain);
    random_fill(sealed, NONCE);
    crypto_secretbox_easy(sealed + NONCE, plain, sizeof plain, sealed, accounts->ticket_key);
    sodium_memzero(plain, sizeof plain);
    return ouse_s(sodium_bin2base64(text, room, sealed, SEALED, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
}

int accounts_ticket_open(const struct accounts *accounts, struct ouse_str text, char kind, int64_t now,
                         struct ticket *ticket)
{
    unsigned char sealed[SEALED], plain[sizeof *ticket];
    size_t n = 0;
    if (!text.n ||
        sodium_base642bin(sealed, sizeof sealed, text.p, text.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) ||
        n != SEALED ||
        crypto_secretbox_open_easy(plain, sealed + NONCE, SEALED - NONCE, sealed, accounts->ticket_key))
        return 0;
    memcpy(ticket, plain, sizeof *ticket);
    return ticket->kind == kind && ticket->expires > now;
}
