/* setting: the text of one setting, read as the type of its option.
 *
 * The keys of the core and the options of plugins are rows of the same kind, struct ouse_option, so
 * that one reader serves both and reports a bad value in the same way: its place, the accepted
 * values, and the value. A value marked OUSE_SECRET is never repeated. */
#ifndef CONFIG_SETTING_H
#define CONFIG_SETTING_H

#include "../base/error.h"
#include <ouse/plugin.h>

/* One setting as it was written. */
struct setting {
    const char *origin;  /* "conf/ouse.conf:12", "--set", "the default of hubs.so" */
    const char *section; /* the plugin of the option; NULL for a key of the core */
    const char *text;
    int in_file; /* it stands in the config file */
};

/* Bytes that a value of this type takes in the struct; 0 for a type that this
 * host does not know. */
uint32_t value_size(uint32_t type);

/* "text", "duration", …; NULL for a type that this host does not know. */
const char *value_type(uint32_t type);

/* Puts the value into the struct at option->offset; text is copied into `keep`.
 * OUSE_E_INVALID with one line otherwise. The type must be known. */
ouse_rc value_set(const struct ouse_option *option, const struct setting *setting, void *self,
                  struct arena *keep, struct problem *problem);

/* Returns the value in the struct as it is written in a file: "16GiB"; "(set)" for a secret; no
 * text if it is unset. */
struct ouse_str value_show(const struct ouse_option *option, const void *self, struct arena *arena);

/* Whether two structs have the same value of the option. */
int value_same(const struct ouse_option *option, const void *a, const void *b);

/* Copies the value of the option from one struct to another. */
void value_copy(const struct ouse_option *option, void *to, const void *from);

#endif
