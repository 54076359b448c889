/* fields.h: rows that several plugins share in their tables.
 *
 *     static const struct ouse_field site_fields[] = {
 *         {.name = "name", .type = OUSE_TEXT, .flags = OUSE_REQUIRED},
 *         OUSE_FIELDS_ADDRESS("the site"),
 *     };
 *
 * If a collection has these fields, call ouse_fill_postcode in a FILL hook to normalise its
 * postcodes. */
#ifndef OUSE_FIELDS_H
#define OUSE_FIELDS_H

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The maximal length of a name and of a title, in characters. */
#define OUSE_NAME_MAX  500
#define OUSE_TITLE_MAX 1000

/* The schemes of identifiers for research and grants. */
#define OUSE_RESEARCH_SCHEMES "360giving nihr gtr iras cpms isrctn nct doi"

#define OUSE_FIELD_RESEARCH_IDENTIFIERS                                                                 \
    {                                                                                                   \
        .name = "identifiers", .type = OUSE_IDS, .choices = OUSE_RESEARCH_SCHEMES,                      \
        .doc = "Codes that other registers use for it, such as an NIHR award number or a DOI; at most " \
               "one of each scheme.",                                                                   \
    }

/* The time of a record, from its first day to its last one. */
#define OUSE_FIELDS_SPAN                                                                               \
    {.name = "starts", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "First day, month or year."}, \
    {                                                                                                  \
        .name = "ends", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .after = "starts",                  \
        .doc = "Last day, month or year."                                                              \
    }

/* The currencies of ISO 4217, pounds sterling first. An amount without a currency is in pounds. */
#define OUSE_CURRENCIES                                                                        \
    "GBP AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD " \
    "BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD " \
    "EGP ERN ETB EUR FJD FKP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR " \
    "ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA " \
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK " \
    "PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC " \
    "SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND " \
    "VUV WST XAF XCD XCG XOF XPF XSU XUA YER ZAR ZMW ZWG"

/* The currency of the amounts of a record. Sums are per currency: the host never adds amounts of
 * records that differ in the field `currency`. */
#define OUSE_FIELD_CURRENCY                                                                   \
    .name = "currency", .type = OUSE_ENUM, .flags = OUSE_INDEXED, .choices = OUSE_CURRENCIES, \
    .doc = "The currency of the amount, as an ISO 4217 code; pounds sterling (GBP) if it is not given."

/* The usual form of a UK postcode: normal postcodes, those of overseas territories, and GIR 0AA. */
#define OUSE_POSTCODE_PATTERN "([A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}|[A-Z]{4} 1ZZ|GIR 0AA)"

/* The address of a place and its public contacts. `of` names the place in the descriptions. */
#define OUSE_FIELDS_ADDRESS(of)                                                                        \
    {.name = "address",                                                                                \
     .type = OUSE_LIST,                                                                                \
     .max = 20,                                                                                        \
     .doc = "The postal address of " of ", one line per entry, without the postcode."},                \
        {.name = "postcode",                                                                           \
         .type = OUSE_TEXT,                                                                            \
         .flags = OUSE_INDEXED | OUSE_SEARCHABLE,                                                      \
         .pattern = OUSE_POSTCODE_PATTERN,                                                             \
         .doc = "The UK postcode, such as LU4 0DZ. The register adds capital letters and the space."}, \
        {.name = "telephone",                                                                          \
         .type = OUSE_TEXT,                                                                            \
         .max = 60,                                                                                    \
         .doc = "The public telephone number of " of "."},                                             \
        {.name = "email",                                                                              \
         .type = OUSE_EMAIL,                                                                           \
         .title = "E-mail",                                                                            \
         .doc = "The public e-mail address of " of "."},                                               \
    {                                                                                                  \
        .name = "website", .type = OUSE_URL, .doc = "The website of " of ".",                          \
    }

/* Normalises the field `postcode` of a record: "lu40dz" becomes "LU4 0DZ". Text that is not a
 * postcode keeps its characters, and the pattern of the field rejects it. */
static inline ouse_rc ouse_fill_postcode(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str given = ouse_text(ctx, change->after, "postcode");
    char form[16];
    uint32_t n = 0;

    for (uint32_t i = 0; i < given.n; i++) {
        char c = given.p[i];
        if (c == ' ')
            continue;
        if (n == 8)
            return OUSE_OK;
        form[n++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    if (n < 5)
        return OUSE_OK;
    ouse_set_text(ctx, change->after, "postcode",
                  ouse_format(ctx, "%.*s %.3s", (int)(n - 3), form, form + n - 3));
    return OUSE_OK;
}

#ifdef __cplusplus
}
#endif

#endif
