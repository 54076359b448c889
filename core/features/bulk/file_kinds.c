/* file_kinds: detects files that cannot be read as they are, by their first bytes. Each kind has
 * one sentence that names it and the remedy. */
#include "row_reader.h"

static int begins(struct ouse_str text, const char *with, uint32_t n)
{
    return text.n >= n && memcmp(text.p, with, n) == 0;
}

static struct ouse_str without_mark(struct ouse_str text)
{
    uint32_t n = begins(text, "\xef\xbb\xbf", 3) ? 3 : 0;
    return (struct ouse_str){text.p + n, text.n - n};
}

static int is_zip(const struct intake *intake, struct ouse_str text)
{
    (void)intake;
    return begins(text, "PK\x03\x04", 4);
}

static int is_old_excel(const struct intake *intake, struct ouse_str text)
{
    (void)intake;
    return begins(text, "\xd0\xcf\x11\xe0", 4);
}

static int is_pdf(const struct intake *intake, struct ouse_str text)
{
    (void)intake;
    return begins(text, "%PDF", 4);
}

/* Returns whether every other byte of mostly ASCII text is zero. */
static int is_utf16(const struct intake *intake, struct ouse_str text)
{
    uint32_t zeros = 0, n = text.n < 64 ? text.n : 64;
    for (uint32_t i = 0; i < n; i++)
        zeros += text.p[i] == '\0';
    return !intake->converts &&
           (begins(text, "\xff\xfe", 2) || begins(text, "\xfe\xff", 2) || (n >= 8 && zeros * 5 >= n * 2));
}

static int is_xml(const struct intake *intake, struct ouse_str text)
{
    uint32_t i = 0;
    (void)intake;
    text = without_mark(text);
    while (i < text.n && memchr(" \t\r\n", text.p[i], 4))
        i++;
    return i < text.n && text.p[i] == '<';
}

/* Returns whether the text is not UTF-8, although the end of the window cuts no character. */
static int is_other_encoding(const struct intake *intake, struct ouse_str text)
{
    uint32_t cut = 0;
    if (!intake->ended)
        for (uint32_t i = 1; i <= 3 && i < text.n && !cut; i++)
            if (((unsigned char)text.p[text.n - i] & 0xc0) == 0xc0)
                cut = i;
    text.n -= cut;
    for (uint32_t i = 0; i < text.n; i++) /* zeros are for the cells to report */
        if (text.p[i] == '\0')
            return 0;
    return !intake->converts && !utf8_valid(text);
}

/* Returns whether the first line has no comma, but another delimiter. */
static int is_parted_by(const struct intake *intake, struct ouse_str text, char delimiter)
{
    const char *stop = text.n ? memchr(text.p, '\n', text.n) : NULL;
    uint32_t n = stop ? (uint32_t)(stop - text.p) : text.n;
    return intake_source(intake)->format->read == csv_read && !intake_mapping(intake)->delimiter && n &&
           !memchr(text.p, ',', n) && memchr(text.p, delimiter, n);
}

static int is_semicolons(const struct intake *intake, struct ouse_str text)
{
    return is_parted_by(intake, text, ';');
}

static int is_tabs(const struct intake *intake, struct ouse_str text)
{
    return is_parted_by(intake, text, '\t');
}

static int is_bars(const struct intake *intake, struct ouse_str text)
{
    return is_parted_by(intake, text, '|');
}

static const struct kind {
    int (*is)(const struct intake *intake, struct ouse_str first);
    const char *code, *sentence;
} kinds[] = {
    {is_zip, "xlsx",
     "This is an XLSX workbook or another ZIP file, not CSV or JSON: save its sheet as \"CSV UTF-8\" in the "
     "spreadsheet and import that"},
    {is_old_excel, "xls",
     "This is an old Excel workbook (XLS), not CSV or JSON: save its sheet as \"CSV UTF-8\" in the "
     "spreadsheet and import that"},
    {is_pdf, "pdf", "This is a PDF, not CSV or JSON: import the table that it was made from"},
    {is_utf16, "utf_16",
     "This is text in UTF-16, not UTF-8: save it as UTF-8, or import it with the mapping {\"encoding\": "
     "\"utf-16\"}"},
    {is_xml, "xml",
     "This is XML or HTML, not CSV or JSON: fetch the data as CSV or JSON from its source, or convert it"},
    {is_other_encoding, "windows_1252",
     "This text is not UTF-8, probably Windows-1252: save it as \"CSV UTF-8\", or import it with the mapping "
     "{\"encoding\": \"windows-1252\"}"},
    {is_semicolons, "delimiter",
     "This CSV has semicolons between its cells, not commas: save it with commas, or import it with the "
     "mapping {\"delimiter\": \";\"}"},
    {is_tabs, "delimiter",
     "This table has tabs between its cells, not commas: save it with commas, or import it with the mapping "
     "{\"delimiter\": \"\\t\"}"},
    {is_bars, "delimiter",
     "This table has bars between its cells, not commas: save it with commas, or import it with the mapping "
     "{\"delimiter\": \"|\"}"},
};

void intake_check_kind(struct intake *intake, struct ouse_str first, struct problem *problem)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].is(intake, first)) {
            intake_refuse(intake, problem, kinds[i].code, "%s", kinds[i].sentence);
            return;
        }
}
