/* config: what is accepted, what every mistake is told as, and that
 * conf/ouse.conf explains all keys. Each test runs in an empty folder that
 * holds ouse.conf and a folder "plugins" with an empty spare.so. */
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
    char folder[32];
    struct arena arena;
    struct problem problem;
    struct config *config;
};

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int begin(void **state)
{
    static struct world world;
    world = (struct world){.folder = "/tmp/ouse-config-XXXXXX"};
    if (!mkdtemp(world.folder) || chdir(world.folder) != 0 || mkdir("plugins", 0755) != 0)
        return -1;
    put_file("plugins/spare.so", "");
    problem_init(&world.problem, &world.arena);
    *state = &world;
    return 0;
}

static int end(void **state)
{
    struct world *world = *state;
    arena_finish(&world->arena);
    unlink("plugins/spare.so");
    unlink("ouse.conf");
    return rmdir("plugins") != 0 || chdir("/") != 0 || rmdir(world->folder) != 0;
}

static ouse_rc reading(struct world *world, const char *text, const char *const *sets, uint32_t n_sets)
{
    put_file("ouse.conf", text);
    problem_init(&world->problem, &world->arena);
    world->config = NULL;
    return config_read(&world->arena, "ouse.conf", sets, n_sets, &world->config, &world->problem);
}

/* All that is reported, a line each. */
static const char *reported(struct world *world)
{
    struct ouse_str lines = world->problem.detail.p ? world->problem.detail : ouse_s("");
    for (uint32_t i = 0; i < problem_told(&world->problem); i++)
        lines = arena_printf(&world->arena, "%.*s%s%.*s", OUSE_F(lines), lines.n ? "\n" : "",
                             OUSE_F(world->problem.errors[i].detail));
    return lines.p;
}

static struct config *accepted(struct world *world, const char *text)
{
    if (reading(world, text, NULL, 0) != OUSE_OK)
        fail_msg("refused: %s", reported(world));
    return world->config;
}

static void refused(struct world *world, const char *text, const char *why)
{
    assert_int_equal(reading(world, text, NULL, 0), OUSE_E_INVALID);
    assert_string_equal(reported(world), why);
    assert_null(world->config);
}

static void set_refused(struct world *world, const char *set, const char *why)
{
    assert_int_equal(reading(world, "plugins = hubs\nhubs {}\n", &set, 1), OUSE_E_INVALID);
    assert_string_equal(reported(world), why);
}

static void without_a_file_all_is_by_default(void **state)
{
    struct world *world = *state;
    struct config *config;
    assert_int_equal(config_read(&world->arena, NULL, NULL, 0, &config, &world->problem), OUSE_OK);
    assert_string_equal(config->listen, "127.0.0.1:8080");
    assert_string_equal(config->data, "/var/lib/ouse");
    assert_int_equal(config->map_size, INT64_C(16) << 30);
    assert_int_equal(config->log_level, 2);
    assert_int_equal(config->access_log, 0);
    assert_int_equal(config->idle_timeout, 15000);
    assert_int_equal(config->n_plugins, 0);
}

static void a_file_and_sets_are_read(void **state)
{
    struct world *world = *state;
    static const char *const sets[] = {"threads=8", "data=here", "plugins=hubs,funding", "hubs.pages=3"};
    ouse_rc rc = reading(world,
                         "plugins = {directory, \"hubs\"} # two\nthreads = 9\ndata = \"there\"\n"
                         "plugin_path = \"plugins\"\nlog_level = debug\nidle_timeout = 2min\n"
                         "spare { anything = 3 other = \"x\" }\nhubs { pages = 2 }\n",
                         sets, 4);
    if (rc != OUSE_OK)
        fail_msg("refused: %s", reported(world));
    const struct config *config = world->config;
    assert_int_equal(config->threads, 8);
    assert_string_equal(config->data, "here");
    assert_string_equal(config->plugin_path, "plugins");
    assert_int_equal(config->log_level, 3);
    assert_int_equal(config->idle_timeout, 120000);
    assert_int_equal(config->n_plugins, 2);
    assert_string_equal(config->plugins[0].name, "hubs");
    assert_string_equal(config->plugins[1].name, "funding");
}

static void paths_start_from_the_file(void **state)
{
    struct world *world = *state;
    put_file("ouse.conf", "data = \"register\"\nplugin_path = \"/opt/plugins\"\n");
    char file[64];
    snprintf(file, sizeof file, "%s/ouse.conf", world->folder);
    struct config *config;
    assert_int_equal(config_read(&world->arena, file, NULL, 0, &config, &world->problem), OUSE_OK);
    char data[64];
    snprintf(data, sizeof data, "%s/register", world->folder);
    assert_string_equal(config->data, data);
    assert_string_equal(config->plugin_path, "/opt/plugins");
}

static void mistakes_are_told_with_their_line(void **state)
{
    static const struct {
        const char *text, *why;
    } mistakes[] = {
        {"threads = 8\nlisen = x\n", "ouse.conf:2: unknown key \"lisen\"; did you mean \"listen\"?"},
        {"# a\n\nbogus_thing = 3\n", "ouse.conf:3: unknown key \"bogus_thing\"; an option of a plugin "
                                     "belongs in its section: PLUGIN { bogus_thing = … }"},
        {"threads = many\n", "ouse.conf:1: threads must be a whole number, from 4 to 4096; it is \"many\""},
        {"threads = 3\n", "ouse.conf:1: threads must be a whole number, from 4 to 4096; it is \"3\""},
        {"map_size = 16GB\n", "ouse.conf:1: map_size must be a size such as 4096, 64MiB or 16GiB, from 1MiB "
                              "to 64TiB; it is \"16GB\""},
        {"idle_timeout = 15\n",
         "ouse.conf:1: idle_timeout must be a duration such as 250ms, 15s, 5min, 24h or 7d, "
         "from 100ms to 1h; it is \"15\""},
        {"access_log = yes\n", "ouse.conf:1: access_log must be true or false; it is \"yes\""},
        {"log_level = loud\n", "ouse.conf:1: log_level must be one of error warn info debug; it is \"loud\""},
        {"data = \"\"\n", "ouse.conf:1: data must be a path; it is empty"},
        {"\nbase_path = \"/x/\"\n",
         "ouse.conf:2: base_path must be empty, or begin with a slash and not end in one; "
         "it is \"/x/\""},
        {"plugins = {a,\n b, a}\n", "ouse.conf:2: plugins: a is named twice"},
        {"plugins = {Hubs}\n", "ouse.conf:1: plugins: \"Hubs\" is no name of a plugin ([a-z][a-z0-9-]*)"},
        {"plugins = {hubs}\nhbus { x = 1 }\n",
         "ouse.conf:2: unknown section \"hbus\"; did you mean \"hubs\"?"},
        {"plugin_path = \"plugins\"\nnobody { x = 1 }\n",
         "ouse.conf:2: unknown section \"nobody\": there is no plugin plugins/nobody.so"},
        {"plugins = hubs\nhubs {\n  sha256 = \"12\"\n}\n",
         "ouse.conf:3: hubs.sha256 must be 64 hexadecimal digits (a-f), as sha256sum prints them; it is "
         "\"12\""},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
        refused(*state, mistakes[i].text, mistakes[i].why);
}

/* Each message names the mistake, the line and the correct form. */
static void mistakes_of_syntax_are_told_with_the_correct_form(void **state)
{
    static const struct {
        const char *text, *why;
    } mistakes[] = {
        /* lists */
        {"plugins = a, b\n", "ouse.conf:1: a list must be in braces; write plugins = {a, b}"},
        {"plugins = a b\n", "ouse.conf:1: a list must be in braces, with commas; write plugins = {a, b}"},
        {"plugins = [a, b]\n", "ouse.conf:1: a list must be in braces; write plugins = {first, second}"},
        {"plugins = \"a, b\"\n",
         "ouse.conf:1: plugins: \"a, b\" is no name of a plugin ([a-z][a-z0-9-]*); write "
         "plugins = {first, second}"},
        {"plugins = {a b}\n", "ouse.conf:1: a comma is missing between a and b; write {a, b}"},
        {"plugins = {a,, b}\n",
         "ouse.conf:1: a comma without a value before it; write plugins = {first, second}"},
        {"\nplugins = {a,\n b\nthreads = 8\n",
         "ouse.conf:2: the list of plugins is not closed; add } after its last value"},
        {"plugins = {a\n", "ouse.conf:1: the list of plugins is not closed; add } after its last value"},
        /* sections and braces */
        {"plugins = a\na {\n x = 1\n",
         "ouse.conf:2: a { is not closed; add } after the last option of the section"},
        {"plugins = {a, b}\na {\n x = 1\nb {\n}\n",
         "ouse.conf:4: b { is inside a {, which line 2 opens; add } before it"},
        {"threads = 8\n}\n", "ouse.conf:2: } closes nothing: no section is open; remove it"},
        {"a = { x = 1 }\n", "ouse.conf:1: a section has no \"=\"; write a { key = value }"},
        {"a \"b\" {\n x = 1\n}\n", "ouse.conf:1: a section has one name and no title; write a {"},
        {"{ x = 1 }\n", "ouse.conf:1: \"{\" is in the place of a key; write KEY = VALUE"},
        {"[server]\nthreads = 8\n",
         "ouse.conf:1: \"[server]\" is a heading of an INI file; write keys of the "
         "server without one, and options of a "
         "plugin in its section: PLUGIN { key = value }"},
        {"server {\n threads = 8\n}\n", "ouse.conf:1: unknown section \"server\"; write keys of the server "
                                        "outside sections, without braces"},
        {"metrics.allow = x\n",
         "ouse.conf:1: metrics.allow is how --set writes it; in a file write metrics { allow = value }"},
        {"plugins = a\na = 3\n", "ouse.conf:2: a is a plugin; write a { key = value }"},
        {"allow = x\n", "ouse.conf:1: unknown key \"allow\"; an option of a plugin belongs in its section: "
                        "PLUGIN { allow = … }"},
        /* "=" */
        {"threads 8\n", "ouse.conf:1: \"=\" is missing after threads; write threads = 8"},
        {"threads\n", "ouse.conf:1: threads has no value; write threads = value"},
        {"threads: 8\n", "ouse.conf:1: \":\" is in the place of \"=\"; write threads = 8"},
        {"threads:8\n", "ouse.conf:1: \":\" is in the place of \"=\"; write threads = 8"},
        {"threads : 8\n", "ouse.conf:1: \":\" is in the place of \"=\"; write threads = 8"},
        {"threads := 8\n", "ouse.conf:1: \":=\" is in the place of \"=\"; write threads = 8"},
        {"plugins += {a}\n", "ouse.conf:1: \"+=\" is in the place of \"=\"; write plugins = {…}"},
        {"threads == 8\n", "ouse.conf:1: \"=\" appears twice after threads; write it once"},
        {"= 8\n", "ouse.conf:1: \"=\" is in the place of a key; write KEY = VALUE"},
        {"\"threads\" = 8\n", "ouse.conf:1: a quoted text is in the place of a key; write KEY = \"text\""},
        /* values and quotes */
        {"threads =\nbase_path = \"\"\n",
         "ouse.conf:1: threads has no value; write threads = value, or \"\" for an empty text"},
        {"data = /x y\n", "ouse.conf:1: data has more than one value; text with spaces must be in quotes; "
                          "write data = \"/x y\""},
        {"listen = 127.0.0.1:1, [::1]:1\n",
         "ouse.conf:1: a value with a comma must be in quotes; write listen = \"127.0.0.1:1, [::1]:1\""},
        {"threads = {8}\n", "ouse.conf:1: threads has one value, without braces; write threads = 8"},
        {"threads = 8,\n", "ouse.conf:1: a comma at the end; write threads = 8"},
        {"threads = 8;\n", "ouse.conf:1: \";\" at the end; write threads = 8"},
        {"threads = 8, access_log = true\n",
         "ouse.conf:1: a comma after threads; settings are separated by spaces or line ends"},
        {"\ndata = \"x\n\nthreads = 8\n",
         "ouse.conf:2: the text has no closing \"; add it at the end of the line"},
        {"data = x\"y\"\n", "ouse.conf:1: a quote within a value; put the whole value of data in quotes"},
        {"data = “/x”\n", "ouse.conf:1: a typographic quote (“) is outside quotes; write \""},
        {"threads =\u00a08\n",
         "ouse.conf:1: a no-break space (\u00a0) is outside quotes; write a plain space"},
        {"; threads = 8\n", "ouse.conf:1: \";\" begins no comment; write #"},
        {"/* threads = 8\n", "ouse.conf:1: the comment is not closed; add */ at its end"},
        /* a value of a section may be a secret */
        {"plugins = a\na {\n key hush\n}\n", "ouse.conf:3: \"=\" is missing after key; write key = …"},
        {"plugins = a\na { key = hush hush }\n",
         "ouse.conf:2: key has more than one value; text with spaces must be "
         "in quotes; write key = \"…\""},
        /* twice */
        {"threads = 8\n\nthreads = 9\n",
         "ouse.conf:3: threads is set twice, first in line 1; keep one of them"},
        {"plugins = a\na { x = 1 x = 2 }\n",
         "ouse.conf:2: a.x is set twice, first in line 2; keep one of them"},
        {"plugins = a\na { x = 1 }\na { y = 2 }\n",
         "ouse.conf:3: the section a appears twice, first in line 2; write all of it there"},
        /* the environment */
        {"data = ${OUSE_NOT_SET}\n",
         "ouse.conf:1: the environment variable OUSE_NOT_SET is not set; set it, or write "
         "a default: ${OUSE_NOT_SET:-…}"},
        {"data = \"/x/${OUSE_NOT_SET}\"\n",
         "ouse.conf:1: the environment variable OUSE_NOT_SET is not set; set it, or "
         "write a default: ${OUSE_NOT_SET:-…}"},
        {"data = ${a b}\n", "ouse.conf:1: \"${\" begins a variable of the environment; write ${NAME} or "
                            "${NAME:-default}"},
        /* bytes */
        {"\xef\xbb\xbfthreads = 8\nlisen = x\n",
         "ouse.conf:1: the file begins with a byte order mark (BOM); save it as UTF-8 without one\n"
         "ouse.conf:2: unknown key \"lisen\"; did you mean \"listen\"?"},
        {"\xff\xfet", "ouse.conf:1: the file is UTF-16; save it as UTF-8 without a byte order mark"},
        {"threads = 8\ndata = /caf\xe9\n", "ouse.conf:2: this line is not UTF-8; save the file as UTF-8"},
        {"threads = 8\r# all\r",
         "ouse.conf:1: a carriage return without a line feed; save the file with Unix line ends"},
        {"\n\x01\n", "ouse.conf:2: a control character; only tabs and line ends are accepted"},
        /* values that are not what they should be */
        {"Threads = 8\n", "ouse.conf:1: unknown key \"Threads\"; did you mean \"threads\"?"},
        {"threads = -8\n", "ouse.conf:1: threads must be a whole number, from 4 to 4096; it is \"-8\""},
        {"export_timeout = 5m\n",
         "ouse.conf:1: export_timeout must be a duration such as 250ms, 15s, 5min, 24h or "
         "7d, from 1ms to 1h; it is \"5m\""},
        {"threads = 505\n", "ouse.conf:1: threads is 505 and max_readers 512; each thread may hold a "
                            "snapshot, and commands need 8 more: "
                            "set max_readers to 513 or more, or threads to 504 or less"},
        {"max_readers = 100\n", "ouse.conf:1: threads is 256 and max_readers 100; each thread may hold a "
                                "snapshot, and commands need 8 more: "
                                "set max_readers to 264 or more, or threads to 92 or less"},
#define LISTEN "ouse.conf:1: listen must be ADDR:PORT, several separated by commas; "
#define NO_ADDRESS \
    " has no address; write 127.0.0.1:PORT for this machine alone, or 0.0.0.0:PORT for all its addresses"
        {"listen = 8080\n", LISTEN "\"8080\"" NO_ADDRESS},
        {"listen = :8080\n", LISTEN "\":8080\"" NO_ADDRESS},
        {"listen = \"127.0.0.1:80, 8080\"\n", LISTEN "\"8080\"" NO_ADDRESS},
        {"trusted_proxies = \"::1, all\"\n", "ouse.conf:1: trusted_proxies must be addresses and networks, "
                                             "separated by commas, such as \"127.0.0.1, "
                                             "10.0.0.0/8\"; \"all\" is neither"},
        {"listen = localhost\n", LISTEN "\"localhost\" has no port; write ADDR:PORT"},
        {"listen = ::1:8080\n", LISTEN "\"::1:8080\" is an IPv6 address without brackets; write [ADDR]:PORT"},
        {"listen = 127.0.0.1:65536\n", LISTEN "\"127.0.0.1:65536\" has a port above 65535"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++)
        refused(*state, mistakes[i].text, mistakes[i].why);
}

static void all_mistakes_are_told(void **state)
{
    refused(*state, "threads: 8\nplugins = a, b\ndata = \"/x\n}\n",
            "ouse.conf:1: \":\" is in the place of \"=\"; write threads = 8\n"
            "ouse.conf:2: a list must be in braces; write plugins = {a, b}\n"
            "ouse.conf:3: the text has no closing \"; add it at the end of the line\n"
            "ouse.conf:4: } closes nothing: no section is open; remove it");
    refused(*state, "log_level = loud\nlisen = x\nthreads = 3\n",
            "ouse.conf:1: log_level must be one of error warn info debug; it is \"loud\"\n"
            "ouse.conf:3: threads must be a whole number, from 4 to 4096; it is \"3\"\n"
            "ouse.conf:2: unknown key \"lisen\"; did you mean \"listen\"?");
}

static void every_way_to_write_it_is_read(void **state)
{
    struct world *world = *state;
    setenv("OUSE_TEST_SET", "/from env", 1);
    const struct config *config = accepted(
        world,
        "// one\r\n/* two\n */ threads\t=\t8 max_readers = 512\r\nplugins = {\n  \"spare\" , # three\n}\n"
        "spare\n{\n}\ndata = \"${OUSE_TEST_SET}/\\\"x\\\" \\\ny\\x21\"\n"
        "base_path = '/a\\n'\nplugin_path = ${OUSE_NOT_SET:-plugins}\nlisten = [::1]:0");
    assert_int_equal(config->threads, 8);
    assert_int_equal(config->n_plugins, 1);
    assert_string_equal(config->data, "/from env/\"x\" y!");
    assert_string_equal(config->base_path, "/a\\n");
    assert_string_equal(config->plugin_path, "plugins");
    assert_string_equal(config->listen, "[::1]:0");
    assert_null(config_warning(config));
    unsetenv("OUSE_TEST_SET");
}

static void a_register_without_plugins_is_warned_of(void **state)
{
    struct world *world = *state;
    assert_string_equal(
        config_warning(accepted(world, "threads = 8\n")),
        "ouse.conf: no plugin is enabled, so the register has no collections; write plugins = "
        "{first, second} (\"ouse plugin list\" shows the installed ones)");
}

static void mistakes_of_sets_are_told(void **state)
{
    set_refused(*state, "lisen=x", "--set: unknown key \"lisen\"; did you mean \"listen\"?");
    set_refused(*state, "threads=0", "--set: threads must be a whole number, from 4 to 4096; it is \"0\"");
    set_refused(*state, "threads", "--set: \"threads\" is not of the form key=value or plugin.key=value");
    set_refused(*state, "hubs=3", "--set: hubs is a plugin; write hubs.key=value");
    set_refused(*state, "hbus.x=3", "--set: unknown section \"hbus\"; did you mean \"hubs\"?");
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
    struct world *world = *state;
    struct config *config;
    assert_int_equal(config_read(&world->arena, "absent.conf", NULL, 0, &config, &world->problem),
                     OUSE_E_INVALID);
    assert_string_equal(world->problem.detail.p, "absent.conf: No such file or directory");
    problem_init(&world->problem, &world->arena);
    assert_int_equal(config_read(&world->arena, "plugins", NULL, 0, &config, &world->problem),
                     OUSE_E_INVALID);
    assert_string_equal(world->problem.detail.p, "plugins: it is not a file");
}

struct settings {
    const char *text, *key;
    int64_t pages, every, room;
    int32_t on;
};

#define AT(member) offsetof(struct settings, member)
static const struct ouse_option options[] = {
    {"text", OUSE_OPTION_TEXT, 0, NULL, 0, 0, AT(text), 0, ""},
    {"key", OUSE_OPTION_TEXT, OUSE_SECRET, "none", 0, 0, AT(key), 0, ""},
    {"pages", OUSE_OPTION_INT, OUSE_SECRET, "5", -9, 9, AT(pages), 0, ""},
    {"every", OUSE_OPTION_DURATION, 0, "1d", 0, 0, AT(every), 0, ""},
    {"room", OUSE_OPTION_SIZE, 0, NULL, 0, 0, AT(room), 0, ""},
    {"on", OUSE_OPTION_BOOL, 0, "false", 0, 0, AT(on), 0, ""},
};

static ouse_rc section(struct world *world, const char *text, struct settings *settings)
{
    const struct config *config = accepted(world, text);
    return config_section(config, "hubs", options, sizeof options / sizeof options[0], settings,
                          &world->arena, &world->problem);
}

static void a_section_fills_the_plugins_struct(void **state)
{
    struct settings settings;
    assert_int_equal(
        section(*state, "plugins=hubs hubs { text=\"a b\" room = 3KiB on = true pages = -9 }", &settings),
        OUSE_OK);
    assert_string_equal(settings.text, "a b");
    assert_string_equal(settings.key, "none");
    assert_int_equal(settings.pages, -9);
    assert_int_equal(settings.every, 86400000);
    assert_int_equal(settings.room, 3072);
    assert_int_equal(settings.on, 1);
}

static void mistakes_in_a_section_are_told(void **state)
{
    static const struct {
        const char *text, *why;
    } mistakes[] = {
        {"plugins = hubs\n", "ouse.conf: hubs.room is required: add  hubs { room = … }"},
        {"plugins = hubs\nhubs {\nroom = 1\nrom = 2 }\n",
         "ouse.conf:4: unknown key \"hubs.rom\"; did you mean \"room\"?"},
        {"plugins = hubs\nhubs {\n  room = -1 }\n",
         "ouse.conf:3: hubs.room must be a size such as 4096, 64MiB or 16GiB; it is \"-1\""},
        {"plugins = hubs\nhubs { room = 99999999TiB }\n",
         "ouse.conf:2: hubs.room must be a size such as 4096, 64MiB or 16GiB; it is \"99999999TiB\""},
        {"plugins = hubs\nhubs { room = 1 pages = 77 }\n",
         "ouse.conf:2: hubs.pages must be a whole number, from -9 to 9"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct settings settings;
        struct world *world = *state;
        assert_int_equal(section(world, mistakes[i].text, &settings), OUSE_E_INVALID);
        assert_string_equal(reported(world), mistakes[i].why);
    }
}

static void values_are_shown_as_they_would_be_written(void **state)
{
    struct world *world = *state;
    struct settings settings = {.text = "a", .key = "hidden", .every = 90000, .room = 3 << 20, .on = 1};
    static const char *const shown[] = {"a", "(set)", "0", "90s", "3MiB", "true"};
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        assert_string_equal(value_show(&options[i], &settings, &world->arena).p, shown[i]);
}

static void a_reload_takes_only_what_is_reloadable(void **state)
{
    struct world *world = *state;
    struct config *running = accepted(world, "threads = 8\nlog_level = info\n");
    struct config *fresh =
        accepted(world, "threads = 9\nlog_level = debug\naccess_log = true\nplugins = spare\n");
    struct ouse_str waiting = config_adopt(running, fresh, &world->arena);
    assert_string_equal(waiting.p, "plugins, threads");
    assert_int_equal(running->threads, 8);
    assert_int_equal(running->n_plugins, 0);
    assert_int_equal(running->log_level, 3);
    assert_int_equal(running->access_log, 1);
    assert_null(config_adopt(running, running, &world->arena).p);
}

/* A line of the file that begins with the text. */
static int has_line(const char *file, const char *beginning)
{
    size_t n = strlen(beginning);
    for (const char *line = file; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, beginning, n) == 0)
            return 1;
    }
    return 0;
}

/* What a key must have: its default, commented out. The list of plugins is
 * what the deployer begins with, and the default folder of plugins depends on
 * where the program is. */
static struct ouse_str shipped_line(const struct config_key *key, struct arena *arena)
{
    int quoted = key->is.type == CONFIG_PATH || key->is.type == OUSE_OPTION_TEXT;
    if (key->is.type == CONFIG_NAMES)
        return arena_printf(arena, "%s = {", key->is.name);
    if (!key->is.dflt)
        return arena_printf(arena, "# %s = ", key->is.name);
    return arena_printf(arena, quoted ? "# %s = \"%s\"\n" : "# %s = %s\n", key->is.name, key->is.dflt);
}

static void the_shipped_file_explains_every_key(void **state)
{
    struct world *world = *state;
    static char text[1 << 16];
    FILE *file = fopen(SHIPPED_CONFIG, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    accepted(world, text);
    for (uint32_t i = 0; i < config_n_keys; i++) {
        struct ouse_str line = shipped_line(&config_keys[i], &world->arena);
        if (!has_line(text, line.p))
            fail_msg("conf/ouse.conf has no line  %s", line.p);
    }
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(without_a_file_all_is_by_default),
        TEST(a_file_and_sets_are_read),
        TEST(paths_start_from_the_file),
        TEST(mistakes_are_told_with_their_line),
        TEST(mistakes_of_syntax_are_told_with_the_correct_form),
        TEST(all_mistakes_are_told),
        TEST(every_way_to_write_it_is_read),
        TEST(a_register_without_plugins_is_warned_of),
        TEST(mistakes_of_sets_are_told),
        TEST(a_file_that_cannot_be_read_is_told),
        TEST(a_section_fills_the_plugins_struct),
        TEST(mistakes_in_a_section_are_told),
        TEST(values_are_shown_as_they_would_be_written),
        TEST(a_reload_takes_only_what_is_reloadable),
        TEST(the_shipped_file_explains_every_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
