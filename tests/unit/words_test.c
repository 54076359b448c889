/* The words of records: their index through the life of a register, and what is ranked for them. */
#include "features/search/search.h"
#include "record_fixture.h"

static const struct ouse_field book_fields[] = {
    {.name = "title", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE},
    {.name = "blurb", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE},
    {.name = "shelf", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE},
    {.name = "note", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE, .visibility = OUSE_OFFICE},
    {.name = "seller", .type = OUSE_TEXT, .visibility = OUSE_PARTNER},
};
static const struct ouse_field text_fields[] = {
    {.name = "title", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE},
};
static const struct ouse_collection books = {.name = "books",
                                             .singular = "book",
                                             .version = 1,
                                             .label_field = "title",
                                             .fields = OUSE_ROWS(book_fields)};
static const struct ouse_collection texts = {.name = "texts",
                                             .singular = "text",
                                             .version = 1,
                                             .flags = OUSE_CITED,
                                             .label_field = "title",
                                             .fields = OUSE_ROWS(text_fields)};
static const struct ouse_collection drafts = {.name = "drafts",
                                              .singular = "draft",
                                              .version = 1,
                                              .visibility = OUSE_OFFICE,
                                              .label_field = "title",
                                              .fields = OUSE_ROWS(text_fields)};
static const struct ouse_field copy_fields[] = {
    {.name = "title", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE},
    {.name = "codes", .type = OUSE_IDS, .choices = "ods ror"},
    {.name = "state", .type = OUSE_ENUM, .choices = "not_disclosed on_loan"},
    {.name = "marks", .type = OUSE_LIST, .choices = "dog_eared stained"},
    {.name = "keeper",
     .type = OUSE_TEXT,
     .flags = OUSE_SCHEME,
     .choices = "orcid",
     .visibility = OUSE_OFFICE},
    {.name = "worth", .type = OUSE_ENUM, .choices = "very_little fortune", .visibility = OUSE_PARTNER},
};
static const struct ouse_collection copies = {.name = "copies",
                                              .singular = "copy",
                                              .version = 1,
                                              .label_field = "title",
                                              .fields = OUSE_ROWS(copy_fields)};
static const struct ouse_field loan_fields[] = {
    {.name = "book", .type = OUSE_REF, .refers_to = "books texts drafts"},
    {.name = "on", .type = OUSE_PDATE},
};
static const struct ouse_collection loans = {.name = "loans",
                                             .singular = "loan",
                                             .version = 1,
                                             .label_field = "book on",
                                             .fields = OUSE_ROWS(loan_fields)};
static const struct ouse_collection *const all[] = {&books, &texts, &drafts, &copies, &loans};
enum { COLLECTIONS = sizeof all / sizeof *all };

/* Letters, as they are; "+" joins two words to a third. */
static void split(struct ouse_str text, ouse_word_fn fn, void *arg)
{
    for (uint32_t at = 0, to; at < text.n; at = to + 1) {
        uint32_t both = OUSE_WORD_WHOLE | OUSE_WORD_BEGINS, plus = 0;
        char joined[OUSE_WORD_MAX];
        for (to = at; to < text.n && text.p[to] != ' '; to++)
            if (text.p[to] == '+')
                plus = to - at;
        if (to - at >= sizeof joined || to == at)
            continue;
        if (!plus) {
            fn(arg, (struct ouse_str){text.p + at, to - at}, both, at, to);
            continue;
        }
        memcpy(joined, text.p + at, plus);
        memcpy(joined + plus, text.p + at + plus + 1, to - at - plus - 1);
        fn(arg, (struct ouse_str){text.p + at, plus}, both, at, at + plus);
        fn(arg, (struct ouse_str){text.p + at + plus + 1, to - at - plus - 1}, both, at + plus + 1, to);
        fn(arg, (struct ouse_str){joined, to - at - 1}, both, at, to);
    }
}

/* The first letter of each word: another opinion. */
static void split_letters(struct ouse_str text, ouse_word_fn fn, void *arg)
{
    for (uint32_t at = 0; at < text.n; at++)
        if (text.p[at] != ' ' && (at == 0 || text.p[at - 1] == ' '))
            fn(arg, (struct ouse_str){text.p + at, 1}, OUSE_WORD_WHOLE, at, at + 1);
}

/* Runs of anything but spaces and hyphens. */
static void split_parts(struct ouse_str text, ouse_word_fn fn, void *arg)
{
    for (uint32_t at = 0, to; at < text.n; at = to + 1) {
        for (to = at; to < text.n && text.p[to] != ' ' && text.p[to] != '-'; to++)
            ;
        if (to > at)
            fn(arg, (struct ouse_str){text.p + at, to - at}, OUSE_WORD_WHOLE | OUSE_WORD_BEGINS, at, to);
    }
}

static const struct analyser parts = {split_parts, 1, "test"};
static const struct analyser whole = {split, 1, "test"}, letters = {split_letters, 2, "test"};

static void reopen(const struct analyser *analyser)
{
    close_register();
    f.analyser = analyser;
    assert_ok(open_with(all, COLLECTIONS, NULL, 0));
}

/* ---- Asking -------------------------------------------------------------------------- */

static const char *list(const char *collection, const char *name, const char *value, uint32_t role)
{
    const char *found = "";
    struct query query;
    struct record record;
    struct rows *rows;
    struct txn *txn;
    query_init(&query, find(collection), role);
    assert_ok(query_add(&query, &f.arena, ouse_s(name), ouse_s(value), &f.problem));
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(rows_open(txn, &query, &f.arena, &rows), OUSE_OK);
    while (!rows_next(rows, &record))
        found = arena_printf(&f.arena, "%s%s%.*s", found, *found ? " " : "",
                             OUSE_F(arena_copy(&f.arena, record.id)))
                    .p;
    txn_end(txn);
    return found;
}

/* "id score", best first. */
static const char *ranked(const char *words, uint32_t role, int labels)
{
    struct search search = {.records = f.records, .role = role, .text = ouse_s(words), .labels = labels};
    const char *found = "";
    struct hit *hits;
    struct txn *txn;
    uint32_t n;
    int cut;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_ok(search_run(txn, &search, &f.arena, 5, &hits, &n, &cut, &f.problem));
    assert_false(cut);
    for (uint32_t i = 0; i < n; i++)
        found = arena_printf(&f.arena, "%s%s%.*s %.2f", found, i ? ", " : "", OUSE_F(hits[i].record.id),
                             hits[i].score)
                    .p;
    txn_end(txn);
    return found;
}

static void tell_fault(void *arg, const char *fault)
{
    (void)arg;
    fail_msg("expected no fault: %s", fault);
}

static struct verify_report verify(void)
{
    struct verify_report report;
    assert_int_equal(records_verify(f.records, tell_fault, NULL, &report), OUSE_OK);
    assert_int_equal(report.passed_over, 0);
    return report;
}

/* ---- The index ---------------------------------------------------------------------------- */

static void the_index_comes_and_goes_with_the_analyser(void **state)
{
    (void)state;
    reopen(NULL);
    assert_ok(change((struct step[]){{CREATE, "books", "emma", "{\"title\":\"emma woodhouse\"}", NULL},
                                     {CREATE, "books", "ivanhoe", "{\"title\":\"ivanhoe\"}", NULL},
                                     {.op = END}}));
    struct verify_report without = verify();
    reopen(&whole);
    struct verify_report with = verify();
    assert_int_equal(with.indexes, without.indexes + 3);
    assert_int_equal(with.journal, without.journal); /* nobody is told of what did not change */
    assert_string_equal(list("books", "q", "woodhouse", OUSE_PUBLIC), "emma");
    reopen(&letters);
    assert_int_equal(verify().indexes, with.indexes);
    assert_string_equal(list("books", "q", "w", OUSE_PUBLIC), "emma");
    assert_string_equal(list("books", "q", "woodhouse", OUSE_PUBLIC), "emma");
    assert_string_equal(list("books", "q", "x", OUSE_PUBLIC), "");
    reopen(NULL);
    assert_int_equal(verify().indexes, without.indexes);
    struct query query;
    query_init(&query, find("books"), OUSE_PUBLIC);
    assert_refused(query_add(&query, &f.arena, ouse_s("q"), ouse_s("x"), &f.problem), OUSE_E_REQUEST,
                   "needs the plugin");
}

static void the_index_is_what_the_records_are(void **state)
{
    enum { TIMES = 2 }; /* keys of every record: when it was made, and changed */
    (void)state;
    reopen(&whole);
    uint64_t before = verify().indexes;
    assert_ok(
        change((struct step[]){{CREATE, "books", "emma", "{\"title\":\"emma\",\"blurb\":\"a b c\"}", NULL},
                               {PATCH, "books", "emma", "{\"shelf\":\"a\"}", NULL},
                               {.op = END}}));
    assert_int_equal(verify().indexes, before + TIMES + 5);
    assert_ok(change((struct step[]){{PATCH, "books", "emma", "{\"blurb\":\"b d\"}", NULL}, {.op = END}}));
    assert_int_equal(verify().indexes, before + TIMES + 4);
    assert_string_equal(list("books", "blurb[contains]", "c", OUSE_PUBLIC), "");
    assert_string_equal(list("books", "blurb[contains]", "b d", OUSE_PUBLIC), "emma");
    assert_string_equal(list("books", "q", "emma a d", OUSE_PUBLIC), "emma");
    f.dry_run = 1;
    assert_ok(change((struct step[]){{PATCH, "books", "emma", "{\"blurb\":\"e\"}", NULL}, {.op = END}}));
    f.dry_run = 0;
    assert_string_equal(list("books", "q", "e", OUSE_PUBLIC), "emma"); /* the title begins so */
    assert_string_equal(list("books", "q", "e ", OUSE_PUBLIC), "");
    assert_ok(change((struct step[]){{REMOVE, "books", "emma", NULL, NULL}, {.op = END}}));
    assert_int_equal(verify().indexes, before);
}

static void words_are_found_by_those_who_may_see_them(void **state)
{
    (void)state;
    reopen(&whole);
    assert_ok(change((struct step[]){
        {CREATE, "texts", "times", "{\"title\":\"times\"}", NULL},
        {CREATE, "books", "emma",
         "{\"title\":\"emma\",\"note\":\"hidden\",\"seller\":\"foyle\",\"sources\":["
         "{\"publication\":\"times\",\"quote\":\"open\",\"fields\":[\"/title\"]},"
         "{\"publication\":\"times\",\"quote\":\"closed\",\"fields\":[\"/title\",\"/seller\"]},"
         "{\"publication\":\"times\",\"quote\":\"sealed\",\"fields\":[\"/note\"]}]}",
         NULL},
        {CREATE, "drafts", "sanditon", "{\"title\":\"sanditon open\"}", NULL},
        {.op = END}}));
    static const struct {
        const char *words;
        uint32_t least;
    } cases[] = {{"open", OUSE_PUBLIC},         {"closed", OUSE_PARTNER}, {"sealed", OUSE_OFFICE},
                 {"hidden", OUSE_OFFICE},       {"hid", OUSE_OFFICE},     {"open cl", OUSE_PARTNER},
                 {"closed hidden", OUSE_OFFICE}};
    static const uint32_t roles[] = {OUSE_PUBLIC, OUSE_PARTNER, OUSE_OFFICE, OUSE_MANAGER};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t r = 0; r < 4; r++) {
            const char *expected = roles[r] >= cases[i].least ? "emma" : "";
            assert_string_equal(list("books", "q", cases[i].words, roles[r]), expected);
            assert_int_equal(strstr(ranked(cases[i].words, roles[r], 0), "emma") != NULL, *expected != 0);
        }
    assert_string_equal(list("drafts", "q", "open", OUSE_PARTNER), "");
    assert_null(strstr(ranked("sanditon", OUSE_PARTNER, 0), "sanditon"));
    assert_non_null(strstr(ranked("sanditon", OUSE_OFFICE, 0), "sanditon"));
    verify();
}

static void codes_and_titles_of_choices_are_found(void **state)
{
    (void)state;
    reopen(&parts);
    assert_ok(change((struct step[]){
        {CREATE, "copies", "one",
         "{\"title\":\"emma\",\"codes\":[{\"scheme\":\"ods\",\"value\":\"RWK\"},{\"scheme\":\"ror\","
         "\"value\":\"00pjdza24\"}],\"state\":\"not_disclosed\",\"marks\":[\"stained\",\"dog_eared\"],"
         "\"keeper\":\"0000-0002-1825-0097\",\"worth\":\"fortune\"}",
         NULL},
        {CREATE, "copies", "two", "{\"title\":\"RWK emma\",\"state\":\"on_loan\",\"worth\":\"very_little\"}",
         NULL},
        {CREATE, "copies", "three", "{\"title\":\"disclosed\"}", NULL},
        {.op = END}}));
    static const struct {
        const char *words, *ids;
        uint32_t least;
    } cases[] = {{"RWK", "one two", OUSE_PUBLIC},
                 {"00pjdza24", "one", OUSE_PUBLIC},
                 {"Not disclosed", "one", OUSE_PUBLIC},
                 {"Not loan", "", OUSE_PUBLIC},
                 {"emma On loan", "two", OUSE_PUBLIC},
                 {"Dog eared", "one", OUSE_PUBLIC},
                 {"Fortune", "one", OUSE_PARTNER},
                 {"Very little", "two", OUSE_PARTNER},
                 {"0000-0002-1825-0097", "one", OUSE_OFFICE},
                 {"0000-0002-1825-", "one", OUSE_OFFICE}};
    static const uint32_t roles[] = {OUSE_PUBLIC, OUSE_PARTNER, OUSE_OFFICE, OUSE_MANAGER};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t r = 0; r < 4; r++) {
            const char *expected = roles[r] >= cases[i].least ? cases[i].ids : "";
            assert_string_equal(list("copies", "q", cases[i].words, roles[r]), expected);
            assert_int_equal(*ranked(cases[i].words, roles[r], 0) != 0, *expected != 0);
        }
    assert_string_equal(ranked("RWK", OUSE_PUBLIC, 1), "one 1.00, two 0.84"); /* a code is a name */
    assert_string_equal(ranked("Not disclosed", OUSE_PUBLIC, 1), "");
    assert_ok(
        change((struct step[]){{PATCH, "copies", "one", "{\"state\":\"on_loan\"}", NULL}, {.op = END}}));
    assert_string_equal(list("copies", "q", "Not disclosed", OUSE_PUBLIC), "");
    assert_string_equal(list("copies", "q", "On loan", OUSE_PUBLIC), "one two");
    verify();
}

static void records_are_found_by_the_label_of_what_they_are_called_after(void **state)
{
    (void)state;
    reopen(&parts);
    assert_ok(change((struct step[]){
        {CREATE, "books", "emma", "{\"title\":\"emma woodhouse\",\"blurb\":\"marriage\"}", NULL},
        {CREATE, "books", "secret", "{\"title\":\"emma sealed\",\"meta\":{\"visibility\":\"office\"}}", NULL},
        {CREATE, "drafts", "sanditon", "{\"title\":\"emma draft\"}", NULL},
        {CREATE, "loans", "one", "{\"book\":\"books/emma\",\"on\":\"2026\"}", NULL},
        {CREATE, "loans", "two", "{\"book\":\"books/secret\"}", NULL},
        {CREATE, "loans", "three", "{\"book\":\"drafts/sanditon\"}", NULL},
        {.op = END}}));
    for (int labels = 0; labels <= 1; labels++) {
        assert_string_equal(ranked("woodhouse emma", OUSE_PUBLIC, labels), "emma 1.00, one 0.75");
        assert_string_equal(ranked("sealed", OUSE_PUBLIC, labels), "");
        assert_string_equal(ranked("sealed", OUSE_OFFICE, labels), "secret 0.89, two 0.75");
        assert_string_equal(ranked("draft", OUSE_PARTNER, labels), "");
        assert_string_equal(ranked("draft", OUSE_OFFICE, labels), "sanditon 0.88, three 0.75");
    }
    assert_string_equal(ranked("marriage", OUSE_PUBLIC, 1), "");
    assert_string_equal(ranked("marriage", OUSE_PUBLIC, 0), "emma 0.19"); /* no label has it */
}

/* An index that an older build made is not of all texts that are searched now. */
static void an_index_of_other_texts_is_rebuilt(void **state)
{
    static const struct ouse_field renamed[] =
        {
            {.name = "title", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE},
            {.name = "note", .type = OUSE_TEXT},
        },
                                   searched[] = {
                                       {.name = "title", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE},
                                       {.name = "note", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE},
                                   };
    struct ouse_collection leaves = {
        .name = "leaves", .singular = "leaf", .version = 1, .fields = OUSE_ROWS(renamed)};
    const struct ouse_collection *const only[] = {&leaves};
    (void)state;
    close_register();
    f.analyser = &whole;
    assert_ok(open_with(only, 1, NULL, 0));
    assert_ok(change(
        (struct step[]){{CREATE, "leaves", "a", "{\"title\":\"x\",\"note\":\"beech\"}", NULL}, {.op = END}}));
    assert_string_equal(list("leaves", "q", "beech", OUSE_PUBLIC), "");
    close_register();
    leaves.fields.at = searched;
    assert_ok(open_with(only, 1, NULL, 0));
    assert_string_equal(list("leaves", "q", "beech", OUSE_PUBLIC), "a");
    verify();
}

static void a_compound_is_found_however_it_is_written(void **state)
{
    static const char *const written[] = {"co+op", "co op", "coop"};
    (void)state;
    reopen(&whole);
    assert_ok(change((struct step[]){{CREATE, "books", "a", "{\"title\":\"co+op\"}", NULL},
                                     {CREATE, "books", "b", "{\"title\":\"co op\"}", NULL},
                                     {CREATE, "books", "c", "{\"title\":\"coop\"}", NULL},
                                     {CREATE, "books", "d", "{\"title\":\"co\"}", NULL},
                                     {.op = END}}));
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(list("books", "title[contains]", written[i], OUSE_PUBLIC), i == 0   ? "a b c"
                                                                                       : i == 1 ? "a b"
                                                                                                : "a c");
}

/* ---- Ranking -------------------------------------------------------------------------------- */

static void the_best_come_first(void **state)
{
    (void)state;
    reopen(&whole);
    assert_ok(
        change((struct step[]){{CREATE, "books", "blurb", "{\"title\":\"x\",\"blurb\":\"frail\"}", NULL},
                               {CREATE, "books", "long", "{\"title\":\"frail people of the north\"}", NULL},
                               {CREATE, "books", "none", "{\"title\":\"elders\"}", NULL},
                               {CREATE, "books", "shelf", "{\"title\":\"x\",\"shelf\":\"frail\"}", NULL},
                               {CREATE, "texts", "same", "{\"title\":\"frail\"}", NULL},
                               {.op = END}}));
    assert_string_equal(ranked("frail", OUSE_PUBLIC, 0), "same 1.00, long 0.80, shelf 0.38, blurb 0.19");
    assert_string_equal(ranked("fra", OUSE_PUBLIC, 1), "same 0.90, long 0.78");
    assert_string_equal(ranked("frail north", OUSE_PUBLIC, 0), "long 0.86");
    assert_string_equal(ranked("frail south", OUSE_PUBLIC, 0), "");
}

/* However many there are, the ones that are called so are ranked, and each once. */
static void what_is_looked_at_is_bounded(void **state)
{
    enum { MANY = 1500 };
    struct step *steps = arena_zero(&f.arena, (MANY + 2) * sizeof *steps);
    (void)state;
    reopen(&whole);
    for (uint32_t i = 0; i < MANY; i++)
        steps[i] = (struct step){CREATE, "books", arena_printf(&f.arena, "b-%04u", i).p,
                                 "{\"title\":\"x\",\"blurb\":\"common\"}", NULL};
    steps[MANY] = (struct step){CREATE, "books", "z", "{\"title\":\"common\",\"blurb\":\"common\"}", NULL};
    assert_ok(change(steps));
    struct search search = {.records = f.records, .text = ouse_s("common")};
    struct hit *hits;
    struct txn *txn;
    uint32_t n;
    int cut;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_ok(search_run(txn, &search, &f.arena, 2 * MANY, &hits, &n, &cut, &f.problem));
    txn_end(txn);
    assert_string_equal(arena_printf(&f.arena, "%.*s", OUSE_F(hits[0].record.id)).p, "z");
    assert_in_range(n, 100, SEARCH_MOST);
    assert_true(cut);
    for (uint32_t i = 1; i < n; i++)
        assert_false(ouse_is(hits[i].record.id, "z"));
}

/* ---- What it costs ----------------------------------------------------------------------- */

static uint32_t analysed; /* texts */

static void split_and_count(struct ouse_str text, ouse_word_fn fn, void *arg)
{
    analysed++;
    split(text, fn, arg);
}

static const struct analyser counted = {split_and_count, 3, "test"};

enum { HEAVY = 30, WORDS_EACH = 40 };

/* Records that have words with each of the letters, over WORDS_BEGUN of each: so beginnings stay ranges. */
static void make_heavy(void)
{
    struct step steps[HEAVY + 1] = {{0}};
    reopen(&counted);
    for (uint32_t i = 0; i < HEAVY; i++) {
        struct ouse_str text = ouse_s("");
        for (uint32_t k = 0; k < 3 * WORDS_EACH; k++)
            text = arena_printf(&f.arena, "%.*s%c%u ", OUSE_F(text), "abc"[k % 3], i * WORDS_EACH + k / 3);
        steps[i] = (struct step){CREATE, "books", arena_printf(&f.arena, "b-%02u", i).p,
                                 arena_printf(&f.arena, "{\"blurb\":\"%.*s\"}", OUSE_F(text)).p, NULL};
    }
    assert_ok(change(steps));
}

static void ask_letters(struct query *query)
{
    query_init(query, find("books"), OUSE_PUBLIC);
    for (const char *letter = "a\0b\0c\0"; *letter; letter += 2)
        assert_ok(query_add(query, &f.arena, ouse_s("q"), ouse_s(letter), &f.problem));
}

static void a_record_is_analysed_once_for_all_words(void **state)
{
    struct query query;
    struct record record;
    struct rows *rows;
    struct txn *txn;
    uint32_t found = 0;
    (void)state;
    make_heavy();
    ask_letters(&query);
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    analysed = 0;
    assert_int_equal(rows_open(txn, &query, &f.arena, &rows), OUSE_OK);
    while (!rows_next(rows, &record))
        found++;
    txn_end(txn);
    assert_int_equal(found, HEAVY);
    assert_int_equal(analysed, HEAVY);
}

static void text_counts_against_the_steps_of_a_page(void **state)
{
    struct query query;
    struct record record;
    struct rows *rows;
    struct txn *txn;
    uint32_t found = 0, pages = 0;
    int cut;
    (void)state;
    make_heavy();
    ask_letters(&query);
    query.steps = 10; /* and a text has over 500 bytes */
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    do {
        uint32_t before = found;
        assert_int_equal(rows_open(txn, &query, &f.arena, &rows), OUSE_OK);
        while (!rows_next(rows, &record))
            found++;
        cut = rows_cut(rows);
        query.after = rows_position(rows, &f.arena);
        assert_true(found == before + 1 || !cut);
        pages++;
    } while (cut);
    txn_end(txn);
    assert_int_equal(found, HEAVY);
    assert_in_range(pages, HEAVY, HEAVY + 1);
}

/* What the next row is, if the deadline is over after so many. */
static ouse_rc row_after(uint64_t steps, uint32_t before, int *cut)
{
    struct deadline deadline;
    struct query query;
    struct record record;
    struct rows *rows;
    struct txn *txn;
    query_init(&query, find("books"), OUSE_PUBLIC);
    query.steps = steps;
    query.deadline = &deadline;
    deadline_begin(&deadline, 1000000, NULL, NULL);
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(rows_open(txn, &query, &f.arena, &rows), OUSE_OK);
    for (uint32_t i = 0; i < before; i++)
        assert_int_equal(rows_next(rows, &record), OUSE_OK);
    deadline.state = DEADLINE_SPENT;
    ouse_rc rc = rows_next(rows, &record);
    *cut = rows_cut(rows);
    txn_end(txn);
    return rc;
}

static void rows_end_with_their_deadline(void **state)
{
    int cut;
    (void)state;
    make_heavy();
    assert_int_equal(row_after(1000, 1, &cut), OUSE_E_NOT_FOUND);
    assert_true(cut); /* a page goes on from here */
    assert_int_equal(row_after(1000, 0, &cut), OUSE_E_UNAVAILABLE);
    assert_false(cut); /* a page that went on from here would be this one */
    assert_int_equal(row_after(0, 1, &cut), OUSE_E_UNAVAILABLE);
    assert_false(cut); /* all rows or a failure */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_is_analysed_once_for_all_words, setup, teardown),
        cmocka_unit_test_setup_teardown(text_counts_against_the_steps_of_a_page, setup, teardown),
        cmocka_unit_test_setup_teardown(rows_end_with_their_deadline, setup, teardown),
        TEST(the_index_comes_and_goes_with_the_analyser),
        TEST(the_index_is_what_the_records_are),
        TEST(words_are_found_by_those_who_may_see_them),
        TEST(codes_and_titles_of_choices_are_found),
        TEST(records_are_found_by_the_label_of_what_they_are_called_after),
        TEST(an_index_of_other_texts_is_rebuilt),
        TEST(a_compound_is_found_however_it_is_written),
        TEST(the_best_come_first),
        TEST(what_is_looked_at_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
