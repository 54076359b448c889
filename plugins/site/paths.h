/* paths: filters of a list by what its records belong to: see paths.c. */
#ifndef SITE_PATHS_H
#define SITE_PATHS_H

#include "model.h"

/* Memory that lasts as long as the model. */
struct paths_memory {
    const char *(*keep)(void *arg, struct ouse_str text);
    void *(*take)(void *arg, size_t n);
    void *arg;
};

/* Finds the paths of all collections of a model. */
void paths_find(struct ouse_ctx *ctx, struct model *model, const struct paths_memory *memory);

#endif
