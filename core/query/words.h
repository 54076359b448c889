/* words: searches for words in records; see words.c. */
#ifndef QUERY_WORDS_H
#define QUERY_WORDS_H

#include "scan.h"

#define WORDS_BEGUN 512 /* words that a beginning is resolved to */

/* The fields to search: all; or those of the label and identifiers, those and other short ones. If
 * only some are searched, the first words with the prefix are enough. */
#define WORDS_LABEL 0x01u
#define WORDS_SHORT 0x02u
#define WORDS_SOME  0x04u

/* The words of a question; they are the same for all collections. */
struct phrase;

/* Reads the words; `name` is the parameter, for messages: "q". The phrase lives as long as the
 * arena. */
ouse_rc words_read(const struct collection *collection, const char *name, struct ouse_str text,
                   struct arena *arena, const struct phrase **phrase, struct problem *problem);

struct words_asked {
    const struct phrase *phrase;
    const struct collection *collection;
    uint32_t role;
    const struct field *field; /* NULL: all that are searched and that the role may see */
    uint32_t scope;
};

/* Makes the terms of a question: one for each word. */
ouse_rc words_ask(const struct words_asked *asked, struct arena *arena, struct query_term *terms,
                  uint32_t room, uint32_t *n, struct problem *problem);

/* Turns the beginnings of words into the words that there are, where these are not too many. */
ouse_rc words_resolve(struct reader *reader, struct query_term *term);

#endif
