/* search: shared by the files of this plugin. */
#ifndef SEARCH_H
#define SEARCH_H

#include <ouse/plugin.h>

#define ANALYSIS 2 /* version of search_words; see words.c */

/* The words of a text. */
void search_words(struct ouse_str text, ouse_word_fn fn, void *arg);

/* Writes a word of a to z in the spelling that British and American texts share; see spelling.c.
 * Returns it, in `out`. */
struct ouse_str spell(struct ouse_str word, char out[OUSE_WORD_MAX]);

/* Frees the memory that is kept between texts. */
void words_end(void);

/* ---- marks.c: where a text has the words of a question -------------------- */

#define MARKS 64 /* the most places of a text that are reported, and forms of a query */

struct form {
    struct ouse_str text;
    int begins;
};

/* The words of a query. */
struct question {
    struct form forms[MARKS];
    uint32_t n;
};

/* Bytes of a text from one on, up to another; ascending, and apart from each other. */
struct mark {
    uint32_t from, to;
};

struct marks {
    struct mark at[MARKS];
    uint32_t n;
    uint32_t found; /* forms of the question that the text has */
};

void question_read(struct ouse_ctx *ctx, struct ouse_str text, struct question *question);
void marks_find(const struct question *question, struct ouse_str text, struct marks *marks);

/* The part of a text with most marks, on one line, as {"text", "ranges"}; all of it where `whole`. */
struct ouse_doc *marks_show(struct ouse_ctx *ctx, struct ouse_str text, const struct marks *marks);
struct ouse_doc *marks_ranges(struct ouse_ctx *ctx, struct ouse_str text, const struct marks *marks);

#endif
