/* password: see password.h.
 *
 * The list of common passwords (common_passwords.txt) has words and not whole passwords, since people make
 * long passwords of short ones: "Password1234!", "qwertyqwerty". A password is taken to pieces: words of the
 * list, runs such as "1234", "aaaa" and "qwer", numbers, single characters. One that needs FEW pieces or
 * fewer is common.
 */
#include "password.h"

#include "../../base/json.h"
#include <ctype.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <strings.h>
#include <utf8proc.h>

enum { FEW = 3, RUN = 3, DIGITS = 4, UNIT = 6, OWN_LEAST = 3 };

counter accounts_password_runs;

/* ---- Computing ------------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static unsigned running;

static void begin(void)
{
    pthread_mutex_lock(&lock);
    while (running == ACCOUNT_PASSWORD_AT_ONCE)
        pthread_cond_wait(&ended, &lock);
    running++;
    pthread_mutex_unlock(&lock);
    counter_add(&accounts_password_runs, 1);
}

static void end(void)
{
    pthread_mutex_lock(&lock);
    running--;
    pthread_cond_signal(&ended);
    pthread_mutex_unlock(&lock);
}

/* Returns the NFKC form, in separate memory that is cleared before it is freed; "" if the text is
 * not UTF-8. */
static char *normalise(struct ouse_str password)
{
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)password.p, password.n, &made,
                                      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
    if (n >= 0)
        return (char *)made;
    made = calloc(1, 1);
    if (!made)
        abort();
    return (char *)made;
}

static void forget(char *text)
{
    sodium_memzero(text, strlen(text));
    free(text);
}

ouse_rc accounts_password_hash(struct ouse_str password, struct arena *arena, struct ouse_str *hash,
                               struct problem *problem)
{
    char made[crypto_pwhash_STRBYTES], *text = normalise(password);
    begin();
    int failed = crypto_pwhash_str_alg(made, text, strlen(text), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                       crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
    end();
    forget(text);
    if (failed)
        return problem_fail(problem, OUSE_E_UNAVAILABLE, "The password cannot be stored now; try again");
    *hash = arena_copy(arena, ouse_s(made));
    return OUSE_OK;
}

int accounts_password_matches(struct ouse_str hash, struct ouse_str password)
{
    /* No password is known that has it. */
    static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$b3VzZSBoYXMgbm9ib2R5IQ$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    char *text = normalise(password);
    begin();
    int same = crypto_pwhash_str_verify(hash.p ? hash.p : nobody, text, strlen(text)) == 0;
    end();
    forget(text);
    return same && hash.p;
}

/* ---- Common passwords -------------------------------------------------------------------- */

static const char *const common[] = {
#include "common_passwords.inc"
};

static const char *const rows[] = {"qwertyuiop",           "asdfghjkl",       "zxcvbnm",   "1234567890",
                                   "1qaz2wsx3edc4rfv5tgb", "qazwsxedcrfvtgb", "qweasdzxc", "azertyuiop",
                                   "poiuytrewq",           "lkjhgfdsa",       "mnbvcxz",   "0987654321"};

/* Whether a character is a letter, or written in its place. */
static int stands_for(char c, char letter)
{
    static const char *const pairs[] = {"a4@", "b8", "e3", "g9", "i1!", "l1!", "o0", "s5$", "t7+", "z2"};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i][0] == letter && strchr(pairs[i] + 1, c))
            return 1;
    return c == letter;
}

/* The length of a word if the text begins with it, else 0. */
static size_t begins_with(const char *text, const char *word, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!text[i] || !stands_for(text[i], word[i]))
            return 0;
    return n;
}

/* How long a run at the beginning of a text is: of one character, or of neighbours: "aaaa", "abcd", "4321".
 */
static size_t run_length(const char *text)
{
    size_t longest = 1;
    for (int step = -1; step <= 1; step++) {
        size_t n = 1;
        while (text[n] && text[n] == text[n - 1] + step)
            n++;
        longest = n > longest ? n : longest;
    }
    return longest;
}

/* Likewise, of keys next to each other. */
static size_t row_length(const char *text)
{
    size_t longest = 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (const char *at = strchr(rows[i], text[0]); at && *at; at = strchr(at + 1, text[0])) {
            size_t n = 0;
            while (text[n] && text[n] == at[n])
                n++;
            longest = n > longest ? n : longest;
        }
    return longest;
}

struct pieces {
    const char *text;
    size_t n;
    uint16_t least[ACCOUNT_PASSWORD_MOST + 1]; /* pieces of the rest, from each place on */
};

static void take(struct pieces *pieces, size_t at, size_t length)
{
    if (length && pieces->least[at + length] + 1 < pieces->least[at])
        pieces->least[at] = (uint16_t)(pieces->least[at + length] + 1);
}

/* Adds an own text as a whole, and its words: the parts between its punctuation. */
static void take_own(struct pieces *pieces, size_t at, struct ouse_str own)
{
    char word[ACCOUNT_PASSWORD_MOST];
    size_t n = 0;
    if (own.n >= OWN_LEAST && strncasecmp(pieces->text + at, own.p, own.n) == 0)
        take(pieces, at, own.n);
    for (uint32_t i = 0; i <= own.n; i++) {
        unsigned char c = i < own.n ? (unsigned char)own.p[i] : ' ';
        if (isalnum(c) && n < sizeof word) {
            word[n++] = (char)tolower(c);
            continue;
        }
        take(pieces, at, n >= OWN_LEAST ? begins_with(pieces->text + at, word, n) : 0);
        n = 0;
    }
}

static uint16_t count_pieces(struct pieces *pieces, const struct ouse_str *own, uint32_t n_own)
{
    pieces->least[pieces->n] = 0;
    for (size_t at = pieces->n; at-- > 0;) {
        const char *text = pieces->text + at;
        size_t run = run_length(text), row = row_length(text), digits = strspn(text, "0123456789");
        pieces->least[at] = UINT16_MAX;
        take(pieces, at, 1);
        for (size_t n = RUN; n <= run || n <= row; n++)
            take(pieces, at, n);
        for (size_t n = 2; n <= digits && n <= DIGITS; n++)
            take(pieces, at, n);
        for (size_t i = 0; i < sizeof common / sizeof *common; i++)
            take(pieces, at, begins_with(text, common[i], strlen(common[i])));
        for (uint32_t i = 0; i < n_own; i++)
            take_own(pieces, at, own[i]);
    }
    return pieces->least[0];
}

/* Whether a text is a unit of at most UNIT characters, again and again. */
static int repeats(const char *text, size_t n)
{
    for (size_t unit = 1; unit <= UNIT; unit++) {
        size_t i = unit;
        while (i < n && text[i] == text[i - unit])
            i++;
        if (i == n)
            return 1;
    }
    return 0;
}

static size_t count_characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += (*text & 0xc0) != 0x80;
    return n;
}

static int is_common(char *text, const struct ouse_str *own, uint32_t n_own)
{
    struct pieces pieces = {.text = text, .n = strlen(text)};
    if (pieces.n > ACCOUNT_PASSWORD_MOST)
        return 0;
    for (size_t i = 0; i < pieces.n; i++)
        text[i] = (char)tolower((unsigned char)text[i]);
    return repeats(text, pieces.n) || count_pieces(&pieces, own, n_own) <= FEW;
}

const char *accounts_password_fault(struct ouse_str password, const struct ouse_str *own, uint32_t n_own)
{
    if (password.n > ACCOUNT_PASSWORD_MOST)
        return "Use a password of at most 256 bytes";
    if (!utf8_valid(password) || memchr(password.p, '\0', password.n))
        return "Use a password of letters, digits, spaces and punctuation";
    char *text = normalise(password);
    const char *fault = NULL;
    if (count_characters(text) < ACCOUNT_PASSWORD_LEAST)
        fault = "Use a password of 12 characters or more";
    else if (is_common(text, own, n_own))
        fault =
            "Use a password that is harder to guess: this one is a common password, a pattern, or made of "
            "your own name or address";
    forget(text);
    return fault;
}
