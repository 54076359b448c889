/* identifier: the schemes of external identifiers, as a table of forms.
 *
 * In a form '#' stands for a digit, '!' for 1-9, 'X' for a digit or X, '@' for a
 * capital, '^' for a capital or digit, '&' for a digit or small letter of
 * Crockford's base 32; '?' makes the class before it optional; others stand for themselves.
 */
#include "types.h"

#define FORMS_MAX 4

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
    const char *name, *right;
    const char *forms[FORMS_MAX];
    int (*sum)(struct ouse_str value); /* whether check digits are right; NULL where there are none */
} schemes[] = {
    {"ods", "1 to 9 capital letters and digits, such as RWK", {"^^?^?^?^?^?^?^?^?"}, NULL},
    {"orcid",
     "16 digits in groups of four, such as 0000-0002-1825-0097; the last, 0-9 or X, is a check digit",
     {"####-####-####-###X"},
     orcid_sum},
    {"ror",
     "9 characters such as 00pjdza24, without https://ror.org/; the last two are check digits",
     {"0&&&&&&##"},
     ror_sum},
    {"ukprn", "8 digits, the first not 0", {"!#######"}, NULL},
    {"charity",
     "6 or 7 digits, with -N for a linked charity; SC and 6 digits; or NIC and 6 digits",
     {"#######?", "#######?-##?#?", "SC######", "NIC######"},
     NULL},
    {"company", "8 digits, or 2 capitals and 6 digits", {"########", "@@######"}, NULL},
};

static int in_class(char class, char c)
{
    int digit = c >= '0' && c <= '9', capital = c >= 'A' && c <= 'Z';
    switch (class) {
    case '#':
        return digit;
    case '!':
        return digit && c != '0';
    case 'X':
        return digit || c == 'X';
    case '@':
        return capital;
    case '^':
        return digit || capital;
    case '&':
        return c && strchr(crockford, c) != NULL;
    default:
        return c == class;
    }
}

static int has_form(struct ouse_str value, const char *form)
{
    uint32_t at = 0;
    while (*form) {
        int optional = form[1] == '?';
        if (at < value.n && in_class(*form, value.p[at]))
            at++;
        else if (!optional)
            return 0;
        form += 1 + optional;
    }
    return at == value.n;
}

static const struct scheme *find_scheme(const char *name)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strcmp(schemes[i].name, name) == 0)
            return &schemes[i];
    return NULL;
}

int schema_scheme_known(const char *scheme)
{
    return find_scheme(scheme) != NULL;
}

int identifier_flaw(const char *name, struct ouse_str value)
{
    const struct scheme *scheme = find_scheme(name);
    for (int i = 0; i < FORMS_MAX && scheme->forms[i]; i++)
        if (has_form(value, scheme->forms[i]))
            return scheme->sum && !scheme->sum(value) ? IDENTIFIER_CHECK : IDENTIFIER_GOOD;
    return IDENTIFIER_FORM;
}

const char *schema_identifier(const char *scheme, struct ouse_str value)
{
    return identifier_flaw(scheme, value) == IDENTIFIER_GOOD ? NULL : find_scheme(scheme)->right;
}
