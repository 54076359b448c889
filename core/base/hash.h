/* hash: sixty-four bits of some text, the same on every machine and after a restart. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <ouse/abi.h>

#define HASH_BYTES 8

/* Under a key, which may be 0. */
void hash_write(uint64_t key, struct ouse_str text, unsigned char hash[HASH_BYTES]);

/* As a number, without a key: for tags. Fast, and no protection against chosen texts. */
uint64_t hash_of(struct ouse_str text);

#endif
