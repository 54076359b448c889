/* people: see people.c. */
#ifndef API_PEOPLE_H
#define API_PEOPLE_H

#include "../record/label.h"
#include "query_params.h"

/* The source of labels. */
struct people {
    const struct records *records;
    struct txn *txn;
    uint32_t role;
    int64_t as_of;
    struct arena *arena;
};

/* The labels that are read into an arena; valid as long as `people`. */
struct label_source people_labels(struct people *people, struct arena *arena);

/* Returns 400 if the request has `for=people` and the format does not support it. */
ouse_rc people_choose(const struct question *question, const struct rest_format *format);

/* Names the file that a browser saves, if it is for people: "projects-2026-01-31.csv". */
void people_name(const struct question *question, struct ouse_str name, struct http_reply *reply);

#endif
