/* hex: a number in hexadecimal digits, without leading zeros. For the tags and
 * ids of every answer, where printf would be a fiftieth of the whole request. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdint.h>

#define HEX_DIGITS 16 /* the most there can be */

/* Writes the digits; returns the end of them. */
static inline char *hex_write(char *at, uint64_t value)
{
    int digits = 1;
    while (digits < HEX_DIGITS && value >> 4 * digits)
        digits++;
    while (digits-- > 0)
        *at++ = "0123456789abcdef"[value >> 4 * digits & 15];
    return at;
}

#endif
