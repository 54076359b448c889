/* tree: see tree.h. A value in libconfuse's tree is a pointer to a struct
 * setting, made when the scanner stands on its line.
 *
 * Sections are found by reading: an unknown name at the top level is taken for
 * a section and the file is read again, until all names are known. A name that
 * turns out not to open a section is a mistyped key.
 */
#include "tree.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>

enum { SECTIONS = 512, MESSAGE = 512 };

struct tree {
    struct arena *arena;
    /* While it is read: */
    const struct source *source;
    const struct tree_names *names;
    struct problem *problem;
    const char *set; /* that is applied, or NULL */
    cfg_t *root;
    uint32_t n_sections;
    const char *sections[SECTIONS], *origins[SECTIONS];
};

/* The tree that is being read: libconfuse's callbacks carry no argument. */
static struct tree *reading;

static const char *origin_of(const cfg_t *cfg)
{
    if (reading->set)
        return "--set";
    return arena_printf(reading->arena, "%s:%d", reading->source->file, cfg->line).p;
}

static int has_section(const struct tree *tree, const char *name)
{
    for (uint32_t i = 0; i < tree->n_sections; i++)
        if (strcmp(tree->sections[i], name) == 0)
            return 1;
    return 0;
}

static void add_section(struct tree *tree, const char *name, const char *origin)
{
    if (has_section(tree, name))
        return;
    if (tree->n_sections == SECTIONS) {
        problem_fail(tree->problem, OUSE_E_INVALID, "%s: more than %d sections", origin, SECTIONS);
        return;
    }
    tree->sections[tree->n_sections] = arena_copy(tree->arena, ouse_s(name)).p;
    tree->origins[tree->n_sections++] = origin;
}

static void fail_unknown(const cfg_t *cfg, const char *name)
{
    const char **known = arena_alloc(reading->arena, (cfg_num((cfg_t *)cfg) + 1) * sizeof *known);
    size_t n = 0;
    for (const cfg_opt_t *opt = cfg->opts; opt && opt->name; opt++)
        if (strcmp(opt->name, name) != 0)
            known[n++] = opt->name;
    const char *nearest = problem_nearest(ouse_s(name), known, n);
    struct ouse_str key =
        cfg == reading->root ? ouse_s(name) : arena_printf(reading->arena, "%s.%s", cfg->name, name);
    if (nearest)
        problem_fail(reading->problem, OUSE_E_INVALID, "%s: unknown key \"%.*s\"; did you mean \"%s\"?",
                     origin_of(cfg), OUSE_F(key), nearest);
    else if (cfg == reading->root)
        problem_fail(
            reading->problem, OUSE_E_INVALID,
            "%s: unknown key \"%s\"; an option of a plugin belongs into its section: PLUGIN { %s = … }",
            origin_of(cfg), name, name);
    else
        problem_fail(reading->problem, OUSE_E_INVALID, "%s: unknown key \"%.*s\"", origin_of(cfg),
                     OUSE_F(key));
}

static int starts(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* libconfuse's report. Two of its messages, known by their formats, mean
 * something else here; each has the name as its one argument. */
__attribute__((format(printf, 2, 0))) static void on_error(cfg_t *cfg, const char *format, va_list args)
{
    char message[MESSAGE];
    if (starts(format, "no such option")) {
        const char *name = va_arg(args, const char *);
        if (cfg == reading->root && !reading->set)
            add_section(reading, name, origin_of(cfg));
        else if (!(cfg->flags & CFGF_KEYSTRVAL))
            fail_unknown(cfg, name);
    } else if (starts(format, "missing opening brace for section")) {
        fail_unknown(cfg, va_arg(args, const char *));
    } else {
        vsnprintf(message, sizeof message, format, args);
        problem_fail(reading->problem, OUSE_E_INVALID, "%s: %s", origin_of(cfg), message);
    }
}

static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
    (void)opt;
    struct setting *setting = arena_zero(reading->arena, sizeof *setting);
    setting->origin = origin_of(cfg);
    setting->section = cfg == reading->root ? NULL : arena_copy(reading->arena, ouse_s(cfg->name)).p;
    setting->text = arena_copy(reading->arena, ouse_s(text)).p;
    setting->in_file = !reading->set;
    *(struct setting **)result = setting;
    return 0;
}

static cfg_opt_t key_opt(const char *name, cfg_flag_t flags)
{
    cfg_opt_t opt = CFG_PTR_CB(name, NULL, CFGF_NODEFAULT | flags, on_value, NULL);
    return opt;
}

static cfg_opt_t section_opt(struct tree *tree, const char *name)
{
    const struct tree_names *names = tree->names;
    int known = names->section && strcmp(name, names->section) == 0;
    uint32_t n = known ? names->n_inner : 0;
    cfg_opt_t *inner = arena_zero(tree->arena, (n + 2) * sizeof *inner); /* ends with a zeroed one */
    inner[0] = key_opt(TREE_PIN, CFGF_NONE);
    for (uint32_t i = 0; i < n; i++)
        inner[i + 1] = key_opt(names->inner[i], CFGF_NONE);
    cfg_opt_t opt = CFG_SEC(name, inner, known ? CFGF_NONE : CFGF_KEYSTRVAL);
    return opt;
}

static cfg_t *make_root(struct tree *tree)
{
    const struct tree_names *names = tree->names;
    uint32_t n = 0;
    cfg_opt_t *opts = arena_zero(tree->arena, (names->n_keys + tree->n_sections + 1) * sizeof *opts);
    for (uint32_t i = 0; i < names->n_keys; i++)
        opts[n++] = key_opt(names->keys[i], strcmp(names->keys[i], names->list) == 0 ? CFGF_LIST : CFGF_NONE);
    for (uint32_t i = 0; i < tree->n_sections; i++)
        opts[n++] = section_opt(tree, tree->sections[i]);
    cfg_t *root = cfg_init(opts, CFGF_NONE);
    if (!root)
        abort(); /* no memory */
    cfg_set_error_function(root, on_error);
    return root;
}

static void set_list(struct tree *tree, cfg_opt_t *opt, char *values)
{
    char **words = arena_alloc(tree->arena, (strlen(values) + 1) * sizeof *words), *word;
    unsigned n = 0;
    while ((word = strtok_r(values, ", ", &values)))
        words[n++] = word;
    if (n == 0)
        cfg_free_value(opt);
    else
        cfg_opt_setmulti(tree->root, opt, n, words);
}

/* A key in a section is written with a dot. */
static ouse_rc apply_set(struct tree *tree, const char *set)
{
    char *name = (char *)arena_copy(tree->arena, ouse_s(set)).p, *value = strchr(name, '=');
    if (!value)
        return problem_fail(tree->problem, OUSE_E_INVALID,
                            "--set: \"%s\" is not of the form key=value or plugin.key=value", set);
    *value++ = '\0';
    char *dot = strchr(name, '.');
    if (dot)
        *dot = '\0';
    cfg_t *within = dot ? cfg_getsec(tree->root, name) : tree->root;
    if (within)
        cfg_set_error_function(within, on_error); /* a section that is not in the file has none */
    cfg_opt_t *opt = within ? cfg_getopt(within, dot ? dot + 1 : name) : NULL;
    if (opt && opt->type == CFGT_SEC)
        problem_fail(tree->problem, OUSE_E_INVALID, "--set: %s is a plugin; write %s.key=value", name, name);
    else if (opt && opt->flags & CFGF_LIST)
        set_list(tree, opt, value);
    else if (opt)
        cfg_setopt(within, opt, value);
    return tree->problem->rc;
}

static ouse_rc apply_sets(struct tree *tree)
{
    for (uint32_t i = 0; i < tree->source->n_sets && !tree->problem->rc; i++) {
        tree->set = tree->source->sets[i];
        apply_set(tree, tree->set);
    }
    tree->set = NULL;
    return tree->problem->rc;
}

/* Sections that perhaps only a set speaks of. */
static void find_sections_of_sets(struct tree *tree)
{
    for (uint32_t i = 0; i < tree->source->n_sets; i++) {
        const char *set = tree->source->sets[i];
        size_t name = strcspn(set, ".=");
        if (set[name] == '.')
            add_section(tree, arena_printf(tree->arena, "%.*s", (int)name, set).p, "--set");
    }
}

static void free_root(void *root)
{
    cfg_free(root);
}

/* Reads the text again as long as that brings to light further sections. */
static ouse_rc read_text(struct tree *tree)
{
    for (;;) {
        uint32_t known = tree->n_sections;
        tree->root = make_root(tree);
        if (cfg_parse_buf(tree->root, tree->source->text) == CFG_SUCCESS)
            return OUSE_OK;
        cfg_free(tree->root);
        if (tree->problem->rc || tree->n_sections == known)
            return problem_fail(tree->problem, OUSE_E_INVALID, "%s: it cannot be read", tree->source->file);
    }
}

ouse_rc tree_read(struct arena *arena, const struct source *source, const struct tree_names *names,
                  struct tree **tree, struct problem *problem)
{
    struct tree *made = reading = arena_zero(arena, sizeof *made);
    *made = (struct tree){.arena = arena, .source = source, .names = names, .problem = problem};
    find_sections_of_sets(made);
    if (read_text(made) != OUSE_OK)
        return problem->rc;
    arena_defer(arena, free_root, made->root);
    if (apply_sets(made) != OUSE_OK)
        return problem->rc;
    *tree = made;
    return OUSE_OK;
}

const struct setting *tree_get(const struct tree *tree, const char *section, const char *key, uint32_t i)
{
    if (section && !has_section(tree, section))
        return NULL;
    cfg_t *within = section ? cfg_getsec(tree->root, section) : tree->root;
    cfg_opt_t *opt = cfg_getopt(within, key);
    return opt && i < cfg_opt_size(opt) ? cfg_opt_getnptr(opt, i) : NULL;
}

const char *tree_section(const struct tree *tree, uint32_t i, const char **origin)
{
    if (i >= tree->n_sections)
        return NULL;
    *origin = tree->origins[i];
    return tree->sections[i];
}
