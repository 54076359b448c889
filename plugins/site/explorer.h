/* explorer: the operations of the API, one page per group, made from the document of the plugin
 * openapi for the same caller. */
#ifndef SITE_EXPLORER_H
#define SITE_EXPLORER_H

#include "view.h"

struct explorer {
    struct view *view;
    struct ouse_ctx *ctx;
    const struct ouse_doc *document; /* OpenAPI of one group */
};

/* One entry of a path: the operation of a method. */
struct operation {
    struct ouse_str path, method;
    const struct ouse_doc *says;
};

static inline int operation_reads(const struct operation *operation)
{
    return ouse_is(operation->method, "get");
}

/* As the template explorer-group has them: README.md. */
struct ouse_doc *explorer_operation(const struct explorer *e, const struct operation *is);
struct ouse_doc *explorer_answer(const struct explorer *e, struct ouse_str status,
                                 const struct ouse_doc *answer);

#endif
