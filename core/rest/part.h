/* part: what is asked of a single record beside the record: some of its fields only,
 * and what it refers to.
 *
 *     GET /projects/ageing-well?fields=title,leads&expand=leads,pillar.hub
 *     {"id":…,"title":…,"leads":[…],"meta":{…},"included":{"people/ann":{…},…}}
 */
#ifndef REST_PART_H
#define REST_PART_H

#include "expand.h"

struct part {
    struct question question;
    struct expansion expansion;
    struct selection *selection; /* NULL: all fields */
};

/* Reads the parameters of a request for a record: *part is NULL where all of it is asked for,
 * *as_of 0 where it is as it is. */
ouse_rc part_read(const struct resource *resource, const struct rest_format *format,
                  struct http_request *request, struct part **part, int64_t *as_of);

/* The record as it was asked for. Its tag is of this part of it: it is none of the whole. */
ouse_rc part_represent(struct part *part, struct txn *txn, const struct record *record,
                       struct representation *representation);

#endif
