/* features: the tables of the features. main.c lists those that a program has; no other file names them. */
#ifndef FEATURES_FEATURES_H
#define FEATURES_FEATURES_H

#include "../api/feature.h"

extern const struct feature feature_aggregate;   /* count, facet, group, sum; GET …/-/summary */
extern const struct feature feature_expand;      /* expand: the records that those of a page refer to */
extern const struct feature feature_history;     /* GET …/ID/revisions */
extern const struct feature feature_bulk;        /* CSV and NDJSON, whole lists, POST /-/import */
extern const struct feature feature_feed;        /* GET /-/changes, as pages and as events */
extern const struct feature feature_batch;       /* POST /-/batch */
extern const struct feature feature_idempotency; /* Idempotency-Key */
extern const struct feature feature_accounts;    /* /sign-in, /account, GET /-/whoami */
extern const struct feature feature_search;      /* ouse_search, for plugins */

#endif
