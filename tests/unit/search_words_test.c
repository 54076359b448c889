/* The words of the plugin search: a text, and the forms that it is found by. In what is
 * expected a form is "word" if beginnings find it, "=word" if whole words do,
 * "~word" if both and "^word" if it is for the index alone, followed by "*" for common
 * words, and by "@" and its place. */
#include "../../plugins/search/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char said[4096];

static void say(void *arg, struct ouse_str form, uint32_t flags, uint32_t from, uint32_t to)
{
    size_t n = strlen(said);
    static const char *const kinds[] = {"^", "=", "", "~"};
    const char *kind = kinds[flags & (OUSE_WORD_WHOLE | OUSE_WORD_BEGINS)];
    const struct ouse_str *text = arg;
    assert_in_range(form.n, 1, OUSE_WORD_MAX);
    assert_true(from < to && to <= text->n);
    snprintf(said + n, sizeof said - n, "%s%s%.*s%s@%u-%u", n ? " " : "", kind, OUSE_F(form),
             flags & OUSE_WORD_COMMON ? "*" : "", from, to);
}

static const char *words(const char *text, size_t n)
{
    /* Under the sanitizers there is no byte behind it. */
    char *copy = malloc(n + !n);
    struct ouse_str all = {copy, (uint32_t)n};
    memcpy(copy, text, n);
    *said = 0;
    search_words(all, say, &all);
    free(copy);
    return said;
}

static void a_text_has_these_words(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", ""},
        {" ,.;!? ", ""},
        /* case and accents */
        {"Élan", "~elan@0-5"},
        {"E\u0301LAN", "~elan@0-6"},
        {"STRASSE Straße", "strasse@0-7 =strass@0-7 strasse@8-15 =strass@8-15"},
        {"Søren Łódź", "~soren@0-6 ~lodz@7-14"},
        {"ﬁne Ｗide", "~fine@0-5 ~wide@6-12"},
        {"İstanbul", "~istanbul@0-9"},
        {"Ταΐς", "~ταισ@0-8"},
        /* stems */
        {"communities", "communities@0-11 =communiti@0-11"},
        {"community", "community@0-9 =communiti@0-9"},
        {"running run", "running@0-7 =run@0-7 ~run@8-11"},
        {"is", "~is*@0-2"},
        {"The IT", "~the*@0-3 ~it@4-6"},
        /* what joins */
        {"co-production", "~co@0-2 production@3-13 =product@3-13 coproduction@0-13 =coproduct@0-13"},
        {"co- production", "~co@0-2 production@4-14 =product@4-14"},
        {"-x", "~x@1-2"},
        {"well--being", "~well@0-4 being@6-11 =be@6-11"},
        {"N.H.S.", "~n@0-1 ~h@2-3 ~s@4-5 ~nhs@0-5"},
        {"end. Next", "~end@0-3 ~next@5-9"},
        {"a/b", "~a*@0-1 ~b@2-3"},
        /* apostrophes */
        {"people's", "people@0-6 =peopl@0-6"},
        {"people\u2019s rights", "people@0-6 =peopl@0-6 rights@11-17 =right@11-17"},
        {"the trusts' plan", "~the*@0-3 trusts@4-10 =trust@4-10 ~plan@12-16"},
        {"O'Brien", "~o@0-1 ~brien@2-7 ~obrien@0-7"},
        {"'quoted'", "quoted@1-7 =quot@1-7"},
        /* digits */
        {"2024-25", "~2024@0-4 ~25@5-7 ~202425@0-7"},
        {"£3,000,000", "~3000000@2-11"},
        {"3.5 COVID-19 B12",
         "~3@0-1 ~5@2-3 ~covid@4-9 ~19@10-12 ~covid19@4-12 ^b@13-14 ^12@14-16 ~b12@13-16"},
        {"Covid19", "^covid@0-5 ^19@5-7 ~covid19@0-7"},
        {"covid 19", "~covid@0-5 ~19@6-8 ^covid19@0-8"},
        {"covid  19", "~covid@0-5 ~19@7-9"},
        {"March 2024", "~march@0-5 ~2024@6-10"},
        {"of 12", "~of*@0-2 ~12@3-5"},
        {"RWK A81001", "~rwk@0-3 ^a@4-5 ^81001@5-10 ~a81001@4-10"},
        {"19th", "~19th@0-4"},
        /* letters with a sign */
        {"A&E", "^a@0-1 ^e@2-3 ^ae@0-3 ~a&e@0-3"},
        {"A & E", "^a@0-1 ^e@4-5 ^ae@0-5 ~a&e@0-5"},
        {"r and d", "^r@0-1 ^d@6-7 ^rd@0-7 ~r&d@0-7"},
        {"C and a", "~c@0-1 ~and*@2-5 ~a*@6-7"},
        {"L&D's plan", "^l@0-1 ^d@2-3 ^ld@0-3 ~l&d@0-3 ~plan@6-10"},
        {"non-A&E", "~non@0-3 ^a@4-5 ^e@6-7 ^ae@4-7 ~a&e@4-7"},
        {"pre-co-A&E", "~pre@0-3 ~co@4-6 ~preco@0-6 ^a@7-8 ^e@9-10 ^ae@7-10 ~a&e@7-10"},
        {"RD&E, Q&A&C", "^rd@0-2 ^e@3-4 ^rde@0-4 ~rd&e@0-4 ^q@6-7 ^a@8-9 ^c@10-11 ^qac@6-11 ~q&a&c@6-11"},
        {"Bed & Bath&Body", "~bed@0-3 ~bath@6-10 body@11-15 =bodi@11-15 bathbody@6-15 =bathbodi@6-15"},
        {"C++ C# F#m", "^c@0-1 ~c++@0-3 ^c@4-5 ~c#@4-6 ~f@7-8 ~m@9-10"},
        {"CD4+ x", "^cd@0-2 ^4@2-3 ~cd4@0-3 ~x@5-6"},
        {"one,two", "~one@0-3 ~two@4-7"},
        {"½ ²", "~12@0-2 ~2@3-5"},
        /* symbols, and what vanishes */
        {"🎉party🎉", "~🎉@0-4 party@4-9 =parti@4-9 ~🎉@9-13"},
        {"so\u00adft zero\u200bwidth", "~soft@0-6 ~zerowidth@7-19"},
        /* right to left: points vanish */
        {"שָׁלוֹם עולם", "~שלום@0-14 ~עולם@15-23"},
        {"مُحَمَّد", "~محمد@0-16"},
        /* no UTF-8 */
        {"ab\xff"
         "cd",
         "~ab@0-2 ~cd@3-5"},
        {"ab\xc3", "~ab@0-2"},
        {"\xed\xa0\x80x", "~x@3-4"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(words(cases[i].text, strlen(cases[i].text)), cases[i].words);
}

/* Words of one line have the same stem, which whole words are found by. */
static void spellings_have_one_stem(void **state)
{
    static const char *const same[][4] = {
        {"organisation", "organization", "Organisations", "organizational"},
        {"organise", "organize", "organising", "organized"},
        {"programme", "program", "Programmes", "programs"},
        {"centre", "center", "centres", "centred"},
        {"paediatric", "pediatric", "paediatrics", "pediatrics"},
        {"behaviour", "behavior", "behaviours", "behavioral"},
        {"anaesthetics", "anesthetics", "anaesthetic", "anesthetic"},
        {"haematology", "hematology", NULL},
        {"leukaemia", "leukemia", NULL},
        {"ischaemic", "ischemic", NULL},
        {"diarrhoea", "diarrhea", NULL},
        {"gynaecology", "gynecology", NULL},
        {"oestrogen", "estrogen", NULL},
        {"foetal", "fetal", NULL},
        {"coeliac", "celiac", NULL},
        {"orthopaedic", "orthopedic", NULL},
        {"analyse", "analyze", "analysed", "analyzing"},
        {"licence", "license", "licensing", "licenced"},
        {"practice", "practise", "practising", "practicing"},
        {"defence", "defense", NULL},
        {"labelled", "labeled", "label", "labelling"},
        {"counselling", "counseling", NULL},
        {"counsellor", "counselor", "counsellors", "counselors"},
        {"travelling", "traveling", "travelled", "travel"},
        {"modelling", "modeling", "model", "modelled"},
        {"enrolment", "enrollment", "enrol", "enroll"},
        {"fulfil", "fulfill", "fulfilled", "fulfils"},
        {"skilful", "skillful", NULL},
        {"ageing", "aging", NULL},
        {"judgement", "judgment", NULL},
        {"catalogue", "catalog", "catalogues", "catalogs"},
        {"dialogue", "dialog", NULL},
        {"fibre", "fiber", NULL},
        {"litres", "liters", "litre", "liter"},
        {"tumour", "tumor", "tumours", "tumors"},
        {"neighbourhood", "neighborhood", NULL},
        {"grey", "gray", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char expected[OUSE_WORD_MAX + 1] = "";
        for (size_t k = 0; k < 4 && same[i][k]; k++) {
            char found[OUSE_WORD_MAX + 1] = "";
            const char *all = words(same[i][k], strlen(same[i][k])), *whole = strpbrk(all, "=~");
            assert_non_null(whole);
            sscanf(whole + 1, "%64[^@]", found);
            if (!k)
                strcpy(expected, found);
            assert_string_equal(found, expected);
        }
    }
}

/* Words of one line are not the same. */
static void words_stay_apart(void **state)
{
    static const char *const apart[][2] = {{"organisation", "organ"}, {"size", "sise"},   {"hour", "hor"},
                                           {"four", "for"},           {"prize", "prise"}, {"poet", "pet"},
                                           {"shoe", "she"},           {"your", "yor"},    {"tour", "tor"}};
    char first[256];
    (void)state;
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        snprintf(first, sizeof first, "%s", strpbrk(words(apart[i][0], strlen(apart[i][0])), "=~"));
        assert_string_not_equal(first, strpbrk(words(apart[i][1], strlen(apart[i][1])), "=~"));
    }
}

/* While somebody types, both spellings are beginnings. */
static void a_beginning_is_of_both_spellings(void **state)
{
    (void)state;
    assert_string_equal(words("paediat", 7), "paediat@0-7 ~pediat@0-7");
    assert_string_equal(words("Organizat", 9), "organizat@0-9 ~organisat@0-9");
}

static void a_zero_byte_separates(void **state)
{
    (void)state;
    assert_string_equal(words("ab\0cd", 5), "~ab@0-2 ~cd@3-5");
}

/* A form ends at a whole character, and is the same whatever comes behind its end. */
static void a_long_word_is_cut(void **state)
{
    char text[4 * OUSE_WORD_MAX], expected[sizeof text];
    (void)state;
    memset(text, 'x', sizeof text);
    snprintf(expected, sizeof expected, "~%.*s@0-256", OUSE_WORD_MAX, text);
    assert_string_equal(words(text, sizeof text), expected);
    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "\u05d0", 2);
    text[0] = 'a';
    text[1] = 'b';
    assert_non_null(strstr(words(text, sizeof text), "@0-256"));
    assert_int_equal(said[1 + OUSE_WORD_MAX], '@');
    text[1] = ' ';
    words(text, sizeof text);
    assert_non_null(strstr(said, "~a*@0-1 ~"));
}

/* Whatever the bytes are, forms are short, in order, and of the text. */
static void any_bytes_have_words(void **state)
{
    uint64_t seed = 88172645463325252;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[48];
        for (size_t k = 0; k < sizeof text; k++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            text[k] = seed & 3 ? "ab -.'&é,1s\xcc\x81"[(seed >> 8) % 15] : (char)(seed >> 16);
        }
        words(text, sizeof text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_has_these_words), cmocka_unit_test(spellings_have_one_stem),
        cmocka_unit_test(words_stay_apart),       cmocka_unit_test(a_beginning_is_of_both_spellings),
        cmocka_unit_test(a_zero_byte_separates),  cmocka_unit_test(a_long_word_is_cut),
        cmocka_unit_test(any_bytes_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
