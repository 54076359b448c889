/* mustache_program: the compiled form of a template.
 *
 *     <ul>{{#rows}}<li>{{label}}</li>{{/rows}}</ul>
 *
 *     0 TEXT "<ul>"
 *     1 SECTION rows, past 5
 *     2   TEXT "<li>"
 *     3   VARIABLE label
 *     4   TEXT "</li>"
 *     5 TEXT "</ul>"
 */
#ifndef SITE_MUSTACHE_PROGRAM_H
#define SITE_MUSTACHE_PROGRAM_H

#include "mustache.h"

enum mustache_op { TEXT, VARIABLE, RAW, SECTION, INVERTED, PARTIAL };

struct mustache_step {
    enum mustache_op op;
    uint32_t past;        /* SECTION, INVERTED: the step after its end */
    struct ouse_str text; /* TEXT: a slice of the source; PARTIAL: the white space before it */
    const char *name;     /* "a\0b\0" for {{a.b}}; "" for {{.}}; of a PARTIAL */
    uint32_t pieces;      /* of the name; 0 for {{.}} */
    int begins;           /* a line of the template begins with this step */
    int alone;            /* PARTIAL: there is nothing else in its line */
    int program;          /* PARTIAL: its number, or -1 */
};

struct mustache_template {
    char *name;
    char *source;
    char *names; /* of all steps, in order */
    struct mustache_step *steps;
    uint32_t n_steps;
};

struct mustache {
    struct mustache_template *templates;
    uint32_t n;
};

#endif
