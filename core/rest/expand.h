/* expand: the records that those of a page refer to, one or two steps away.
 *
 *     expand=leads,pillar.hub   ──>  "included":{"people/ann":{…},"pillars/p":{…},"hubs/h":{…}}
 *
 * Each once, at most EXPAND_RECORDS, in the order in which they come up. What the
 * caller may not see stays out; a field that he may not see is none.
 */
#ifndef REST_EXPAND_H
#define REST_EXPAND_H

#include "question.h"

#define EXPAND_PATHS   8
#define EXPAND_RECORDS 100

struct expansion {
    const struct question *question;
    struct txn *txn;
    struct expand_path {
        const struct field *field;
        struct ouse_str then; /* the field of the second step; no text: there is none */
    } paths[EXPAND_PATHS];
    uint32_t n_paths;
    struct expanded {
        struct record record;
        uint32_t walked; /* bits of the paths whose second step was taken from it */
    } included[EXPAND_RECORDS];
    uint32_t n;
    int cut; /* there were more */
};

/* Reads the paths of a parameter of the question. */
ouse_rc expand_read(const struct question *question, uint32_t parameter, struct expansion *expansion);

/* Adds what one record of the page refers to. */
ouse_rc expand_add(struct expansion *expansion, const struct record *record);

/* {"people/ann":{…}, …} */
ouse_rc expand_write(const struct expansion *expansion, struct buffer *out);

#endif
