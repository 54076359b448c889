/* lexer: see lexer.h. */
#include "lexer.h"

#include <ctype.h>
#include <stdlib.h>

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

void scan_mistake(struct scanner *scanner, int line, const char *format, ...)
{
    va_list args;
    if (scanner->quiet)
        return;
    va_start(args, format);
    struct ouse_str what = arena_vprintf(scanner->arena, format, args);
    va_end(args);
    problem_add(scanner->problem, OUSE_E_INVALID, "", "config", "%s:%d: %s", scanner->file, line, what.p);
}

/* The text of a token while it is read; it never has more bytes than the file has left, but
 * for variables. */
struct growing {
    struct arena *arena;
    char *at;
    uint32_t n, room;
};

static void add(struct growing *text, char byte)
{
    text->at = arena_more(text->arena, text->at, text->n, &text->room, 1);
    text->at[text->n++] = byte;
}

static void add_text(struct growing *text, const char *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add(text, from[i]);
}

/* ---- Separators of tokens ---------------------------------------------------------- */

static void skip_line(struct scanner *scanner)
{
    scanner->at += strcspn(scanner->at, "\n");
}

static void skip_block(struct scanner *scanner)
{
    int opened = scanner->line;
    for (scanner->at += 2; strncmp(scanner->at, "*/", 2) != 0; scanner->at++) {
        if (!*scanner->at) {
            scan_mistake(scanner, opened, "the comment is not closed; add */ at its end");
            return;
        }
        scanner->line += *scanner->at == '\n';
    }
    scanner->at += 2;
}

static void skip_space(struct scanner *scanner)
{
    for (;;) {
        if (*scanner->at == '\n')
            scanner->line++, scanner->first = 1, scanner->at++;
        else if (isspace((unsigned char)*scanner->at))
            scanner->at++;
        else if (*scanner->at == '#' || strncmp(scanner->at, "//", 2) == 0)
            skip_line(scanner);
        else if (strncmp(scanner->at, "/*", 2) == 0)
            skip_block(scanner);
        else
            return;
    }
}

/* ---- Variables -------------------------------------------------------------------- */

/* Reads "${NAME}" or "${NAME:-default}"; returns whether it has a value. */
static int read_variable(struct scanner *scanner, struct growing *text)
{
    const char *name = scanner->at + 2;
    size_t n = strspn(name, NAME_CHARS), whole = strcspn(name, "}\n");
    int has_default = strncmp(name + n, ":-", 2) == 0;
    if (name[whole] != '}' || n == 0 || (name[n] != '}' && !has_default)) {
        scan_mistake(scanner, scanner->line,
                     "\"${\" begins a variable of the environment; write ${NAME} or ${NAME:-default}");
        scanner->at = name + whole + (name[whole] == '}');
        return 0;
    }
    scanner->at = name + whole + 1;
    const char *key = arena_printf(scanner->arena, "%.*s", (int)n, name).p, *value = getenv(key);
    if (value && (*value || !has_default))
        add_text(text, value, strlen(value));
    else if (has_default)
        add_text(text, name + n + 2, whole - n - 2);
    else
        scan_mistake(scanner, scanner->line,
                     "the environment variable %s is not set; set it, or write a default: ${%s:-…}", key,
                     key);
    return value || has_default;
}

static int is_variable(const struct scanner *scanner)
{
    return strncmp(scanner->at, "${", 2) == 0;
}

/* ---- Quoted texts ------------------------------------------------------------------ */

static int hex_digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* Reads the character after a backslash. In single quotes a backslash only escapes a quote or a
 * backslash. */
static void read_escape(struct scanner *scanner, char quote, struct growing *text)
{
    static const char letters[] = "abefnrtv", bytes[] = "\a\b\033\f\n\r\t\v";
    char c = *scanner->at++;
    const char *letter = quote == '"' && c ? strchr(letters, c) : NULL;
    if (c == '\n')
        scanner->line++;
    else if (letter)
        add(text, bytes[letter - letters]);
    else if (quote == '"' && c == 'x' && isxdigit((unsigned char)scanner->at[0]) &&
             isxdigit((unsigned char)scanner->at[1])) {
        add(text, (char)(hex_digit(scanner->at[0]) * 16 + hex_digit(scanner->at[1])));
        scanner->at += 2;
    } else {
        if (quote == '\'' && c != '\'' && c != '\\')
            add(text, '\\');
        add(text, c);
    }
}

static void read_quoted(struct scanner *scanner, struct token *token)
{
    struct growing text = {.arena = scanner->arena};
    char quote = *scanner->at++;
    token->kind = TOKEN_TEXT;
    while (*scanner->at != quote) {
        if (!*scanner->at || *scanner->at == '\n') {
            scan_mistake(scanner, token->line, "the text has no closing %c; add it at the end of the line",
                         quote);
            token->bad = 1;
            break;
        }
        if (quote == '"' && is_variable(scanner))
            token->bad |= !read_variable(scanner, &text);
        else if (*scanner->at == '\\' && scanner->at[1])
            scanner->at++, read_escape(scanner, quote, &text);
        else
            add(&text, *scanner->at++);
    }
    scanner->at += *scanner->at == quote;
    add(&text, '\0');
    token->text = text.at;
}

/* ---- Words ------------------------------------------------------------------------- */

/* Characters that a word processor writes in the place of others. */
static const struct {
    const char *utf8, *name, *instead;
} lookalikes[] = {
    {"\u201c", "a typographic quote", "\""},         {"\u201d", "a typographic quote", "\""},
    {"\u201e", "a typographic quote", "\""},         {"\u2018", "a typographic quote", "'"},
    {"\u2019", "a typographic quote", "'"},          {"\u00ab", "a typographic quote", "\""},
    {"\u00bb", "a typographic quote", "\""},         {"\u00a0", "a no-break space", "a plain space"},
    {"\u202f", "a no-break space", "a plain space"},
};

static void check_word(struct scanner *scanner, struct token *token)
{
    for (size_t i = 0; i < sizeof lookalikes / sizeof *lookalikes; i++)
        if (strstr(token->text, lookalikes[i].utf8)) {
            scan_mistake(scanner, token->line, "%s (%s) is outside quotes; write %s", lookalikes[i].name,
                         lookalikes[i].utf8, lookalikes[i].instead);
            token->bad = 1;
            return;
        }
}

static void read_word(struct scanner *scanner, int value, struct token *token)
{
    const char *ends = value ? "{}\"'#, \t\r\v\f\n" : "{}=\"'#, \t\r\v\f\n";
    struct growing text = {.arena = scanner->arena};
    token->kind = TOKEN_WORD;
    while (*scanner->at && (is_variable(scanner) || !strchr(ends, *scanner->at))) {
        if (is_variable(scanner))
            token->bad |= !read_variable(scanner, &text);
        else
            add(&text, *scanner->at++);
    }
    add(&text, '\0');
    token->text = text.at;
    check_word(scanner, token);
}

struct token scan_token(struct scanner *scanner, int value)
{
    static const char marks[] = "{},=";
    static const enum token_kind kinds[] = {TOKEN_OPEN, TOKEN_CLOSE, TOKEN_COMMA, TOKEN_EQUALS};
    skip_space(scanner);
    struct token token = {.kind = TOKEN_END, .text = "", .line = scanner->line, .first = scanner->first};
    const char *mark = *scanner->at ? strchr(marks, *scanner->at) : NULL;
    scanner->first = 0;
    if (!*scanner->at)
        token.first = 1;
    else if (*scanner->at == '"' || *scanner->at == '\'')
        read_quoted(scanner, &token);
    else if (mark && !(value && *mark == '='))
        token.kind = kinds[mark - marks], token.text = arena_printf(scanner->arena, "%c", *scanner->at++).p;
    else
        read_word(scanner, value, &token);
    return token;
}
