/* source: the configuration before it is parsed: a file, and the settings of --set, which take
 * precedence. */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include "../base/error.h"

#define SOURCE_MAX (1 << 20) /* bytes of a config file */

struct source {
    const char *file; /* NULL: no file */
    const char *text; /* of the file; "" without a file */
    const char *const *sets;
    uint32_t n_sets;
};

/* Reads the file into source->text. A byte order mark is reported, and the text after it is
 * returned, so that further mistakes can be reported too; a file that is no UTF-8 text is
 * OUSE_E_INVALID. */
ouse_rc source_read(struct arena *arena, struct source *source, struct problem *problem);

#endif
