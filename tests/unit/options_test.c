/* options: from a plugin's table to its struct, and again on a reload. The
 * plugin is made by hand: nothing is loaded. */
#include "host/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct settings {
    const char *greeting;
    int64_t pages, every;
    void *made_by_start; /* not an option */
};

#define AT(member) offsetof(struct settings, member)
static const struct ouse_option table[] = {
    {"greeting", OUSE_OPTION_TEXT, OUSE_RELOADABLE, "hello", 0, 0, AT(greeting), 0, ""},
    {"pages", OUSE_OPTION_INT, 0, "5", 1, 9, AT(pages), 0, ""},
    {"every", OUSE_OPTION_DURATION, OUSE_RELOADABLE, "1h", 0, 0, AT(every), 0, ""},
};

static char file[40];
static struct arena arena;
static struct problem problem;
static struct loaded_plugin plugin;
static struct loaded_plugin *all[] = {&plugin};
static struct plugins plugins;

static void write_config(const char *text)
{
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static struct config *read_config(const char *text)
{
    struct config *config;
    write_config(text);
    if (config_read(&arena, file, NULL, 0, &config, &problem) != OUSE_OK)
        fail_msg("refused: %s", problem.detail.p);
    return config;
}

static void declare(const struct ouse_option *options, uint32_t n)
{
    plugin = (struct loaded_plugin){.path = "good.so"};
    plugin.is.name = "good";
    plugin.is.self_size = sizeof(struct settings);
    plugin.is.options.at = options;
    plugin.is.options.n = n;
    plugin.is.options.stride = sizeof *options;
}

static int begin(void **state)
{
    (void)state;
    strcpy(file, "/tmp/ouse-options-XXXXXX");
    int fd = mkstemp(file);
    problem_init(&problem, &arena);
    declare(table, 3);
    plugins = (struct plugins){.at = all, .n = 1};
    return fd < 0 || close(fd) != 0 || options_declare(&plugin, &arena, &problem) != OUSE_OK;
}

static int end(void **state)
{
    (void)state;
    arena_finish(&plugins.arena);
    arena_finish(&arena);
    return unlink(file);
}

/* The plugin as it runs by this config. */
static struct config *running(const char *text)
{
    struct config *config = read_config(text);
    void *self;
    if (options_fill(&plugin, config, &plugins.arena, &self, &problem) != OUSE_OK)
        fail_msg("refused: %s", problem.detail.p);
    plugin.self = self;
    return config;
}

/* All that is reported. */
static const char *reported(void)
{
    return problem.n_errors ? problem.errors[0].detail.p : problem.detail.p;
}

/* Reads the file again; if it is right, it takes effect. */
static ouse_rc reload(struct config *config)
{
    struct reload fresh;
    ouse_rc rc = reload_prepare(&plugins, config, &fresh, &problem);
    if (!rc)
        reload_adopt(&plugins, config, &fresh, &arena);
    return rc;
}

static void a_struct_is_filled_from_defaults_and_file(void **state)
{
    (void)state;
    running("plugins = good\ngood { pages = 7 }\n");
    const struct settings *self = plugin.self;
    assert_string_equal(self->greeting, "hello");
    assert_int_equal(self->pages, 7);
    assert_int_equal(self->every, 3600000);
    assert_null(self->made_by_start);
}

static void a_table_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct ouse_option rows[2];
        const char *why;
    } cases[] = {
        {{{"Pages", OUSE_OPTION_INT, 0, NULL, 0, 0, 0, 0, ""}},
         "good.so: option 1 (Pages): its name must be of the form [a-z0-9_]+"},
        {{{NULL, OUSE_OPTION_INT, 0, NULL, 0, 0, 0, 0, ""}},
         "good.so: option 1 (no name): its name must be of the form [a-z0-9_]+"},
        {{{"sha256", OUSE_OPTION_TEXT, 0, NULL, 0, 0, 0, 0, ""}},
         "good.so: option 1 (sha256): that name is the host's (it pins the build)"},
        {{{"a", 77, 0, NULL, 0, 0, 0, 0, ""}},
         "good.so: option 1 (a): this host does not know its type; update Ouse"},
        {{{"a", OUSE_OPTION_INT, 0, NULL, 0, 0, sizeof(struct settings) - 4, 0, ""}},
         "good.so: option 1 (a): its member lies outside of the struct (self_size)"},
        {{{"a", OUSE_OPTION_INT, 0, NULL, 9, 1, 0, 0, ""}},
         "good.so: option 1 (a): its min is above its max"},
        {{{"a", OUSE_OPTION_INT, 0, "x", 0, 0, 0, 0, ""}},
         "good.so: the default of an option: good.a must be a whole number; it is \"x\""},
        {{{"a", OUSE_OPTION_INT, 0, NULL, 0, 0, 0, 0, ""}, {"a", OUSE_OPTION_INT, 0, NULL, 0, 0, 8, 0, ""}},
         "good.so: option 2 (a): it is declared twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        problem_init(&problem, &arena);
        declare(cases[i].rows, i + 1 == sizeof cases / sizeof cases[0] ? 2 : 1);
        assert_int_equal(options_declare(&plugin, &arena, &problem), OUSE_E_INVALID);
        assert_string_equal(reported(), cases[i].why);
    }
}

static void shorter_rows_are_filled_up(void **state)
{
    (void)state;
    /* Rows of an older ABI, without the members behind `type`. */
    static const struct {
        const char *name;
        uint32_t type, flags;
    } old[] = {{"a", OUSE_OPTION_TEXT, 0}, {"b", OUSE_OPTION_TEXT, OUSE_SECRET}};
    declare((const struct ouse_option *)(const void *)old, 2);
    plugin.is.options.stride = sizeof old[0];
    assert_int_equal(options_declare(&plugin, &arena, &problem), OUSE_OK);
    assert_int_equal(plugin.n_options, 2);
    assert_string_equal(plugin.options[1].name, "b");
    assert_int_equal(plugin.options[1].flags, OUSE_SECRET);
    assert_null(plugin.options[1].dflt);
    assert_int_equal(plugin.options[1].offset, 0);
}

static void a_reload_replaces_what_is_reloadable(void **state)
{
    (void)state;
    struct config *config = running("plugins = good\nlog_level = info\ngood { pages = 3 every = 1min }\n");
    struct settings *before = plugin.self;
    before->made_by_start = &plugin;
    write_config("plugins = good\nlog_level = error\ngood { pages = 4 every = 2min greeting = \"hi\" }\n");
    assert_int_equal(reload(config), OUSE_OK);
    const struct settings *after = plugin.self;
    assert_ptr_not_equal(after, before);
    assert_string_equal(after->greeting, "hi");
    assert_int_equal(after->every, 120000);
    assert_int_equal(after->pages, 3); /* not reloadable */
    assert_ptr_equal(after->made_by_start, &plugin);
    assert_int_equal(before->every, 60000); /* a request may still hold it */
    assert_int_equal(config->log_level, 0);
}

static void a_reload_without_a_change_keeps_the_struct(void **state)
{
    (void)state;
    struct config *config = running("plugins = good\n");
    void *before = plugin.self;
    assert_int_equal(reload(config), OUSE_OK);
    assert_ptr_equal(plugin.self, before);
}

static void a_bad_file_changes_nothing(void **state)
{
    (void)state;
    struct config *config = running("plugins = good\nlog_level = info\n");
    void *before = plugin.self;
    write_config(
        "plugins = good\nlog_level = debug\ngood {\n  greeting = \"hi\"\n  pages = 10\n  every = no\n}\n");
    assert_int_equal(reload(config), OUSE_E_INVALID);
    assert_string_equal(
        reported(),
        arena_printf(&arena, "%s:5: good.pages must be a whole number, from 1 to 9; it is \"10\"", file).p);
    assert_int_equal(problem.n_errors, 2); /* every mistake, not the first alone */
    assert_ptr_equal(plugin.self, before);
    assert_int_equal(config->log_level, 2);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_struct_is_filled_from_defaults_and_file),
        TEST(a_table_that_makes_no_sense_is_refused),
        TEST(shorter_rows_are_filled_up),
        TEST(a_reload_replaces_what_is_reloadable),
        TEST(a_reload_without_a_change_keeps_the_struct),
        TEST(a_bad_file_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
