/* words: a text as words, in the forms by which they are found.
 *
 *   Frail elders’      frail · elders (elder)
 *   co-production      co · production (product) · coproduction (coproduct)
 *   Élan, O’Brien      elan · o · brien · obrien
 *   the people's 3,000 the (common) · people (peopl) · 3000
 *   organization       organization · organisation (organis)
 *   A&E, R & D, C++    a&e · r&d · c++
 *   Covid19, covid 19  covid19; in the index also covid · 19 · covid19
 *
 * A part is a run of letters and digits, folded: case, accents and the width of
 * letters do not count. If one hyphen, apostrophe, full stop or the like stands between
 * parts, they also form a word together, so that it does not matter how a compound is
 * written. English words also have a stem, which is that of one spelling (spelling.c).
 * A symbol is a word of its own: it finds emoji. Bytes that are not UTF-8 separate words.
 *
 * Some forms are for the index only (no flag): they let another way of writing find the
 * text, but are too vague to look for. "A&E" is found by "e", but does not look for it.
 *
 * The indexes of registers contain the result: if you change it, increase ANALYSIS.
 */
#include "search.h"

#include <assert.h>
#include <libstemmer.h>
#include <stdatomic.h>
#include <string.h>
#include <utf8proc.h>

/* The effect of a character on a word. */
enum kind { SEPARATES, LETTER, DIGIT, JOINS, VANISHES, SYMBOL };

#define FOLDED_MAX 32 /* characters that one of Unicode is folded to: 18 at the most */

/* A form that grows; drops the end that does not fit, at a whole character. */
struct form_bytes {
    char at[OUSE_WORD_MAX];
    uint32_t n, from;
    int cut;
    uint32_t letters;         /* bytes before its first digit, if it has one */
    uint32_t digits_from;     /* where in the text that digit is */
    int has_digits, is_mixed; /* mixed: a letter follows a digit */
};

struct analysis {
    ouse_word_fn fn;
    void *arg;
    struct ouse_str text;
    struct sb_stemmer *stemmer; /* made when the first word needs it */
    struct form_bytes part, whole;
    uint32_t parts, parts_to; /* of the whole, so far, and where the last one ends */
    struct form_bytes before; /* the part before this one, if it is of letters alone */
    uint32_t before_to;       /* where it ends */
};

/* ---- Characters ------------------------------------------------------------------ */

/* Returns the character at a place, and its length in bytes; -1 and one byte for invalid UTF-8. */
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

/* Making a stemmer costs more than most texts, so one is kept for the next caller. */
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

/* Returns the stem of an English word, or the word itself if there is no stem. */
static struct ouse_str stem(struct analysis *analysis, struct ouse_str word)
{
    const sb_symbol *found;
    if (!analysis->stemmer)
        analysis->stemmer = take_stemmer();
    found =
        analysis->stemmer ? sb_stemmer_stem(analysis->stemmer, (const sb_symbol *)word.p, (int)word.n) : NULL;
    return found ? (struct ouse_str){(const char *)found, (uint32_t)sb_stemmer_length(analysis->stemmer)}
                 : word;
}

/* Reports a word that ends at a place: as it is written, in the one spelling, and its stem. */
static void tell(struct analysis *analysis, const struct form_bytes *form, uint32_t to)
{
    struct ouse_str word = {form->at, form->n}, spelt = word, root = word;
    uint32_t common = is_common(form) ? OUSE_WORD_COMMON : 0, begins = OUSE_WORD_BEGINS | common;
    char bytes[OUSE_WORD_MAX];
    if (is_english(form)) {
        spelt = spell(word, bytes);
        root = stem(analysis, spelt);
    }
    if (ouse_same(word, root)) {
        analysis->fn(analysis->arg, word, begins | OUSE_WORD_WHOLE, form->from, to);
        return;
    }
    analysis->fn(analysis->arg, word, begins, form->from, to);
    if (!ouse_same(spelt, word) && !ouse_same(spelt, root))
        analysis->fn(analysis->arg, spelt, begins, form->from, to);
    analysis->fn(analysis->arg, root, OUSE_WORD_WHOLE | (ouse_same(spelt, root) ? begins : common),
                 form->from, to);
}

/* Reports a form that the index has, but that a question does not look for. */
static void tell_index(struct analysis *analysis, struct ouse_str form, uint32_t from, uint32_t to)
{
    if (form.n)
        analysis->fn(analysis->arg, form, 0, from, to);
}

/* "Covid19" is found by "covid 19". */
static void tell_halves(struct analysis *analysis, const struct form_bytes *part, uint32_t to)
{
    uint32_t n = part->letters;
    if (!part->has_digits || part->is_mixed || !n)
        return;
    tell_index(analysis, (struct ouse_str){part->at, n}, part->from, part->digits_from);
    tell_index(analysis, (struct ouse_str){part->at + n, part->n - n}, part->digits_from, to);
}

/* "covid 19" is found by "covid19". Longer numbers, such as years, are of no word. */
static void tell_joined(struct analysis *analysis, const struct form_bytes *part, uint32_t to)
{
    struct form_bytes joined = analysis->before;
    if (!joined.n || !part->has_digits || part->letters || part->is_mixed || part->n > 3 ||
        part->from != analysis->before_to + 1 || analysis->text.p[analysis->before_to] != ' ')
        return;
    add_bytes(&joined, part->at, part->n);
    if (!joined.cut)
        tell_index(analysis, (struct ouse_str){joined.at, joined.n}, joined.from, to);
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
    struct form_bytes *part = &analysis->part;
    if (!part->n)
        return;
    tell_halves(analysis, part, to);
    tell(analysis, part, to);
    tell_joined(analysis, part, to);
    add_bytes(&analysis->whole, part->at, part->n);
    analysis->parts++;
    analysis->parts_to = to;
    analysis->before.n = 0;
    if (!part->has_digits && !is_common(part)) {
        analysis->before = *part;
        analysis->before_to = to;
    }
    *part = (struct form_bytes){.n = 0};
}

/* Reports the whole of a compound. */
static void end_whole(struct analysis *analysis)
{
    if (analysis->parts > 1)
        tell(analysis, &analysis->whole, analysis->parts_to);
    analysis->parts = 0;
}

static void end_word(struct analysis *analysis, uint32_t to)
{
    end_part(analysis, to);
    end_whole(analysis);
}

/* Returns whether a joiner is between digits: "3,000" is a number, "3.5" are two. */
static int is_numeric(struct ouse_str text, uint32_t at)
{
    return at > 0 && kind_at(text, at - 1) == DIGIT && kind_at(text, at + 1) == DIGIT;
}

/* Returns whether the apostrophe and the letters after it end a word: "people's". */
static int is_possessive(struct ouse_str text, uint32_t behind)
{
    return behind < text.n && (text.p[behind] | 0x20) == 's' && kind_at(text, behind + 1) != LETTER &&
           kind_at(text, behind + 1) != DIGIT;
}

/* Returns the place after a possessive, or the place itself if there is no possessive. */
static uint32_t skip_possessive(struct ouse_str text, uint32_t at)
{
    utf8proc_int32_t c;
    uint32_t behind = at + character(text, at, &c);
    return is_apostrophe(c) && is_possessive(text, behind) ? behind + 1 : at;
}

/* Handles a joiner: returns the place after the text that it includes. */
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

/* ---- Letters with a sign --------------------------------------------------------------- */

static int is_letter(struct ouse_str text, uint32_t at)
{
    return at < text.n && (text.p[at] | 0x20) >= 'a' && (text.p[at] | 0x20) <= 'z';
}

static uint32_t skip_spaces(struct ouse_str text, uint32_t at)
{
    while (at < text.n && text.p[at] == ' ')
        at++;
    return at;
}

/* Returns the place after at most three letters that are not part of a longer word; 0 if there are
 * more, or none. */
static uint32_t skip_initials(struct ouse_str text, uint32_t at)
{
    uint32_t to = at;
    while (to - at < 4 && is_letter(text, to))
        to++;
    enum kind next = kind_at(text, to);
    return to > at && to - at < 4 && next != LETTER && next != DIGIT && next != VANISHES ? to : 0;
}

/* Returns the place after the "&" that follows initials; 0 if it is missing. One letter may also
 * have spaces before and after the sign ("R & D"), or "and" ("R and D"), which is no sign before
 * "a". */
static uint32_t skip_and(struct ouse_str text, uint32_t at, int single)
{
    uint32_t sign = skip_spaces(text, at), to;
    if (sign < text.n && text.p[sign] == '&') {
        to = skip_spaces(text, sign + 1);
        return single || (sign == at && to == sign + 1) ? to : 0;
    }
    if (!single || sign == at || text.n - sign < 4 || (text.p[sign] | 0x20) != 'a' ||
        (text.p[sign + 1] | 0x20) != 'n' || (text.p[sign + 2] | 0x20) != 'd' || text.p[sign + 3] != ' ')
        return 0;
    to = skip_spaces(text, sign + 4);
    return to < text.n && (text.p[to] | 0x20) != 'a' ? to : 0;
}

/* Initials that "&" joins, so far. */
struct initials {
    struct form_bytes joined, plain; /* "a&e", "ae" */
    uint32_t parts, to;
    int single; /* the last part has one letter */
};

static void add_initials(struct analysis *analysis, struct initials *initials, uint32_t from, uint32_t to)
{
    struct form_bytes part = {.from = from};
    for (uint32_t i = from; i < to; i++)
        add_bytes(&part, (char[]){(char)(analysis->text.p[i] | 0x20)}, 1);
    if (initials->parts++)
        add_bytes(&initials->joined, "&", 1);
    add_bytes(&initials->joined, part.at, part.n);
    add_bytes(&initials->plain, part.at, part.n);
    initials->to = to;
    initials->single = part.n == 1;
}

/* Reports the parts of initials to the index. */
static void tell_parts(struct analysis *analysis, const struct initials *initials, uint32_t from)
{
    for (uint32_t at = from, to; at < initials->to; at = to) {
        to = skip_initials(analysis->text, at);
        char letters[4];
        assert(to - at <= sizeof letters);
        for (uint32_t i = at; i < to && i - at < sizeof letters; i++)
            letters[i - at] = (char)(analysis->text.p[i] | 0x20);
        tell_index(analysis, (struct ouse_str){letters, to - at}, at, to);
        if (to < initials->to)
            to = skip_and(analysis->text, to, to - at == 1);
    }
}

/* Reports "A&E", "R & D" or "RD&E" as one word and returns the place after it; 0 if it is something
 * else. */
static uint32_t read_initials(struct analysis *analysis, uint32_t from)
{
    struct initials initials = {.parts = 0};
    struct ouse_str text = analysis->text;
    uint32_t at = from, to = skip_initials(text, from);
    if (!to || !skip_and(text, to, to - from == 1))
        return 0;
    do {
        add_initials(analysis, &initials, at, to);
        at = skip_and(text, to, initials.single);
        to = at ? skip_initials(text, at) : 0;
    } while (to && (to - at == 1 || at == initials.to + 1)); /* one letter, or no spaces */
    if (initials.parts < 2 || initials.joined.cut)
        return 0;
    end_whole(analysis);
    tell_parts(analysis, &initials, from);
    tell_index(analysis, (struct ouse_str){initials.plain.at, initials.plain.n}, from, initials.to);
    analysis->fn(analysis->arg, (struct ouse_str){initials.joined.at, initials.joined.n},
                 OUSE_WORD_WHOLE | OUSE_WORD_BEGINS, from, initials.to);
    return initials.to;
}

/* Returns the length of the sign that ends a word, as in "C++" and "C#"; 0 if there is no sign. */
static uint32_t sign_at(const struct analysis *analysis, uint32_t at)
{
    struct ouse_str text = analysis->text;
    uint32_t n = 0;
    if (analysis->parts || !analysis->part.n)
        return 0;
    if (text.n - at >= 2 && text.p[at] == '+' && text.p[at + 1] == '+')
        n = 2;
    else if (text.p[at] == '#' && analysis->part.n == 1)
        n = 1;
    if (!n)
        return 0;
    enum kind next = kind_at(text, at + n);
    return next == LETTER || next == DIGIT ? 0 : n;
}

/* Reports the part with the sign as one word. */
static uint32_t read_sign(struct analysis *analysis, uint32_t at, uint32_t n)
{
    struct form_bytes *part = &analysis->part;
    tell_index(analysis, (struct ouse_str){part->at, part->n}, part->from, at);
    add_bytes(part, analysis->text.p + at, n);
    analysis->fn(analysis->arg, (struct ouse_str){part->at, part->n}, OUSE_WORD_WHOLE | OUSE_WORD_BEGINS,
                 part->from, at + n);
    *part = (struct form_bytes){.n = 0};
    analysis->before.n = 0;
    return at + n;
}

/* ---- A text ---------------------------------------------------------------------------- */

static void add_to_part(struct analysis *analysis, utf8proc_int32_t c, enum kind kind, uint32_t at)
{
    struct form_bytes *part = &analysis->part;
    begin_part(analysis, at);
    if (kind == DIGIT && !part->has_digits) {
        part->has_digits = 1;
        part->letters = part->n;
        part->digits_from = at;
    }
    part->is_mixed |= kind == LETTER && part->has_digits;
    add_character(analysis, c);
}

/* Reports a word that begins here and is more than a letter. Returns the place after it, or 0. */
static uint32_t read_signed(struct analysis *analysis, uint32_t at)
{
    uint32_t n, to;
    if (analysis->part.n || analysis->part.cut)
        return (n = sign_at(analysis, at)) ? read_sign(analysis, at, n) : 0;
    if (!(to = read_initials(analysis, at)))
        return 0;
    analysis->before.n = 0;
    return skip_possessive(analysis->text, to);
}

void search_words(struct ouse_str text, ouse_word_fn fn, void *arg)
{
    struct analysis analysis = {.fn = fn, .arg = arg, .text = text};
    for (uint32_t at = 0, behind; at < text.n; at = behind) {
        utf8proc_int32_t c;
        if ((behind = read_signed(&analysis, at)))
            continue;
        behind = at + character(text, at, &c);
        enum kind kind = kind_of(c);
        if (kind == LETTER || kind == DIGIT) {
            add_to_part(&analysis, c, kind, at);
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
