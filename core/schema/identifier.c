/* identifier: the schemes of external identifiers, as a table of forms: POSIX extended regular
 * expressions, compiled at their first use. */
#include "types.h"
#include <pthread.h>
#include <stdlib.h>

static const char crockford[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* ISO 7064 MOD 11-2 over 16 characters in groups of four. */
static int orcid_sum(struct ouse_str value)
{
    int total = 0;
    for (uint32_t i = 0; i < value.n - 1; i++)
        if (value.p[i] != '-')
            total = (total + value.p[i] - '0') * 2 % 11;
    int check = (12 - total) % 11;
    return value.p[value.n - 1] == (check == 10 ? 'X' : '0' + check);
}

/* Two check digits, ISO 7064 MOD 97-10, over a number in base 32. */
static int ror_sum(struct ouse_str value)
{
    int64_t number = 0;
    for (uint32_t i = 0; i < 7; i++)
        number = number * 32 + (strchr(crockford, value.p[i]) - crockford);
    int check = 98 - (int)(number * 100 % 97);
    return check == (value.p[7] - '0') * 10 + value.p[8] - '0';
}

static const struct scheme {
    const char *name, *right, *form;
    int (*sum)(struct ouse_str value); /* returns whether the check digits are right, or NULL */
} schemes[] = {
    {"ods", "1 to 9 capital letters and digits, such as RWK", "^[0-9A-Z]{1,9}$", NULL},
    {"orcid",
     "16 digits in groups of four, such as 0000-0002-1825-0097; the last, 0-9 or X, is a check digit",
     "^([0-9]{4}-){3}[0-9]{3}[0-9X]$", orcid_sum},
    {"ror", "9 characters such as 00pjdza24, without https://ror.org/; the last two are check digits",
     "^0[0-9a-hjkmnp-tv-z]{6}[0-9]{2}$", ror_sum},
    {"ukprn", "8 digits, the first not 0", "^[1-9][0-9]{7}$", NULL},
    {"charity", "6 or 7 digits, with -N for a linked charity; SC and 6 digits; or NIC and 6 digits",
     "^([0-9]{6,7}(-[0-9]{1,3})?|(SC|NIC)[0-9]{6})$", NULL},
    {"company", "8 digits, or 2 capitals and 6 digits", "^([0-9]{8}|[A-Z]{2}[0-9]{6})$", NULL},
    {"360giving", "the prefix of its publisher and a code, such as 360G-WellcomeTrust-086357_Z_08_Z",
     "^360G-[^[:space:]]+( [^[:space:]]+)*$", NULL},
    {"nihr", "letters and digits, joined by hyphens or slashes, such as NIHR201385 or 17/22/02",
     "^[0-9A-Za-z]+([/-][0-9A-Za-z]+)*$", NULL},
    {"gtr", "the reference of UKRI, such as MR/T023341/1 or 10003208", "^[0-9A-Za-z][0-9A-Za-z/_.-]*$", NULL},
    {"iras", "4 to 7 digits, such as 1003456", "^[0-9]{4,7}$", NULL},
    {"cpms", "1 to 6 digits, such as 48529", "^[0-9]{1,6}$", NULL},
    {"isrctn", "ISRCTN and 8 digits, such as ISRCTN10580502", "^ISRCTN[0-9]{8}$", NULL},
    {"nct", "NCT and 8 digits, such as NCT04381936", "^NCT[0-9]{8}$", NULL},
    {"doi", "10., a number, a slash and a name, such as 10.1136/bmj.n71, without https://doi.org/",
     "^10\\.[0-9]{4,9}(\\.[0-9]+)*/[^[:space:]]+$", NULL},
    {"gss", "a capital letter and 8 digits, such as E06000032", "^[EJKLMNSW][0-9]{8}$", NULL},
};

#define SCHEMES (sizeof schemes / sizeof *schemes)

static regex_t forms[SCHEMES];

static void compile_forms(void)
{
    for (size_t i = 0; i < SCHEMES; i++)
        if (regcomp(&forms[i], schemes[i].form, REG_EXTENDED | REG_NOSUB) != 0)
            abort();
}

static const struct scheme *find_scheme(const char *name)
{
    for (size_t i = 0; i < SCHEMES; i++)
        if (strcmp(schemes[i].name, name) == 0)
            return &schemes[i];
    return NULL;
}

const char *schema_schemes(struct arena *arena)
{
    struct ouse_str all = {"", 0};
    for (size_t i = 0; i < SCHEMES; i++)
        all = arena_printf(arena, "%s%s%s", all.p, i ? " " : "", schemes[i].name);
    return all.p;
}

int schema_scheme_known(const char *scheme)
{
    return find_scheme(scheme) != NULL;
}

int identifier_flaw(const char *name, struct ouse_str value)
{
    static pthread_once_t compiled = PTHREAD_ONCE_INIT;
    const struct scheme *scheme = find_scheme(name);
    pthread_once(&compiled, compile_forms);
    if (regexec(&forms[scheme - schemes], value.p, 0, NULL, 0) != 0)
        return IDENTIFIER_FORM;
    return scheme->sum && !scheme->sum(value) ? IDENTIFIER_CHECK : IDENTIFIER_GOOD;
}

const char *schema_identifier(const char *scheme, struct ouse_str value)
{
    return identifier_flaw(scheme, value) == IDENTIFIER_GOOD ? NULL : find_scheme(scheme)->right;
}
