/* command: choosing a command, reading its arguments, help; see command.h. */
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum { COMMANDS_MAX = 32 };

/* What main lists. */
static const struct cli_command *const *commands;

/* Options of every command. */
static const struct cli_option common[] = {
    {"config", "FILE",
     "config file, also -c; default conf/ouse.conf or, if that does not exist, /etc/ouse/ouse.conf", NULL},
    {"data", "DIR", "folder of the register; short for --set data=DIR", NULL},
    {"set", "KEY=VALUE",
     "a setting that takes precedence over the file; for a plugin: PLUGIN.KEY=VALUE; can be repeated", NULL},
    {"help", NULL, "this text, also -h", NULL},
    {.name = NULL},
};
static const struct cli_option no_options[] = {{.name = NULL}};

static const struct cli_option *options_of(const struct cli_command *command)
{
    return command->options ? command->options : no_options;
}

/* ---- Help ------------------------------------------------------------------ */

/* One line of a table; columns count characters, not bytes. */
static void print_row(FILE *out, const char *left, const char *right)
{
    int width = 0;
    for (const char *c = left; *c; c++)
        width += (*c & 0xc0) != 0x80;
    fprintf(out, "  %s%*s %s\n", left, width < 22 ? 22 - width : 0, "", right);
}

static void print_options(FILE *out, const char *title, const struct cli_option *option)
{
    if (option->name)
        fprintf(out, "\n%s\n", title);
    for (; option->name; option++) {
        char left[40];
        snprintf(left, sizeof left, "--%s %s", option->name, option->value ? option->value : "");
        print_row(out, left, option->help);
    }
}

/* Prints the commands with this beginning of their name. */
static void print_commands(FILE *out, const char *beginning)
{
    for (int i = 0; commands[i]; i++) {
        char left[40];
        snprintf(left, sizeof left, "%s %s", commands[i]->name, commands[i]->arguments);
        if (strncmp(left, beginning, strlen(beginning)) == 0)
            print_row(out, left, commands[i]->summary);
    }
}

static void print_help(FILE *out)
{
    fputs("ouse: a register server for health partnerships\n\nusage: ouse COMMAND [OPTION…] [ARGUMENT…]\n\n",
          out);
    print_commands(out, "");
    print_options(out, "Options of every command:", common);
    fputs("\n\"ouse COMMAND --help\" describes a command. Exit codes: 0 done, 1 failed, 2 wrong usage.\n",
          out);
}

static int print_command_help(const struct cli_command *command)
{
    printf("usage: ouse %s [OPTION…] %s\n\n%s\n", command->name, command->arguments, command->summary);
    if (command->help)
        printf("\n%s\n", command->help);
    print_options(stdout, "Options:", options_of(command));
    print_options(stdout, "Options of every command:", common);
    return CLI_OK;
}

/* ---- Choosing the command ------------------------------------------------------ */

/* How many words of argv are the command's name; 0 when it is another. */
static int matches(const struct cli_command *command, int argc, char **argv)
{
    const char *space = strchr(command->name, ' ');
    size_t n = space ? (size_t)(space - command->name) : strlen(command->name);
    if (strlen(argv[0]) != n || strncmp(command->name, argv[0], n) != 0)
        return 0;
    if (!space)
        return 1;
    return argc > 1 && strcmp(space + 1, argv[1]) == 0 ? 2 : 0;
}

static int is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/* "token" and "plugin" stand for several commands. */
static int begins_commands(const char *word)
{
    size_t n = strlen(word);
    for (int i = 0; commands[i]; i++)
        if (strncmp(commands[i]->name, word, n) == 0 && commands[i]->name[n] == ' ')
            return 1;
    return 0;
}

static int fail_unknown_command(int argc, char **argv)
{
    if (begins_commands(argv[0])) {
        int asks = argc > 1 && is_help(argv[1]);
        FILE *out = asks ? stdout : stderr;
        fprintf(out,
                asks ? "usage: ouse %s COMMAND [OPTION…] [ARGUMENT…]\n\n"
                     : "ouse %s: one of these is meant:\n",
                argv[0]);
        print_commands(out, argv[0]);
        return asks ? CLI_OK : CLI_USAGE;
    }
    char words[COMMANDS_MAX][16];
    const char *names[COMMANDS_MAX];
    size_t n = 0;
    for (; commands[n] && n < COMMANDS_MAX; n++) {
        sscanf(commands[n]->name, "%15s", words[n]);
        names[n] = words[n];
    }
    const char *nearest = problem_nearest(ouse_s(argv[0]), names, n);
    if (nearest)
        fprintf(stderr, "ouse: there is no command \"%s\"; did you mean \"%s\"?\n", argv[0], nearest);
    else
        fprintf(stderr, "ouse: there is no command \"%s\"; \"ouse --help\" lists them\n", argv[0]);
    return CLI_USAGE;
}

/* ---- Reading the arguments --------------------------------------------------------- */

/* The words that are left to read. */
struct words {
    char **at;
    int n;
};

static int fail_usage(const struct cli *cli, const char *what, const char *which)
{
    fprintf(stderr, "ouse %s: %s%s; see \"ouse %s --help\"\n", cli->command->name, what, which,
            cli->command->name);
    return CLI_USAGE;
}

static int fail_unknown_option(const struct cli *cli, const char *name)
{
    const char *names[CLI_OPTIONS_MAX * 2];
    size_t n = 0;
    for (const struct cli_option *option = options_of(cli->command); option->name; option++)
        names[n++] = option->name;
    for (const struct cli_option *option = common; option->name; option++)
        names[n++] = option->name;
    const char *nearest = problem_nearest(ouse_s(name), names, n);
    if (!nearest)
        return fail_usage(cli, "there is no option --", name);
    fprintf(stderr, "ouse %s: there is no option --%s; did you mean --%s?\n", cli->command->name, name,
            nearest);
    return CLI_USAGE;
}

static int fail_choice(const struct cli *cli, const struct cli_option *option)
{
    fprintf(stderr, "ouse %s: --%s must be one of %s\n", cli->command->name, option->name, option->choices);
    return CLI_USAGE;
}

static int is_choice(const char *choices, const char *value)
{
    size_t n = strlen(value);
    while (*choices) {
        size_t length = strcspn(choices, " ");
        if (length == n && strncmp(choices, value, n) == 0)
            return 1;
        choices += length + (choices[length] == ' ');
    }
    return 0;
}

/* The option of that name (n bytes), or the row that ends the list. */
static const struct cli_option *find_option(const struct cli_option *list, const char *name, size_t n)
{
    while (list->name && (strlen(list->name) != n || strncmp(list->name, name, n) != 0))
        list++;
    return list;
}

static int add_set(struct cli *cli, const char *set)
{
    if (cli->n_sets == CLI_SETS_MAX)
        return fail_usage(cli, "too many of --set", "");
    cli->sets[cli->n_sets++] = set;
    return CLI_OK;
}

/* Keeps a common option: by its name in `common`. */
static int keep_common(struct cli *cli, const struct cli_option *option, char *value, struct arena *arena)
{
    if (strcmp(option->name, "config") == 0)
        cli->config = value;
    else if (strcmp(option->name, "data") == 0)
        return add_set(cli, arena_printf(arena, "data=%s", value).p);
    else if (strcmp(option->name, "set") == 0)
        return add_set(cli, value);
    return CLI_OK;
}

/* One option: "name" or "name=value", with the next word as its value. */
static int read_option(struct cli *cli, char *name, struct words *words, struct arena *arena)
{
    size_t n = strcspn(name, "=");
    char *value = name[n] ? name + n + 1 : NULL;
    const struct cli_option *own = options_of(cli->command), *option = find_option(own, name, n);
    int is_own = option->name != NULL;
    if (!is_own)
        option = find_option(common, name, n);
    if (!option->name)
        return fail_unknown_option(cli, name);
    if (option->value && !value) {
        if (words->n == 0)
            return fail_usage(cli, "a value is missing after --", option->name);
        value = *words->at++;
        words->n--;
    } else if (!option->value && value) {
        return fail_usage(cli, "this option has no value: --", option->name);
    }
    if (!is_own)
        return keep_common(cli, option, value, arena);
    if (option->choices && !is_choice(option->choices, value))
        return fail_choice(cli, option);
    cli->values[option - own] = value ? value : "";
    return CLI_OK;
}

/* Options and arguments may be mixed; after "--" all are arguments. */
static int read_words(struct cli *cli, struct words words, struct arena *arena)
{
    cli->arguments = arena_alloc(arena, ((size_t)words.n + 1) * sizeof *cli->arguments);
    int options = 1;
    while (words.n > 0) {
        char *word = *words.at++;
        words.n--;
        int status = CLI_OK;
        if (options && strcmp(word, "--") == 0)
            options = 0;
        else if (options && strcmp(word, "-c") == 0)
            status = read_option(cli, "config", &words, arena);
        else if (options && strncmp(word, "--", 2) == 0)
            status = read_option(cli, word + 2, &words, arena);
        else if (options && word[0] == '-' && word[1])
            status = fail_usage(cli, "there is no option ", word);
        else
            cli->arguments[cli->n_arguments++] = word;
        if (status != CLI_OK)
            return status;
    }
    if (cli->n_arguments < cli->command->least)
        return fail_usage(cli, "missing: ", cli->command->arguments);
    if (cli->command->most >= 0 && cli->n_arguments > cli->command->most)
        return fail_usage(cli, "too many arguments: ", cli->arguments[cli->command->most]);
    return CLI_OK;
}

/* Becomes another program, with these words. It lies next to this one. */
static int run_program(const char *program, char **words)
{
    struct arena arena = {0};
    char own[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", own, sizeof own);
    while (n > 0 && own[n - 1] != '/')
        n--;
    const char *path = arena_printf(&arena, "%.*s%s", n > 0 ? (int)n : 0, own, program).p;
    words[0] = (char *)(uintptr_t)path;
    execv(path, words);
    fprintf(stderr, "ouse: %s cannot be run: %s; it is installed next to ouse\n", path, strerror(errno));
    arena_finish(&arena);
    return CLI_FAILED;
}

static int run(const struct cli_command *command, const struct feature *const *features, struct words words)
{
    for (int i = 0; i < words.n && strcmp(words.at[i], "--") != 0; i++)
        if (strcmp(words.at[i], "--help") == 0 || strcmp(words.at[i], "-h") == 0)
            return print_command_help(command);
    struct arena arena = {0};
    struct cli cli = {.command = command, .features = features};
    int status = read_words(&cli, words, &arena);
    if (status == CLI_OK)
        status = command->run(&cli);
    arena_finish(&arena);
    return status;
}

int cli_main(int argc, char **argv, const struct cli_command *const *listed,
             const struct feature *const *features)
{
    commands = listed;
    if (sodium_init() < 0) {
        fputs("ouse: libsodium cannot be set up\n", stderr);
        return CLI_FAILED;
    }
    argc--, argv++;
    if (argc == 0) {
        print_help(stderr);
        return CLI_USAGE;
    }
    if (is_help(argv[0])) {
        print_help(stdout);
        return CLI_OK;
    }
    for (int i = 0; commands[i]; i++) {
        int words = matches(commands[i], argc, argv);
        if (words &&
            commands[i]->program) /* the first word, which is its folder of commands, becomes its name */
            return run_program(commands[i]->program, argv);
        if (words)
            return run(commands[i], features, (struct words){argv + words, argc - words});
    }
    return fail_unknown_command(argc, argv);
}

/* ---- For the commands -------------------------------------------------------------- */

ouse_rc cli_open(const struct cli *cli, uint32_t parts, struct server_register *opened)
{
    const struct server_choice choice = {cli->config, cli->sets, cli->n_sets, cli->features};
    return server_open(&choice, parts, opened);
}

const char *cli_value(const struct cli *cli, const char *option)
{
    const struct cli_option *own = options_of(cli->command);
    return cli->values[find_option(own, option, strlen(option)) - own];
}

/* Of a row of a file: "hubs.csv:12: /name: is required (row 10, column "Name")". */
static void print_error(const struct problem_error *error)
{
    struct ouse_str pointer = error->pointer;
    int in_row = 0; /* bytes of "/rows/10" */
    if (error->row) {
        fprintf(stderr, "%.*s:%u: ", OUSE_F(error->file), error->line);
        in_row = snprintf(NULL, 0, "/rows/%u", error->row);
    }
    fprintf(stderr, "%.*s%s%.*s", (int)pointer.n - in_row, pointer.p + in_row,
            pointer.n > (uint32_t)in_row ? ": " : "", OUSE_F(error->detail));
    if (error->row != error->line)
        fprintf(stderr, " (row %u)", error->row);
    if (error->column.n && !memmem(pointer.p, pointer.n, error->column.p, error->column.n))
        fprintf(stderr, " (column \"%.*s\")", OUSE_F(error->column));
    fputc('\n', stderr);
}

int cli_fail(const struct problem *problem)
{
    uint32_t n = problem_told(problem);
    int is_its_error = n == 1 && ouse_same(problem->detail, problem->errors[0].detail);
    if (problem->detail.p && !is_its_error)
        fprintf(stderr, "%.*s\n", OUSE_F(problem->detail));
    for (uint32_t i = 0; i < n; i++)
        print_error(&problem->errors[i]);
    if (problem->n_errors > n)
        fprintf(stderr, "and %u more\n", problem->n_errors - n);
    if (!problem->detail.p && n == 0)
        fprintf(stderr, "%s\n", problem_kind(problem->rc)->title);
    return CLI_FAILED;
}
