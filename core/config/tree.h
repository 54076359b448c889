/* tree: the settings of a file and of --set, by section and key, as text.
 *
 *     key = value            a setting of the server
 *     key = {value, value}   a list
 *     PLUGIN { key = value } settings of a plugin
 *
 * The tree knows the syntax and one name, the key that has a list; which keys and
 * sections there are is for the callers to check. Every mistake of syntax is
 * reported, each with its line and the correct form.
 */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "setting.h"
#include "source.h"

#define TREE_PIN "sha256" /* a key that every section has */

/* One key that is set. */
struct tree_entry {
    const char *section; /* NULL: the top level */
    const char *key, *origin;
    int line; /* in the file; 0: of --set */
    struct setting *values;
    uint32_t n, room;
};

struct tree_section {
    const char *name, *origin;
    int line;
};

struct tree {
    struct arena *arena;
    struct tree_entry *entries;
    uint32_t n, room;
    struct tree_section *sections; /* in the order in which they were met */
    uint32_t n_sections, room_sections;
};

/* Reads the source's text, then its sets, into a tree that lives as long as the arena. `list` is
 * the key that has several values. Returns OUSE_E_INVALID, with all mistakes of syntax, if there
 * are any. */
ouse_rc tree_read(struct arena *arena, const struct source *source, const char *list, struct tree **tree,
                  struct problem *problem);

/* Returns value i of a key, or NULL if it is missing; section NULL is the top level. */
const struct setting *tree_get(const struct tree *tree, const char *section, const char *key, uint32_t i);

#endif
