/* marks: the places of the words of a query in a text, and the part of it that shows most of them.
 *
 * Only the first LOOKED_AT bytes of a text are examined. Ranges are in UTF-16 code units, as the
 * strings of browsers count. */
#include "search.h"

#include <string.h>

#define LOOKED_AT 16384
#define PART      200 /* bytes of a text that are shown */
#define LEAD      40  /* of them in front of the first mark */

/* ---- The question ------------------------------------------------------------------ */

struct reading {
    struct ouse_ctx *ctx;
    struct question *question;
    struct ouse_str text;
    int common; /* whether common words are taken */
};

static void take_form(void *arg, struct ouse_str form, uint32_t flags, uint32_t from, uint32_t to)
{
    struct reading *reading = arg;
    struct question *question = reading->question;
    int begins = to == reading->text.n && flags & OUSE_WORD_BEGINS;
    (void)from;
    if (question->n == MARKS || (flags & OUSE_WORD_COMMON && !reading->common) ||
        !(begins || flags & OUSE_WORD_WHOLE))
        return;
    question->forms[question->n++] = (struct form){ouse_format(reading->ctx, "%.*s", OUSE_F(form)), begins};
}

void question_read(struct ouse_ctx *ctx, struct ouse_str text, struct question *question)
{
    struct reading reading = {ctx, question, text, 0};
    question->n = 0;
    for (; !question->n && reading.common <= 1; reading.common++)
        search_words(text, take_form, &reading);
}

/* ---- Marks ---------------------------------------------------------------------------- */

struct finding {
    const struct question *question;
    struct marks *marks;
    int found[MARKS]; /* which forms */
};

static int says(const struct form *form, struct ouse_str word, uint32_t flags)
{
    if (form->begins && (flags & OUSE_WORD_BEGINS || !(flags & OUSE_WORD_WHOLE)))
        return word.n >= form->text.n && memcmp(word.p, form->text.p, form->text.n) == 0;
    return ouse_same(word, form->text);
}

/* Words come in the order in which they end; a longer one takes in those within it. */
static void add_mark(struct marks *marks, uint32_t from, uint32_t to)
{
    while (marks->n && marks->at[marks->n - 1].to > from) {
        uint32_t before = marks->at[--marks->n].from;
        from = before < from ? before : from;
    }
    if (marks->n < MARKS)
        marks->at[marks->n++] = (struct mark){from, to};
}

static void look(void *arg, struct ouse_str word, uint32_t flags, uint32_t from, uint32_t to)
{
    struct finding *finding = arg;
    int any = 0;
    for (uint32_t i = 0; i < finding->question->n; i++) {
        int one = says(&finding->question->forms[i], word, flags);
        finding->found[i] |= one;
        any |= one;
    }
    if (any)
        add_mark(finding->marks, from, to);
}

static int is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The beginning of a text, not cut inside a character. */
static struct ouse_str clip(struct ouse_str text, uint32_t n)
{
    if (text.n <= n)
        return text;
    while (n && is_continuation(text.p[n]))
        n--;
    return (struct ouse_str){text.p, n};
}

void marks_find(const struct question *question, struct ouse_str text, struct marks *marks)
{
    struct finding finding = {.question = question, .marks = marks};
    marks->n = marks->found = 0;
    search_words(clip(text, LOOKED_AT), look, &finding);
    for (uint32_t i = 0; i < question->n; i++)
        marks->found += (uint32_t)finding.found[i];
}

/* ---- Showing ------------------------------------------------------------------------------ */

static uint32_t units(const char *text, uint32_t n)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += is_continuation(text[i]) ? 0 : (unsigned char)text[i] >= 0xf0 ? 2 : 1;
    return count;
}

/* The marks that lie in a part of the text, from its beginning on. */
static struct ouse_doc *ranges_in(struct ouse_ctx *ctx, struct ouse_str text, const struct marks *marks,
                                  struct mark part, uint32_t before)
{
    struct ouse_doc *ranges = ouse_list(ctx);
    for (uint32_t i = 0; i < marks->n; i++) {
        const struct mark *mark = &marks->at[i];
        if (mark->from < part.from || mark->to > part.to)
            continue;
        struct ouse_doc *range = ouse_list(ctx);
        uint32_t from = before + units(text.p + part.from, mark->from - part.from);
        ouse_add(ctx, range, ctx->host->doc_number(ctx, from));
        ouse_add(ctx, range,
                 ctx->host->doc_number(ctx, from + units(text.p + mark->from, mark->to - mark->from)));
        ouse_add(ctx, ranges, range);
    }
    return ranges;
}

struct ouse_doc *marks_ranges(struct ouse_ctx *ctx, struct ouse_str text, const struct marks *marks)
{
    return ranges_in(ctx, text, marks, (struct mark){0, text.n}, 0);
}

static int is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The first mark from which on most others are near. */
static uint32_t densest(const struct marks *marks)
{
    uint32_t best = 0, most = 0;
    for (uint32_t i = 0; i < marks->n; i++) {
        uint32_t n = 0;
        while (i + n < marks->n && marks->at[i + n].to <= marks->at[i].from + PART - LEAD)
            n++;
        if (n > most) {
            most = n;
            best = i;
        }
    }
    return best;
}

/* Some words around the densest marks. A part that would begin or end inside a word is
 * moved to its edge, unless the word is too long. */
static struct mark choose_part(struct ouse_str text, const struct marks *marks)
{
    uint32_t first = marks->n ? marks->at[densest(marks)].from : 0;
    struct mark part = {first > LEAD ? first - LEAD : 0, 0};
    while (part.from && part.from < first && !is_space(text.p[part.from - 1]))
        part.from++;
    part.to = part.from + PART;
    if (part.to >= text.n) {
        part.to = text.n;
        return part;
    }
    while (part.to > first && !is_space(text.p[part.to]))
        part.to--;
    if (part.to <= first)
        part.to = part.from + clip((struct ouse_str){text.p + part.from, text.n - part.from}, PART).n;
    return part;
}

struct ouse_doc *marks_show(struct ouse_ctx *ctx, struct ouse_str text, const struct marks *marks)
{
    static const char more[] = "…";
    struct ouse_doc *shown = ouse_object(ctx);
    struct mark part = choose_part(text, marks);
    int cut = part.from > 0, ends = part.to == text.n;
    char *line = ouse_alloc(ctx, part.to - part.from + 1);
    for (uint32_t i = part.from; i < part.to; i++)
        line[i - part.from] = text.p[i];
    for (char *at = line; *at; at++)
        *at = is_space(*at) ? ' ' : *at;
    ouse_set_text(ctx, shown, "text", ouse_format(ctx, "%s%s%s", cut ? more : "", line, ends ? "" : more));
    ouse_set(ctx, shown, "ranges", ranges_in(ctx, text, marks, part, (uint32_t)cut));
    return shown;
}
