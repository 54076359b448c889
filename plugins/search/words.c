/* words: a text as words, in the forms by which they are found.
 *
 *   Frail elders’      frail · elders (elder)
 *   co-production      co · production (product) · coproduction (coproduct)
 *   Élan, O’Brien      elan · o · brien · obrien
 *   the people's 3,000 the (common) · people (peopl) · 3000
 *
 * A part is a run of letters and digits, folded: case, accents and the width of
 * letters do not count. Parts with one hyphen, apostrophe, full stop or the like
 * between them are a word together, too, so that it does not matter how a compound is
 * written. English words have their stem besides. A symbol is a word of its own, which
 * finds emoji. What is no UTF-8 separates words.
 *
 * What comes out is in the indexes of registers: whoever changes it counts ANALYSIS up.
 */
#include "search.h"

#include <libstemmer.h>
#include <stdatomic.h>
#include <string.h>
#include <utf8proc.h>

/* What a character does to a word. */
enum kind { SEPARATES, LETTER, DIGIT, JOINS, VANISHES, SYMBOL };

#define FOLDED_MAX 32 /* characters that one of Unicode is folded to: 18 at the most */

/* A form that grows; what does not fit is left away, at a whole character. */
struct form_bytes {
    char at[OUSE_WORD_MAX];
    uint32_t n, from;
    int cut;
};

struct analysis {
    ouse_word_fn fn;
    void *arg;
    struct ouse_str text;
    struct sb_stemmer *stemmer; /* made when the first word needs it */
    struct form_bytes part, whole;
    uint32_t parts; /* of the whole, so far */
};

/* ---- Characters ------------------------------------------------------------------ */

/* The character at a place, and its bytes; -1 and one byte for what is no UTF-8. */
static uint32_t character(struct ouse_str text, uint32_t at, utf8proc_int32_t *c)
{
    utf8proc_ssize_t n = at < text.n ? utf8proc_iterate((const utf8proc_uint8_t *)text.p + at,
                                                        (utf8proc_ssize_t)(text.n - at), c)
                                     : 0;
    if (n > 0)
        return (uint32_t)n;
    *c = -1;
    return 1;
}

static int is_apostrophe(utf8proc_int32_t c)
{
    return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x2bc;
}

static int is_joiner(utf8proc_int32_t c)
{
    return c == '-' || c == 0x2010 || c == 0x2011 || c == '.' || c == ',' || c == '&' || c == '_' ||
           is_apostrophe(c);
}

static enum kind kind_of(utf8proc_int32_t c)
{
    if (c < 0)
        return SEPARATES;
    if (is_joiner(c))
        return JOINS;
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return LETTER;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return DIGIT;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
        return VANISHES;
    case UTF8PROC_CATEGORY_SO:
        return SYMBOL;
    default:
        return SEPARATES;
    }
}

static enum kind kind_at(struct ouse_str text, uint32_t at)
{
    utf8proc_int32_t c;
    if (at >= text.n)
        return SEPARATES;
    character(text, at, &c);
    return kind_of(c);
}

/* Letters of Latin scripts that no decomposition takes apart. */
static const char *latin(utf8proc_int32_t c)
{
    static const struct {
        utf8proc_int32_t c;
        const char *text;
    } letters[] = {{0xe6, "ae"}, {0xf0, "d"},  {0xf8, "o"},  {0xfe, "th"},  {0x111, "d"}, {0x127, "h"},
                   {0x131, "i"}, {0x142, "l"}, {0x14b, "n"}, {0x153, "oe"}, {0x167, "t"}};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].c == c)
            return letters[i].text;
    return NULL;
}

static void add_bytes(struct form_bytes *form, const void *bytes, uint32_t n)
{
    form->cut |= n > sizeof form->at - form->n;
    if (form->cut)
        return;
    memcpy(form->at + form->n, bytes, n);
    form->n += n;
}

static void add_folded(struct analysis *analysis, utf8proc_int32_t c)
{
    const char *letters = latin(c);
    utf8proc_uint8_t bytes[4];
    if (letters) {
        add_bytes(&analysis->part, letters, (uint32_t)strlen(letters));
        return;
    }
    add_bytes(&analysis->part, bytes, (uint32_t)utf8proc_encode_char(c, bytes));
}

static void add_character(struct analysis *analysis, utf8proc_int32_t c)
{
    utf8proc_int32_t folded[FOLDED_MAX];
    int boundary = 0;
    if (c < 0x80) {
        char lower = (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
        add_bytes(&analysis->part, &lower, 1);
        return;
    }
    utf8proc_ssize_t n = utf8proc_decompose_char(c, folded, FOLDED_MAX,
                                                 UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                                     UTF8PROC_STRIPMARK | UTF8PROC_IGNORE,
                                                 &boundary);
    for (utf8proc_ssize_t i = 0; i < n && n <= FOLDED_MAX; i++)
        if (kind_of(folded[i]) == LETTER || kind_of(folded[i]) == DIGIT)
            add_folded(analysis, folded[i]);
}

/* ---- Forms -------------------------------------------------------------------------- */

/* Words that are in nearly every text. Not "it" and "us", which name things in capitals. */
static int is_common(const struct form_bytes *form)
{
    static const char *const words[] = {
        "a",     "an",   "and",  "are",  "as",   "at", "be",  "been", "but",   "by",   "for",  "from", "had",
        "has",   "have", "in",   "is",   "its",  "of", "on",  "or",   "our",   "so",   "than", "that", "the",
        "their", "them", "then", "they", "this", "to", "was", "were", "which", "will", "with"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i][0] == form->at[0] && strlen(words[i]) == form->n &&
            memcmp(words[i], form->at, form->n) == 0)
            return 1;
    return 0;
}

static int is_english(const struct form_bytes *form)
{
    for (uint32_t i = 0; i < form->n; i++)
        if (form->at[i] < 'a' || form->at[i] > 'z')
            return 0;
    return form->n > 2 && !form->cut;
}

/* Making a stemmer costs more than most texts: one is kept for whoever comes next. */
static _Atomic(struct sb_stemmer *) spare;

static struct sb_stemmer *take_stemmer(void)
{
    struct sb_stemmer *kept = atomic_exchange(&spare, NULL);
    return kept ? kept : sb_stemmer_new("english", "UTF_8");
}

static void give_stemmer(struct sb_stemmer *stemmer)
{
    if (stemmer)
        sb_stemmer_delete(atomic_exchange(&spare, stemmer));
}

void words_end(void)
{
    sb_stemmer_delete(atomic_exchange(&spare, NULL));
}

/* The stem of an English word; the word itself where it has none. */
static struct ouse_str stem(struct analysis *analysis, const struct form_bytes *form)
{
    struct ouse_str word = {form->at, form->n};
    const sb_symbol *found;
    if (!is_english(form))
        return word;
    if (!analysis->stemmer)
        analysis->stemmer = take_stemmer();
    found = analysis->stemmer ? sb_stemmer_stem(analysis->stemmer, (const sb_symbol *)form->at, (int)form->n)
                              : NULL;
    return found ? (struct ouse_str){(const char *)found, (uint32_t)sb_stemmer_length(analysis->stemmer)}
                 : word;
}

/* Tells a word that ends at a place. */
static void tell(struct analysis *analysis, const struct form_bytes *form, uint32_t to)
{
    struct ouse_str word = {form->at, form->n}, found = stem(analysis, form);
    uint32_t common = is_common(form) ? OUSE_WORD_COMMON : 0;
    if (ouse_same(word, found)) {
        analysis->fn(analysis->arg, word, OUSE_WORD_WHOLE | OUSE_WORD_BEGINS | common, form->from, to);
        return;
    }
    analysis->fn(analysis->arg, word, OUSE_WORD_BEGINS | common, form->from, to);
    analysis->fn(analysis->arg, found, OUSE_WORD_WHOLE | common, form->from, to);
}

/* ---- Words ------------------------------------------------------------------------------ */

static void begin_part(struct analysis *analysis, uint32_t from)
{
    if (analysis->part.n || analysis->part.cut)
        return;
    analysis->part.from = from;
    if (!analysis->parts)
        analysis->whole = (struct form_bytes){.from = from};
}

static void end_part(struct analysis *analysis, uint32_t to)
{
    if (!analysis->part.n)
        return;
    tell(analysis, &analysis->part, to);
    add_bytes(&analysis->whole, analysis->part.at, analysis->part.n);
    analysis->parts++;
    analysis->part = (struct form_bytes){.n = 0};
}

static void end_word(struct analysis *analysis, uint32_t to)
{
    end_part(analysis, to);
    if (analysis->parts > 1)
        tell(analysis, &analysis->whole, to);
    analysis->parts = 0;
}

/* Whether what joins is between digits: "3,000" is a number, "3.5" are two. */
static int is_numeric(struct ouse_str text, uint32_t at)
{
    return at > 0 && kind_at(text, at - 1) == DIGIT && kind_at(text, at + 1) == DIGIT;
}

/* Whether the apostrophe and what is behind it is the end of a word: "people's". */
static int is_possessive(struct ouse_str text, uint32_t behind)
{
    return behind < text.n && (text.p[behind] | 0x20) == 's' && kind_at(text, behind + 1) != LETTER &&
           kind_at(text, behind + 1) != DIGIT;
}

/* A joiner at a place: gives the place behind what it takes along. */
static uint32_t join(struct analysis *analysis, utf8proc_int32_t c, uint32_t at, uint32_t behind)
{
    enum kind next = kind_at(analysis->text, behind);
    if (c == ',' && is_numeric(analysis->text, at))
        return behind;
    if (is_apostrophe(c) && analysis->part.n && is_possessive(analysis->text, behind)) {
        end_word(analysis, at);
        return behind + 1;
    }
    if (!analysis->part.n || (next != LETTER && next != DIGIT) || c == ',' ||
        (c == '.' && is_numeric(analysis->text, at)))
        end_word(analysis, at);
    else
        end_part(analysis, at);
    return behind;
}

static void tell_symbol(struct analysis *analysis, uint32_t from, uint32_t to)
{
    struct ouse_str symbol = {analysis->text.p + from, to - from};
    analysis->fn(analysis->arg, symbol, OUSE_WORD_WHOLE | OUSE_WORD_BEGINS, from, to);
}

void search_words(struct ouse_str text, ouse_word_fn fn, void *arg)
{
    struct analysis analysis = {.fn = fn, .arg = arg, .text = text};
    for (uint32_t at = 0, behind; at < text.n; at = behind) {
        utf8proc_int32_t c;
        behind = at + character(text, at, &c);
        enum kind kind = kind_of(c);
        if (kind == LETTER || kind == DIGIT) {
            begin_part(&analysis, at);
            add_character(&analysis, c);
        } else if (kind == JOINS) {
            behind = join(&analysis, c, at, behind);
        } else if (kind != VANISHES) {
            end_word(&analysis, at);
        }
        if (kind == SYMBOL)
            tell_symbol(&analysis, at, behind);
    }
    end_word(&analysis, text.n);
    give_stemmer(analysis.stemmer);
}
