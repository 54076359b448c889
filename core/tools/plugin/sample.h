/* sample: records made up from a declaration alone.
 *
 * The n-th specimen of a collection has other values than the others, as far as its fields allow:
 * texts and identifiers differ, years do not overlap, choices take turns. The requirements of a
 * plugin's rules are not in its declaration, so a rejected specimen is tried again without the
 * field of the error. */
#ifndef PLUGIN_SAMPLE_H
#define PLUGIN_SAMPLE_H

#include "sandbox.h"

struct specimen {
    cJSON *document; /* as it was taken; lives as long as the probe */
    struct ouse_str id;
    struct answer answer; /* to its creation; if all were rejected, to the last one */
};

/* Creates one (or tries to, where it is a dry run). 0, or -1 where all were refused. */
int specimen_create(struct trial *trial, const struct collection *collection, uint32_t n, int dry_run,
                    struct specimen *specimen);

/* Creates some of every collection that clients may create records of, as far as it goes. */
void specimen_fill(struct trial *trial);

/* Returns the id of one of the records of a collection, or no text. */
struct ouse_str specimen_id(struct trial *trial, const struct collection *collection, uint32_t n);

#endif
