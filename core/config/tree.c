/* tree: see tree.h. If a statement is wrong, the parser reports it and continues in the next line.
 * Messages never repeat a value of a section, because it may be a secret of the plugin. */
#include "tree.h"

#include "lexer.h"

struct parser {
    struct tree *tree;
    struct scanner scanner;
    const char *list;                  /* the key that has several values */
    const struct tree_section *within; /* the section that is open, or NULL */
};

/* ---- The tree ---------------------------------------------------------------------- */

static int same_section(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct tree_entry *find_entry(const struct tree *tree, const char *section, const char *key)
{
    for (uint32_t i = 0; i < tree->n; i++)
        if (same_section(tree->entries[i].section, section) && strcmp(tree->entries[i].key, key) == 0)
            return &tree->entries[i];
    return NULL;
}

static struct tree_entry *add_entry(struct tree *tree, const char *section, const char *key,
                                    const char *origin, int line)
{
    tree->entries = arena_more(tree->arena, tree->entries, tree->n, &tree->room, sizeof *tree->entries);
    tree->entries[tree->n] =
        (struct tree_entry){.section = section, .key = key, .origin = origin, .line = line};
    return &tree->entries[tree->n++];
}

static void add_value(struct tree *tree, struct tree_entry *entry, const char *origin, const char *text)
{
    entry->values = arena_more(tree->arena, entry->values, entry->n, &entry->room, sizeof *entry->values);
    entry->values[entry->n++] = (struct setting){
        .origin = origin, .section = entry->section, .text = text, .in_file = entry->line > 0};
}

static const struct tree_section *find_section(const struct tree *tree, const char *name)
{
    for (uint32_t i = 0; i < tree->n_sections; i++)
        if (strcmp(tree->sections[i].name, name) == 0)
            return &tree->sections[i];
    return NULL;
}

static const struct tree_section *add_section(struct tree *tree, const char *name, const char *origin,
                                              int line)
{
    tree->sections = arena_more(tree->arena, tree->sections, tree->n_sections, &tree->room_sections,
                                sizeof *tree->sections);
    tree->sections[tree->n_sections] = (struct tree_section){name, origin, line};
    return &tree->sections[tree->n_sections++];
}

const struct setting *tree_get(const struct tree *tree, const char *section, const char *key, uint32_t i)
{
    const struct tree_entry *entry = find_entry(tree, section, key);
    return entry && i < entry->n ? &entry->values[i] : NULL;
}

/* ---- Looking ahead ------------------------------------------------------------------ */

static struct token take(struct parser *parser, int value)
{
    return scan_token(&parser->scanner, value);
}

/* Token n after the next one (0: the next), without reading it. */
static struct token ahead(const struct parser *parser, int n, int value)
{
    struct scanner scanner = parser->scanner;
    struct token token;
    scanner.quiet = 1;
    do
        token = scan_token(&scanner, value);
    while (n-- > 0);
    return token;
}

/* Whether the next tokens are "NAME =" or "NAME {", so that a statement begins here. */
static int begins_statement(const struct parser *parser)
{
    enum token_kind next = ahead(parser, 1, 0).kind;
    return ahead(parser, 0, 0).kind == TOKEN_WORD && (next == TOKEN_EQUALS || next == TOKEN_OPEN);
}

/* Skips the rest of a wrong line. If the line opens a brace, skips to the brace that closes it, but
 * never the brace that closes the section around it. */
static void skip_statement(struct parser *parser)
{
    int depth = 0;
    for (struct token next = ahead(parser, 0, 1); next.kind != TOKEN_END; next = ahead(parser, 0, 1)) {
        if (depth == 0 && (next.first || (next.kind == TOKEN_CLOSE && parser->within)))
            return;
        take(parser, 1);
        depth += (next.kind == TOKEN_OPEN) - (next.kind == TOKEN_CLOSE && depth > 0);
    }
}

/* ---- Mistakes ------------------------------------------------------------------------ */

static int is_value(const struct token *token)
{
    return token->kind == TOKEN_WORD || token->kind == TOKEN_TEXT;
}

/* A value as it may be repeated. */
static const char *shown(const struct parser *parser, const struct token *value)
{
    if (parser->within || !is_value(value) || value->bad || !*value->text)
        return "…";
    int plain = value->kind == TOKEN_WORD && !strpbrk(value->text, " \t,{}#\"'");
    return arena_printf(parser->tree->arena, plain ? "%s" : "\"%s\"", value->text).p;
}

/* "plugins = {…}" for the key with a list, "threads = 8" for others. */
static const char *form(const struct parser *parser, const char *key, const struct token *value)
{
    const char *text = shown(parser, value);
    return arena_printf(parser->tree->arena, strcmp(key, parser->list) ? "%s = %s" : "%s = {%s}", key, text)
        .p;
}

static void mistake_equals(struct parser *parser, const char *key, const char *instead,
                           const struct token *value)
{
    int line = parser->scanner.line;
    if (*instead)
        scan_mistake(&parser->scanner, line, "\"%s\" is in the place of \"=\"; write %s", instead,
                     form(parser, key, value));
    else
        scan_mistake(&parser->scanner, line, "\"=\" is missing after %s; write %s", key,
                     form(parser, key, value));
}

/* All values of the line, from the first on, as a list in braces or as one text in quotes. */
static const char *joined(const struct parser *parser, const char *key, struct token first)
{
    struct arena *arena = parser->tree->arena;
    struct scanner scanner = parser->scanner;
    int is_list = strcmp(key, parser->list) == 0, comma = 0;
    struct ouse_str text = ouse_s(first.text);
    scanner.quiet = 1;
    if (parser->within)
        return arena_printf(arena, "%s = \"…\"", key).p;
    for (struct token next = scan_token(&scanner, 1);
         !next.first && (is_value(&next) || next.kind == TOKEN_COMMA); next = scan_token(&scanner, 1)) {
        if (is_value(&next))
            text = arena_printf(arena, "%.*s%s %s", OUSE_F(text), comma || is_list ? "," : "", next.text);
        comma = next.kind == TOKEN_COMMA;
    }
    return arena_printf(arena, is_list ? "%s = {%.*s}" : "%s = \"%.*s\"", key, OUSE_F(text)).p;
}

/* After a value, on its line, only the next statement and "}" may follow. */
static int check_end(struct parser *parser, const char *key, struct token value)
{
    struct token next = ahead(parser, 0, 0);
    if (next.first || next.kind == TOKEN_CLOSE || begins_statement(parser))
        return 1;
    struct scanner *scanner = &parser->scanner;
    if (next.kind == TOKEN_COMMA && ahead(parser, 1, 0).kind == TOKEN_WORD &&
        ahead(parser, 2, 0).kind == TOKEN_EQUALS)
        scan_mistake(scanner, next.line, "a comma after %s; settings are separated by spaces or line ends",
                     key);
    else if (next.kind == TOKEN_COMMA &&
             (ahead(parser, 1, 0).first || ahead(parser, 1, 0).kind == TOKEN_CLOSE))
        scan_mistake(scanner, next.line, "a comma at the end; write %s", form(parser, key, &value));
    else if (next.kind == TOKEN_COMMA && strcmp(key, parser->list) == 0)
        scan_mistake(scanner, next.line, "a list must be in braces; write %s", joined(parser, key, value));
    else if (next.kind == TOKEN_COMMA)
        scan_mistake(scanner, next.line, "a value with a comma must be in quotes; write %s",
                     joined(parser, key, value));
    else if (strcmp(key, parser->list) == 0)
        scan_mistake(scanner, next.line, "a list must be in braces, with commas; write %s",
                     joined(parser, key, value));
    else
        scan_mistake(scanner, next.line,
                     "%s has more than one value; text with spaces must be in quotes; write %s", key,
                     joined(parser, key, value));
    return 0;
}

/* ---- Values --------------------------------------------------------------------------- */

static const char *origin_of(const struct parser *parser, const struct token *token)
{
    return arena_printf(parser->tree->arena, "%s:%d", parser->scanner.file, token->line).p;
}

static const char *section_name(const struct parser *parser)
{
    return parser->within ? parser->within->name : NULL;
}

/* A new entry for the key; NULL, and a report, if the file has the key already. */
static struct tree_entry *begin_entry(struct parser *parser, const struct token *key)
{
    struct scanner *scanner = &parser->scanner;
    const struct tree_entry *before = find_entry(parser->tree, section_name(parser), key->text);
    if (!before)
        return add_entry(parser->tree, section_name(parser), key->text, origin_of(parser, key), key->line);
    scan_mistake(scanner, key->line, "%s%s%s is set twice, first in line %d; keep one of them",
                 parser->within ? parser->within->name : "", parser->within ? "." : "", key->text,
                 before->line);
    return NULL;
}

static void keep(struct parser *parser, struct tree_entry *entry, const struct token *value)
{
    if (entry && !value->bad)
        add_value(parser->tree, entry, origin_of(parser, value), value->text);
}

/* The values of a list, after its "{". */
static void read_list(struct parser *parser, const struct token *key)
{
    struct tree_entry *entry = begin_entry(parser, key);
    struct scanner *scanner = &parser->scanner;
    const char *last = "";
    int comma = 1;
    for (;;) {
        struct token next = ahead(parser, 0, 1);
        if (next.kind == TOKEN_END || next.kind == TOKEN_OPEN ||
            (is_value(&next) && begins_statement(parser))) {
            scan_mistake(scanner, key->line, "the list of %s is not closed; add } after its last value",
                         key->text);
            return;
        }
        if (is_value(&next) && !comma) {
            scan_mistake(scanner, next.line, "a comma is missing between %s and %s; write {%s, %s}", last,
                         next.text, last, next.text);
        } else if (next.kind == TOKEN_COMMA && comma) {
            scan_mistake(scanner, next.line, "a comma without a value before it; write %s = {first, second}",
                         key->text);
        }
        take(parser, 1);
        if (next.kind == TOKEN_CLOSE)
            return;
        comma = next.kind == TOKEN_COMMA;
        if (is_value(&next)) {
            keep(parser, entry, &next);
            last = next.text;
        }
    }
}

static void open_section(struct parser *parser, const struct token *name);

/* Reads "{" after "=": a list, or something that should not be one. */
static void read_braces(struct parser *parser, const struct token *key)
{
    struct scanner *scanner = &parser->scanner;
    struct token first = ahead(parser, 1, 0);
    int is_list = strcmp(key->text, parser->list) == 0;
    if (is_list) {
        take(parser, 1);
        read_list(parser, key);
    } else if (ahead(parser, 2, 0).kind == TOKEN_EQUALS || first.kind == TOKEN_CLOSE) {
        scan_mistake(scanner, key->line, "a section has no \"=\"; write %s { key = value }", key->text);
        take(parser, 1);
        open_section(parser, key);
    } else {
        scan_mistake(scanner, key->line, "%s has one value, without braces; write %s", key->text,
                     form(parser, key->text, &first));
        skip_statement(parser);
    }
}

/* Reads the text after "KEY =". */
static void read_value(struct parser *parser, const struct token *key)
{
    struct scanner *scanner = &parser->scanner;
    struct token value = ahead(parser, 0, 1);
    int is_list = strcmp(key->text, parser->list) == 0;
    size_t n = strlen(value.text);
    if (value.kind == TOKEN_OPEN) {
        read_braces(parser, key);
        return;
    }
    if (!is_value(&value) || value.first) {
        scan_mistake(scanner, key->line, "%s has no value; write %s = %s", key->text, key->text,
                     is_list ? "{first, second}" : "value, or \"\" for an empty text");
        if (!value.first)
            skip_statement(parser);
        return;
    }
    value = take(parser, 1);
    if (value.kind == TOKEN_WORD && *value.text == '=') {
        scan_mistake(scanner, value.line, "\"=\" appears twice after %s; write it once", key->text);
        skip_statement(parser);
    } else if (value.kind == TOKEN_WORD && is_list && *value.text == '[') {
        scan_mistake(scanner, value.line, "a list must be in braces; write %s = {first, second}", key->text);
        skip_statement(parser);
    } else if (value.kind == TOKEN_WORD && n > 1 && value.text[n - 1] == ';') {
        value.text = arena_printf(scanner->arena, "%.*s", (int)n - 1, value.text).p;
        scan_mistake(scanner, value.line, "\";\" at the end; write %s", form(parser, key->text, &value));
    } else if ((*scanner->at == '"' || *scanner->at == '\'') && value.kind == TOKEN_WORD) {
        scan_mistake(scanner, value.line, "a quote within a value; put the whole value of %s in quotes",
                     key->text);
        skip_statement(parser);
    } else if (!check_end(parser, key->text, value)) {
        skip_statement(parser);
    } else {
        keep(parser, begin_entry(parser, key), &value);
    }
}

/* ---- Statements ------------------------------------------------------------------------- */

static void open_section(struct parser *parser, const struct token *name)
{
    struct scanner *scanner = &parser->scanner;
    const struct tree_section *before = find_section(parser->tree, name->text);
    if (parser->within)
        scan_mistake(scanner, name->line, "%s { is inside %s {, which line %d opens; add } before it",
                     name->text, parser->within->name, parser->within->line);
    if (before)
        scan_mistake(scanner, name->line,
                     "the section %s appears twice, first in line %d; write all of it there", name->text,
                     before->line);
    parser->within =
        before ? before : add_section(parser->tree, name->text, origin_of(parser, name), name->line);
}

static int is_key(const char *text)
{
    return *text && !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")];
}

/* A word that cannot be a key. */
static void mistake_key(struct parser *parser, const struct token *key)
{
    struct scanner *scanner = &parser->scanner;
    struct token next = ahead(parser, 0, 1);
    const char *colon = strchr(key->text, ':'), *dot = strchr(key->text, '.');
    if (key->bad)
        ; /* it was reported */
    else if (*key->text == '[')
        scan_mistake(scanner, key->line,
                     "\"%s\" is a heading of an INI file; write keys of the server without one, and options "
                     "of a plugin in its section: PLUGIN { key = value }",
                     key->text);
    else if (colon && colon > key->text) {
        struct token value = {.kind = TOKEN_WORD, .text = colon + 1};
        mistake_equals(parser, arena_printf(scanner->arena, "%.*s", (int)(colon - key->text), key->text).p,
                       ":", colon[1] ? &value : &next);
    } else if (dot && dot > key->text && dot[1])
        scan_mistake(scanner, key->line, "%s is how --set writes it; in a file write %.*s { %s = value }",
                     key->text, (int)(dot - key->text), key->text, dot + 1);
    else if (*key->text == ';')
        scan_mistake(scanner, key->line, "\";\" begins no comment; write #");
    else
        scan_mistake(scanner, key->line, "\"%s\" is no key; a line is KEY = VALUE, PLUGIN { or }", key->text);
    skip_statement(parser);
}

/* Whether a word is written in the place of "=": ":", "+", "->". */
static int is_operator(const struct token *token)
{
    static const char others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/[_";
    return token->kind == TOKEN_WORD && !token->text[strcspn(token->text, others)];
}

/* A key, and neither "=" nor "{" after it. */
static void mistake_statement(struct parser *parser, const struct token *key)
{
    struct scanner *scanner = &parser->scanner;
    struct token next = ahead(parser, 0, 0);
    if (next.first || next.kind == TOKEN_CLOSE) {
        scan_mistake(scanner, key->line, "%s has no value; write %s = value", key->text, key->text);
    } else if (is_operator(&next)) {
        int equals = ahead(parser, 1, 0).kind == TOKEN_EQUALS;
        struct token value = ahead(parser, 1 + equals, 0);
        const char *instead = arena_printf(scanner->arena, "%s%s", next.text, equals ? "=" : "").p;
        mistake_equals(parser, key->text, instead, &value);
    } else if (ahead(parser, 1, 0).kind == TOKEN_OPEN) {
        scan_mistake(scanner, key->line, "a section has one name and no title; write %s {", key->text);
    } else {
        mistake_equals(parser, key->text, "", &next);
    }
    skip_statement(parser);
}

static void read_statement(struct parser *parser, const struct token *key)
{
    enum token_kind next = ahead(parser, 0, 0).kind;
    if (key->bad || !is_key(key->text)) {
        mistake_key(parser, key);
    } else if (next == TOKEN_EQUALS && !ahead(parser, 0, 0).first) {
        take(parser, 0);
        read_value(parser, key);
    } else if (next == TOKEN_OPEN) {
        take(parser, 0);
        open_section(parser, key);
    } else {
        mistake_statement(parser, key);
    }
}

static void read_mark(struct parser *parser, const struct token *token)
{
    struct scanner *scanner = &parser->scanner;
    if (token->kind == TOKEN_CLOSE && parser->within) {
        parser->within = NULL;
    } else if (token->kind == TOKEN_CLOSE) {
        scan_mistake(scanner, token->line, "} closes nothing: no section is open; remove it");
    } else if (token->kind == TOKEN_TEXT) {
        if (!token->bad)
            scan_mistake(scanner, token->line,
                         "a quoted text is in the place of a key; write KEY = \"text\"");
        skip_statement(parser);
    } else {
        scan_mistake(scanner, token->line, "\"%s\" is in the place of a key; write KEY = VALUE", token->text);
        skip_statement(parser);
    }
}

static void read_text(struct parser *parser)
{
    for (struct token token = take(parser, 0); token.kind != TOKEN_END; token = take(parser, 0)) {
        if (token.kind == TOKEN_WORD)
            read_statement(parser, &token);
        else
            read_mark(parser, &token);
    }
    if (parser->within)
        scan_mistake(&parser->scanner, parser->within->line,
                     "%s { is not closed; add } after the last option of the section", parser->within->name);
}

/* ---- --set -------------------------------------------------------------------------------- */

static void set_list(struct tree *tree, struct tree_entry *entry, char *values)
{
    char *word;
    while ((word = strtok_r(values, ", ", &values)))
        add_value(tree, entry, "--set", word);
}

/* A key of a section is written with a dot. The last one of a key is the one that counts. */
static ouse_rc apply_set(struct tree *tree, const char *set, const char *list, struct problem *problem)
{
    char *name = (char *)arena_copy(tree->arena, ouse_s(set)).p, *value = strchr(name, '=');
    if (!value || value == name)
        return problem_add(problem, OUSE_E_INVALID, "", "config",
                           "--set: \"%s\" is not of the form key=value or plugin.key=value", set);
    *value++ = '\0';
    char *dot = strchr(name, '.');
    const char *section = dot ? name : NULL, *key = dot ? dot + 1 : name;
    if (dot)
        *dot = '\0';
    if (section && !find_section(tree, section))
        add_section(tree, section, "--set", 0);
    struct tree_entry *entry = find_entry(tree, section, key);
    if (!entry)
        entry = add_entry(tree, section, key, "--set", 0);
    *entry = (struct tree_entry){.section = section, .key = key, .origin = "--set"};
    if (!section && strcmp(key, list) == 0)
        set_list(tree, entry, value);
    else
        add_value(tree, entry, "--set", value);
    return OUSE_OK;
}

ouse_rc tree_read(struct arena *arena, const struct source *source, const char *list, struct tree **tree,
                  struct problem *problem)
{
    uint32_t before = problem->n_errors;
    struct tree *made = arena_zero(arena, sizeof *made);
    struct parser parser = {.tree = made,
                            .scanner = {.at = source->text,
                                        .line = 1,
                                        .first = 1,
                                        .file = source->file,
                                        .arena = arena,
                                        .problem = problem},
                            .list = list};
    made->arena = arena;
    read_text(&parser);
    for (uint32_t i = 0; i < source->n_sets; i++)
        apply_set(made, source->sets[i], list, problem);
    *tree = made;
    return problem->n_errors > before ? OUSE_E_INVALID : OUSE_OK;
}
