/* question: what a list or a summary is asked, from the parameters of the request. */
#ifndef REST_QUESTION_H
#define REST_QUESTION_H

#include "resource.h"

#define QUESTION_NAMES 8

struct question {
    const struct resource *resource;
    struct http_request *request;
    const char *const *names; /* of parameters that are no filters */
    uint32_t n_names;
    struct ouse_str values[QUESTION_NAMES]; /* theirs; no text where there is none */
    struct query query;                     /* of the filters */
};

/* Reads parameters, with the first four members set. Nothing is ignored: 400. */
ouse_rc question_read(struct question *question, const struct http_parameter *parameters, uint32_t n);

/* Leave to look at more than a page costs, for a request: such questions have a lane. */
ouse_rc question_enter(void *request);

/* Takes the next word off a list with commas; 0 at the end. A list of no text has none. */
int question_word(struct ouse_str *list, struct ouse_str *word);

/* 400 for a word of a parameter that is not one of those it takes. */
ouse_rc question_refuse(const struct question *question, uint32_t parameter, struct ouse_str word,
                        const char *const *known, uint32_t n);

/* Whether a field serves for something, for a caller of `role`. */
typedef int (*field_fits)(const struct collection *collection, const struct field *field, uint32_t role);

/* The fields that a parameter names; 400 for one that does not fit. */
ouse_rc question_fields(const struct question *question, uint32_t parameter, field_fits fits,
                        const struct field **fields, uint32_t room, uint32_t *n);

/* The members that a parameter names, beside id and meta; untouched where there is none. */
ouse_rc selection_read(const struct question *question, uint32_t parameter, struct selection **selection);

#endif
