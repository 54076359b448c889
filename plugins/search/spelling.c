/* spelling: one spelling for words that British and American English write differently.
 *
 *     organization   ──>  organisation
 *     paediatrician  ──>  pediatrician
 *     programmes     ──>  programs
 *
 * The result is a key, not a spelling for readers: a rule may also change a word that
 * both write alike ("resource" becomes "resorce"), because texts and questions go
 * through the same rules. So rules need no exceptions, only no two different words
 * with one result.
 */
#include "search.h"

#include <string.h>

/* Where in a word a rule applies. */
enum where { ANYWHERE, AT_END, WHOLE };

struct rule {
    const char *from, *to;
    uint32_t before; /* the least number of letters before it */
    enum where where;
};

/* Rules by the first letter of the words they change; each list ends with an empty rule. */
static const struct rule rules[26][9] = {
    ['a' - 'a'] =
        {
            {"aecol", "ecol", 2, ANYWHERE}, /* gynaecology */
            {"aemi", "emi", 1, ANYWHERE},   /* anaemia, leukaemia */
            {"aesth", "esth", 0, ANYWHERE}, /* anaesthetist */
            {"aetiolog", "etiolog", 0, ANYWHERE},
            {"alumini", "alumin", 0, ANYWHERE}, /* aluminium */
            {"archaeo", "archeo", 0, ANYWHERE},
            {"artefact", "artifact", 0, ANYWHERE},
            {"amoeb", "ameb", 0, ANYWHERE},
        },
    ['b' - 'a'] =
        {
            {"bre", "ber", 2, AT_END}, /* fibre, calibre */
            {"bres", "bers", 2, AT_END},
        },
    ['c' - 'a'] =
        {
            {"caec", "cec", 0, ANYWHERE},     /* caecum */
            {"caesar", "cesar", 0, ANYWHERE}, /* caesarean */
            {"coeli", "celi", 0, ANYWHERE},   /* coeliac */
            {"counsellor", "counselor", 0, ANYWHERE},
        },
    ['d' - 'a'] = {{"defens", "defenc", 0, ANYWHERE}, {"dgement", "dgment", 2, ANYWHERE}, /* judgement */},
    ['e' - 'a'] =
        {
            {"enroll", "enrol", 0, ANYWHERE},
        },
    ['f' - 'a'] =
        {
            {"faec", "fec", 0, ANYWHERE},     /* faeces */
            {"focuss", "focus", 0, ANYWHERE}, /* focussed */
            {"foet", "fet", 0, ANYWHERE},     /* foetal */
            {"fulfill", "fulfil", 0, ANYWHERE},
        },
    ['g' - 'a'] =
        {
            {"gramme", "gram", 2, AT_END}, /* programme */
            {"grammes", "grams", 2, AT_END},
            {"grey", "gray", 0, WHOLE},
        },
    ['h' - 'a'] =
        {
            {"haem", "hem", 0, ANYWHERE}, /* haematology */
            {"homoeo", "homeo", 0, ANYWHERE},
        },
    ['i' - 'a'] = {{"iza", "isa", 3, ANYWHERE}, /* organization */
                   {"ize", "ise", 3, ANYWHERE}, /* organize, but size and prize */
                   {"izi", "isi", 3, ANYWHERE},
                   /* organizing */},
    ['l' - 'a'] =
        {
            {"licens", "licenc", 0, ANYWHERE},
        },
    ['m' - 'a'] =
        {
            {"mediaev", "mediev", 0, ANYWHERE},
            {"mould", "mold", 0, ANYWHERE},
        },
    ['o' - 'a'] = {{"oedem", "edem", 0, ANYWHERE},
                   {"oesoph", "esoph", 0, ANYWHERE},
                   {"oestr", "estr", 0, ANYWHERE}, /* oestrogen */
                   {"offens", "offenc", 0, ANYWHERE},
                   {"ogue", "og", 2, AT_END}, /* catalogue, dialogue */
                   {"ogues", "ogs", 2, AT_END},
                   {"our", "or", 2, ANYWHERE},
                   /* behaviour, neighbourhood, but hour and four */},
    ['p' - 'a'] =
        {
            {"paed", "ped", 0, ANYWHERE}, /* paediatric, orthopaedic */
            {"pnoe", "pne", 1, ANYWHERE}, /* apnoea */
            {"practis", "practic", 0, ANYWHERE},
        },
    ['r' - 'a'] = {{"rrhoe", "rrhe", 1, ANYWHERE}, /* diarrhoea */},
    ['s' - 'a'] =
        {
            {"sceptic", "skeptic", 0, ANYWHERE},
            {"skillf", "skilf", 0, ANYWHERE}, /* skillful */
            {"sulph", "sulf", 0, ANYWHERE},
        },
    ['t' - 'a'] =
        {
            {"tre", "ter", 2, AT_END}, /* centre, theatre, metre */
            {"tred", "tered", 2, AT_END},
            {"tres", "ters", 2, AT_END},
        },
    ['y' - 'a'] =
        {
            {"yze", "yse", 2, ANYWHERE}, /* analyze */
            {"yzi", "ysi", 2, ANYWHERE},
        },
};

static int applies(const struct rule *rule, struct ouse_str word, uint32_t at)
{
    uint32_t n = (uint32_t)strlen(rule->from), rest = word.n - at;
    if (n > rest || at < rule->before || memcmp(rule->from, word.p + at, n) != 0)
        return 0;
    return rule->where == ANYWHERE || (n == rest && (rule->where == AT_END || at == 0));
}

/* Returns the rule for the letters at a place, or NULL. */
static const struct rule *find_rule(struct ouse_str word, uint32_t at)
{
    for (const struct rule *rule = rules[word.p[at] - 'a']; rule->from; rule++)
        if (at + 1 < word.n && rule->from[1] == word.p[at + 1] && applies(rule, word, at))
            return rule;
    return NULL;
}

struct ouse_str spell(struct ouse_str word, char out[OUSE_WORD_MAX])
{
    uint32_t n = 0;
    for (uint32_t at = 0; at < word.n;) {
        const struct rule *rule = find_rule(word, at);
        uint32_t length = rule ? (uint32_t)strlen(rule->to) : 1;
        if (n + length > OUSE_WORD_MAX)
            break;
        memcpy(out + n, rule ? rule->to : word.p + at, length);
        n += length;
        at += rule ? (uint32_t)strlen(rule->from) : 1;
    }
    return (struct ouse_str){out, n};
}
