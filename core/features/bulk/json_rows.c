/* json_rows: the entries of an array as rows.
 *
 *     [{…}, {…}]                      an array, as NDJSON with brackets around it
 *     {"grants": [{…}, …], …}         the array that the mapping names: "rows": "/grants"
 *
 * Only the current entry is parsed. The text before the array must have at most the bytes of one
 * row; the text after it is not read. */
#include "row_reader.h"

#include "../../base/text.h"

/* One text that is scanned. */
struct scan {
    const char *at, *end;
};

enum scanned { SCAN_DONE, SCAN_CUT, SCAN_WRONG }; /* CUT: the text ends before */

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Goes to the next byte that is no space: '\0' if the text ends before. */
static char next_byte(struct scan *scan)
{
    while (scan->at < scan->end && is_space(*scan->at))
        scan->at++;
    return scan->at < scan->end ? *scan->at : '\0';
}

/* Goes past a string. */
static enum scanned pass_string(struct scan *scan)
{
    for (scan->at++; scan->at < scan->end; scan->at++) {
        if (*scan->at == '"') {
            scan->at++;
            return SCAN_DONE;
        }
        scan->at += *scan->at == '\\';
    }
    return SCAN_CUT;
}

/* Goes past a value, which json_parse checks if it is a row. */
static enum scanned pass_value(struct scan *scan)
{
    uint32_t depth = 0;
    do {
        char c = next_byte(scan);
        if (!c)
            return SCAN_CUT;
        if (c == '"') {
            if (pass_string(scan))
                return SCAN_CUT;
        } else if (c == '{' || c == '[') {
            depth++, scan->at++;
        } else if (c == '}' || c == ']') {
            if (!depth)
                return SCAN_WRONG;
            depth--, scan->at++;
        } else if (c == ',' || c == ':') {
            if (!depth)
                return SCAN_WRONG;
            scan->at++;
        } else {
            while (scan->at < scan->end && !is_space(*scan->at) && !memchr(",:]}[{\"", *scan->at, 7))
                scan->at++;
            if (scan->at == scan->end)
                return SCAN_CUT;
        }
    } while (depth);
    return SCAN_DONE;
}

/* Goes to the value of a member of the object that begins here. */
static enum scanned find_member(struct scan *scan, struct ouse_str name)
{
    scan->at++;
    for (;;) {
        if (next_byte(scan) == ',')
            scan->at++;
        char c = next_byte(scan);
        if (c != '"')
            return c ? SCAN_WRONG : SCAN_CUT;
        const char *from = scan->at + 1;
        if (pass_string(scan))
            return SCAN_CUT;
        struct ouse_str key = {from, (uint32_t)(scan->at - 1 - from)};
        if (next_byte(scan) != ':')
            return *scan->at && scan->at < scan->end ? SCAN_WRONG : SCAN_CUT;
        scan->at++;
        if (ouse_same(key, name))
            return next_byte(scan) ? SCAN_DONE : SCAN_CUT;
        enum scanned passed = pass_value(scan);
        if (passed)
            return passed;
    }
}

/* Goes past the bracket of the array that a pointer leads to. */
static enum scanned find_array(struct scan *scan, struct ouse_str pointer)
{
    struct ouse_str name;
    char c = next_byte(scan);
    if (pointer.n)
        text_cut(&pointer, '/', &name);
    while (pointer.n && c == '{' && text_cut(&pointer, '/', &name)) {
        enum scanned found = find_member(scan, name);
        if (found)
            return found;
        c = next_byte(scan);
    }
    if (!c)
        return SCAN_CUT;
    if (c != '[' || pointer.n)
        return SCAN_WRONG;
    scan->at++;
    return SCAN_DONE;
}

static void refuse_document(struct intake *intake, struct ouse_str text, struct problem *problem)
{
    struct ouse_str rows = intake_mapping(intake)->rows;
    struct scan scan = {text.p, text.p + text.n};
    char c = next_byte(&scan);
    if (rows.n)
        intake_refuse(intake, problem, "rows",
                      "The file has no array at \"%.*s\", the place of the rows in the mapping (\"rows\")",
                      OUSE_F(rows));
    else if (c == '{')
        intake_refuse(intake, problem, "object",
                      "This is a JSON object, not an array of rows: name its array in a mapping, such as "
                      "{\"rows\": \"/grants\"}; if each line is a record, import it as NDJSON");
    else
        intake_refuse(intake, problem, "array", "A JSON file must be an array of rows: [{…}, {…}]");
}

/* Reads the next entry, and skips the text around it. */
static enum scanned read_entry(struct intake *intake, struct scan *scan, struct ouse_str *entry)
{
    int begun = intake->array == ARRAY_BEGUN;
    char c = next_byte(scan);
    if (c == ',' && !begun) {
        scan->at++;
        c = next_byte(scan);
        if (c == ']')
            return SCAN_WRONG;
    } else if (c && c != ']' && !begun) {
        return SCAN_WRONG;
    }
    if (c == ']') {
        scan->at++;
        intake->array = ARRAY_AFTER;
        return SCAN_DONE;
    }
    entry->p = scan->at;
    enum scanned passed = c ? pass_value(scan) : SCAN_CUT;
    entry->n = (uint32_t)(scan->at - entry->p);
    return passed;
}

/* After the array nothing may follow, but the rest of the document that has it. */
static void check_rest(struct intake *intake, struct scan scan, struct problem *problem)
{
    if (!intake_mapping(intake)->rows.n && next_byte(&scan))
        problem_fail(problem, OUSE_E_INVALID, "There is text after the array");
}

uint32_t json_rows_read(struct intake *intake, struct ouse_str text, int last, cJSON **document,
                        struct problem *problem)
{
    struct scan scan = {text.p, text.p + text.n};
    struct ouse_str entry = {NULL, 0};
    enum intake_array before = intake->array;
    enum scanned scanned = SCAN_DONE;
    if (before == ARRAY_AFTER)
        return text.n;
    if (before == ARRAY_BEFORE) {
        if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
            scan.at += 3;
        scanned = find_array(&scan, intake_mapping(intake)->rows);
        if (scanned == SCAN_WRONG || (scanned == SCAN_CUT && last)) {
            refuse_document(intake, text, problem);
            return 0;
        }
        intake->array = ARRAY_BEGUN;
    }
    if (!scanned)
        scanned = read_entry(intake, &scan, &entry);
    if (scanned == SCAN_CUT && !last) {
        intake->array = before;
        return 0;
    }
    if (scanned) {
        intake_refuse(intake, problem, "array",
                      scanned == SCAN_CUT ? "The file ends within its array of rows: it is not complete"
                                          : "Rows of an array must be parted by commas, and the array must "
                                            "end with ]");
        return 0;
    }
    if (intake->array == ARRAY_AFTER) {
        check_rest(intake, scan, problem);
        return (uint32_t)(scan.at - text.p);
    }
    intake->array = ARRAY_GOES_ON;
    intake->led = (uint32_t)(entry.p - text.p);
    intake_take_json(intake, entry, document, problem);
    return (uint32_t)(scan.at - text.p);
}
