/* verify: a register that is sound has no faults; each kind of damage is named. */
#include "record_fixture.h"

/* Ann hosts a hub with one project; Bob was there. */
static void fill(void)
{
    assert_ok(
        one(CREATE, "people", "ann", "{\"name\":\"Ann\",\"code\":\"A\",\"nick\":\"An\",\"phone\":\"1\"}"));
    assert_ok(one(CREATE, "people", "bob", "{\"name\":\"Bob\"}"));
    assert_ok(one(CREATE, "hubs", "north", "{\"name\":\"North\",\"host\":\"ann\",\"founded\":\"2020-01\"}"));
    assert_ok(one(CREATE, "projects", "one",
                  "{\"title\":\"One\",\"hub\":\"north\",\"number\":1,\"leads\":[\"ann\",\"bob\"]}"));
    assert_ok(one(PATCH, "people", "ann", "{\"nick\":\"Annie\"}"));
    assert_ok(one(REMOVE, "people", "bob", NULL));
}

static void assert_faults(const char *expected)
{
    struct verify_report report;
    const char *all = faults(&report);
    if (strcmp(all, expected) != 0)
        fail_msg("expected the faults\n%sgot\n%s", expected, all);
    assert_int_equal(report.faults > 0, *expected != 0);
}

/* ---- Damage -------------------------------------------------------------------- */

static struct key record_key(const char *collection, const char *id)
{
    struct key key;
    key_record(&key, find(collection)->number, ouse_s(id));
    return key;
}

static struct key revision_key(const char *collection, const char *id, uint32_t revision)
{
    struct key key;
    key_revision(&key, find(collection)->number, ouse_s(id), revision);
    return key;
}

static struct key journal_key(uint64_t sequence)
{
    struct key key;
    key_init(&key);
    key_u64(&key, sequence);
    return key;
}

static struct txn *begin(void)
{
    struct txn *txn;
    assert_int_equal(engine_write(f.engine, &txn), OUSE_OK);
    return txn;
}

static void drop(enum engine_db db, struct key key)
{
    struct txn *txn = begin();
    assert_int_equal(txn_delete(txn, db, key_str(&key)), OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);
}

static void put(enum engine_db db, struct key key, struct ouse_str value)
{
    struct txn *txn = begin();
    assert_int_equal(txn_put(txn, db, key_str(&key), value), OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);
}

static struct ouse_str stored(enum engine_db db, struct key key)
{
    struct ouse_str value;
    struct txn *txn;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(txn_get(txn, db, key_str(&key), &value), OUSE_OK);
    value = arena_copy(&f.arena, value);
    txn_end(txn);
    return value;
}

/* Changes a text in a stored value into another of its length: the first one
 * behind `skip` others. */
static void alter(enum engine_db db, struct key key, int skip, const char *text, const char *into)
{
    struct ouse_str value = stored(db, key);
    const char *end = value.p + value.n, *at = memmem(value.p, value.n, text, strlen(text));
    while (skip-- > 0 && at)
        at = memmem(at + 1, (size_t)(end - at - 1), text, strlen(text));
    assert_non_null(at);
    memcpy((char *)at, into, strlen(into));
    put(db, key, value);
}

static struct key index_key(const char *collection, const char *index, const char *value, const char *id)
{
    const struct collection *in = find(collection);
    struct buffer entry;
    struct key key;
    buffer_init(&entry, 512);
    assert_int_equal(schema_encode_text(schema_field(in, ouse_s(index)), ouse_s(value), &entry, &f.problem),
                     OUSE_OK);
    key_index(&key, schema_index(in, ouse_s(index))->number, buffer_view(&entry), ouse_s(id));
    buffer_finish(&entry);
    return key;
}

static struct key reference_key(const char *target, const char *to, const char *collection, const char *field,
                                const char *id)
{
    struct key key;
    key_reference(&key, find(target)->number, ouse_s(to), find(collection)->number,
                  schema_field(find(collection), ouse_s(field))->number, ouse_s(id));
    return key;
}

/* ---- Tests --------------------------------------------------------------------- */

static void a_sound_register_has_no_faults(void **state)
{
    struct verify_report report;
    (void)state;
    fill();
    assert_string_equal(faults(&report), "");
    assert_int_equal(report.records, 4);
    assert_int_equal(report.revisions,
                     7); /* four created, ann patched, bob removed, the project rid of bob */
    assert_int_equal(report.journal, 7);
    /* ann's name, code and phone; founded; place; two times each, and the one at which the public saw ann
     * change */
    assert_int_equal(report.indexes, 12);
    assert_int_equal(report.references, 3); /* host, hub, the one lead that is left */
    assert_int_equal(report.past, 7);       /* a time of change; all five of bob's, the lead that he was */
    assert_int_equal(report.passed_over, 0);
    assert_int_equal(report.faults, 0);
}

static void an_empty_register_has_no_faults(void **state)
{
    (void)state;
    assert_faults("");
}

static void views_are_those_of_the_document(void **state)
{
    (void)state;
    fill();
    alter(DB_RECORDS, record_key("people", "ann"), 2, "Ann\"", "Eve\""); /* the public view is the third */
    assert_faults("people/ann: the public view differs from its document\n"); /* not hashed: derived */
    alter(DB_RECORDS, record_key("people", "ann"), 0, "Annie", "Annya");           /* the full one */
    assert_faults("people/ann: revision 2 was changed in the store after change 5 had written it\n"
                  "people/ann: the partners' view differs from its document\n"
                  "people/ann: the public view differs from its document\n"
                  "journal: the first change that does not match its hashes is 5\n");
}

static void a_changed_revision_is_named_by_its_first_change(void **state)
{
    static const char *const named[] = {
        "projects/one: revision 1 was changed in the store after change 4 had written it\n",
        "journal: the first change that does not match its hashes is 4\n",
    };
    struct verify_report report;
    (void)state;
    fill();
    alter(DB_REVISIONS, revision_key("projects", "one", 1), 0, "One", "Two");
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        assert_non_null(strstr(faults(&report), named[i]));
    alter(DB_REVISIONS, revision_key("people", "ann", 1), 0, "\"An\"", "\"Al\"");
    assert_non_null(
        strstr(faults(&report), "people/ann: revision 1 was changed in the store after change 1"));
    assert_non_null(strstr(faults(&report), "does not match its hashes is 1\n"));
}

static void every_byte_of_a_version_is_hashed(void **state)
{
    struct key key;
    struct ouse_str value;
    (void)state;
    fill();
    key = revision_key("people", "bob", 1);
    value = stored(DB_REVISIONS, key);
    for (uint32_t i = 0; i < value.n; i++) {
        struct verify_report report;
        char *byte = (char *)value.p + i;
        *byte ^= 0x20;
        put(DB_REVISIONS, key, value);
        faults(&report);
        if (!report.faults)
            fail_msg("byte %u of the revision was changed, and nothing was reported", i);
        *byte ^= 0x20;
    }
}

static void a_changed_journal_entry_breaks_the_chain(void **state)
{
    struct journal_entry entry;
    struct ouse_str value;
    unsigned char link[JOURNAL_HASH];
    (void)state;
    fill();
    value = stored(DB_JOURNAL, journal_key(3));
    ((char *)value.p)[7] ^= 1; /* its time */
    put(DB_JOURNAL, journal_key(3), value);
    assert_faults("journal: change 3 does not follow from the one before it\n"
                  "journal: the first change that does not match its hashes is 3\n");

    assert_int_equal(journal_read(stored(DB_JOURNAL, journal_key(2)), &entry), 0); /* with a link that fits */
    journal_link(entry.link, 3, value, link);
    memcpy((char *)value.p + value.n - JOURNAL_HASH, link, JOURNAL_HASH);
    put(DB_JOURNAL, journal_key(3), value);
    assert_faults("journal: change 4 does not follow from the one before it\n"
                  "journal: the first change that does not match its hashes is 4\n");
}

static void missing_keys_are_named(void **state)
{
    (void)state;
    fill();
    drop(DB_INDEXES, index_key("hubs", "founded", "2020-01", "north"));
    assert_faults("hubs/north: a key is missing in the indexes\n");
    drop(DB_REFERENCES, reference_key("people", "ann", "projects", "leads", "one"));
    assert_faults("hubs/north: a key is missing in the indexes\n"
                  "projects/one: a key is missing in the references\n");
}

static void stray_keys_are_named(void **state)
{
    struct ouse_str nothing = {"", 0};
    (void)state;
    fill();
    put(DB_INDEXES, index_key("people", "name", "Bob", "bob"), nothing);
    put(DB_REFERENCES, reference_key("people", "bob", "hubs", "host", "north"), nothing);
    assert_faults("people/bob: a key in the indexes that its document does not give\n"
                  "hubs/north: a key in the references that its document does not give\n");
}

static void past_keys_are_compared(void **state)
{
    struct ouse_str nothing = {"", 0};
    (void)state;
    fill();
    drop(DB_PAST_REFERENCES, reference_key("people", "bob", "projects", "leads", "one"));
    put(DB_PAST_INDEXES, index_key("people", "name", "Eve", "ann"),
        stored(DB_PAST_INDEXES, index_key("people", "name", "Bob", "bob")));
    assert_faults("projects/one: a key is missing in the past references\n"
                  "people/ann: a key in the past indexes that its document does not give\n");
    put(DB_PAST_INDEXES, index_key("people", "name", "Bob", "bob"), nothing);
    assert_faults("people/bob: a key is missing in the past indexes\n"
                  "projects/one: a key is missing in the past references\n"
                  "people/ann: a key in the past indexes that its document does not give\n"
                  "");
}

static void a_missing_and_a_stray_key_do_not_make_up_for_each_other(void **state)
{
    struct ouse_str nothing = {"", 0};
    (void)state;
    fill();
    drop(DB_INDEXES, index_key("people", "name", "Ann", "ann"));
    put(DB_INDEXES, index_key("people", "name", "Eve", "ann"), nothing);
    assert_faults("people/ann: a key is missing in the indexes\n"
                  "people/ann: a key in the indexes that its document does not give\n");
}

static void revisions_are_without_gaps(void **state)
{
    (void)state;
    fill();
    assert_ok(one(PATCH, "people", "ann", "{\"nick\":\"Anna\"}"));
    drop(DB_REVISIONS, revision_key("people", "ann", 1));
    assert_faults("people/ann: revision 1 is missing\n"
                  "people/ann: change 1 made revision 1, which does not exist\n");
    drop(DB_REVISIONS, revision_key("people", "ann", 2));
    assert_faults("people/ann: it is revision 3, but the one before is 0\n"
                  "people/ann: change 1 made revision 1, which does not exist\n"
                  "people/ann: change 5 made revision 2, which does not exist\n");
}

static void only_what_was_replaced_is_kept_twice(void **state)
{
    struct txn *txn;
    uint64_t n;
    (void)state;
    fill();
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(txn_count(txn, DB_REVISIONS, &n), OUSE_OK);
    txn_end(txn);
    assert_int_equal(n, 3); /* ann before the patch, bob before he went, the project that he led */
}

static void a_revision_that_is_the_record_is_a_fault(void **state)
{
    (void)state;
    fill();
    put(DB_REVISIONS, revision_key("people", "ann", 2), stored(DB_RECORDS, record_key("people", "ann")));
    assert_faults("people/ann: it is revision 2, but the one before is 2\n");
}

static void revisions_belong_to_a_record(void **state)
{
    (void)state;
    fill();
    put(DB_REVISIONS, revision_key("people", "amy", 1),
        stored(DB_REVISIONS, revision_key("people", "ann", 1)));
    put(DB_REVISIONS, revision_key("projects", "zoe", 1),
        stored(DB_REVISIONS, revision_key("people", "ann", 1)));
    assert_faults("people/amy: there is a revision of it, but no record\n"
                  "projects/zoe: there is a revision of it, but no record\n");
}

static void the_journal_is_without_gaps(void **state)
{
    (void)state;
    fill();
    drop(DB_JOURNAL, journal_key(3));
    assert_faults("hubs/north: the journal does not have its revision 1 as change 3\n"
                  "journal: change 3 is missing\n"
                  "journal: the first change that does not match its hashes is 3\n");
}

static void the_journal_tells_of_the_record(void **state)
{
    (void)state;
    fill();
    put(DB_JOURNAL, journal_key(3), stored(DB_JOURNAL, journal_key(2)));
    assert_faults("hubs/north: the journal does not have its revision 1 as change 3\n"
                  "journal: change 3 does not follow from the one before it\n"
                  "journal: change 4 does not follow from the one before it\n"
                  "journal: the first change that does not match its hashes is 3\n");
    put(DB_JOURNAL, journal_key(3), ouse_s("nonsense"));
    assert_faults("hubs/north: the journal does not have its revision 1 as change 3\n"
                  "journal: change 3 is damaged\n"
                  "journal: the first change that does not match its hashes is 3\n");
}

static void references_lead_to_live_records(void **state)
{
    (void)state;
    fill();
    put(DB_RECORDS, record_key("people", "ann"), stored(DB_RECORDS, record_key("people", "bob")));
    assert_faults("hubs/north: host refers to people/ann, which does not exist\n"
                  "people/ann: the journal does not have its revision 2 as change 7\n"
                  "people/ann: a key is missing in the past indexes\n"
                  "people/ann: a key is missing in the past indexes\n"
                  "people/ann: a key is missing in the past indexes\n"
                  "people/ann: a key is missing in the past indexes\n"
                  "people/ann: a key is missing in the past indexes\n"
                  "projects/one: leads refers to people/ann, which does not exist\n"
                  "people/ann: a key in the indexes that its document does not give\n"
                  "people/ann: a key in the indexes that its document does not give\n"
                  "people/ann: a key in the indexes that its document does not give\n"
                  "people/ann: a key in the indexes that its document does not give\n"
                  "people/ann: a key in the indexes that its document does not give\n"
                  "people/ann: a key in the indexes that its document does not give\n");
}

static void damaged_heads_are_named(void **state)
{
    (void)state;
    fill();
    put(DB_RECORDS, record_key("projects", "one"), ouse_s("short"));
    assert_non_null(strstr(faults(&(struct verify_report){0}), "projects/one: its head is damaged\n"));
}

static void what_is_not_loaded_is_passed_over(void **state)
{
    const struct ouse_collection *some[] = {&people};
    struct verify_report report;
    (void)state;
    fill();
    close_register();
    assert_ok(open_with(some, 1, NULL, 0));
    assert_string_equal(faults(&report), "");
    assert_int_equal(report.records, 2);
    assert_int_equal(report.passed_over,
                     2 + 1 + 6 + 3 + 2); /* records, revisions, index, reference and past keys */
}

static void a_number_that_was_never_given_out_is_a_fault(void **state)
{
    struct key key;
    (void)state;
    fill();
    key_record(&key, 9999, ouse_s("x"));
    put(DB_RECORDS, key, ouse_s("x"));
    assert_faults("records: a key of number 9999, which was never given out\n");
}

static void at_most_a_hundred_faults_are_told(void **state)
{
    struct ouse_str nothing = {"", 0};
    struct verify_report report;
    const char *all;
    int lines = 0;
    (void)state;
    fill();
    for (int i = 0; i < 150; i++)
        put(DB_INDEXES, index_key("people", "name", arena_printf(&f.arena, "n%d", i).p, "ann"), nothing);
    for (all = faults(&report); *all; all++)
        lines += *all == '\n';
    assert_int_equal(lines, 100);
    assert_int_equal(report.faults, 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sound_register_has_no_faults),
        TEST(an_empty_register_has_no_faults),
        TEST(views_are_those_of_the_document),
        TEST(a_changed_revision_is_named_by_its_first_change),
        TEST(every_byte_of_a_version_is_hashed),
        TEST(a_changed_journal_entry_breaks_the_chain),
        TEST(missing_keys_are_named),
        TEST(stray_keys_are_named),
        TEST(past_keys_are_compared),
        TEST(a_missing_and_a_stray_key_do_not_make_up_for_each_other),
        TEST(revisions_are_without_gaps),
        TEST(only_what_was_replaced_is_kept_twice),
        TEST(a_revision_that_is_the_record_is_a_fault),
        TEST(revisions_belong_to_a_record),
        TEST(the_journal_is_without_gaps),
        TEST(the_journal_tells_of_the_record),
        TEST(references_lead_to_live_records),
        TEST(damaged_heads_are_named),
        TEST(what_is_not_loaded_is_passed_over),
        TEST(a_number_that_was_never_given_out_is_a_fault),
        TEST(at_most_a_hundred_faults_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
