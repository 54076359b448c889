/* tree: the settings of a file and of --set, by section and key, as text.
 *
 * The only code that knows libconfuse. That library wants every name before it
 * reads; but which sections there are depends on the plugins, and which keys
 * they have is known when those are loaded. So a tree is read with the keys of
 * the top level and, when they are known, those of one section; every other
 * section is taken as it comes.
 */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "source.h"
#include "value.h"

#define TREE_PIN "sha256" /* a key that every section has */

/* What may be in the file. */
struct tree_names {
    const char *const *keys; /* of the top level */
    uint32_t n_keys;
    const char *list;         /* the one key of them that has several values */
    const char *section;      /* the section whose keys are known; or NULL */
    const char *const *inner; /* its keys, without TREE_PIN */
    uint32_t n_inner;
};

struct tree;

/* Reads the source's text, then its sets. The tree lives as long as the arena.
 * OUSE_E_INVALID names the line, and the nearest name for an unknown one. */
ouse_rc tree_read(struct arena *arena, const struct source *source, const struct tree_names *names,
                  struct tree **tree, struct problem *problem);

/* Value i of a key; section NULL is the top level. NULL when there is none.
 * The key was among the names. */
const struct setting *tree_get(const struct tree *tree, const char *section, const char *key, uint32_t i);

/* Section i of those that the file or a set has; origin is where it was met
 * first. NULL at the end. */
const char *tree_section(const struct tree *tree, uint32_t i, const char **origin);

#endif
