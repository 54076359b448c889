/* lexer: the text of a config file as tokens.
 *
 *     threads = 8          WORD EQUALS WORD
 *     hubs { n = "a b" }   WORD OPEN WORD EQUALS TEXT CLOSE
 *
 * Comments run from "#" or "//" to the end of the line, or between the usual
 * slash-star marks. "${NAME}" and "${NAME:-default}" in a word or in double
 * quotes stand for a variable of the environment.
 */
#ifndef CONFIG_LEXER_H
#define CONFIG_LEXER_H

#include "../base/error.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_COMMA, TOKEN_EQUALS };

struct token {
    enum token_kind kind;
    const char *text; /* of a word, or of a quoted text without its quotes */
    int line;
    int first; /* of its line */
    int bad;   /* its text is not usable; the problem has the reason */
};

/* A copy of a scanner looks ahead; `quiet` makes it report nothing. */
struct scanner {
    const char *at;
    int line, first, quiet;
    const char *file;
    struct arena *arena;
    struct problem *problem;
};

/* Reads the next token. In a value, "=" is a character like any other. */
struct token scan_token(struct scanner *scanner, int value);

/* Reports a mistake on a line of the file. */
void scan_mistake(struct scanner *scanner, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
