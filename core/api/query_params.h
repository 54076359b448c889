/* query_params: parses the query of a request.
 *
 *     ?pillar=safeguarding&sort=-updated&limit=20     a filter, and named parameters
 *
 * A path accepts some of the parameters of the API (one table, in query_params.c), and the filters
 * of its collection or none. Nothing is ignored: any other parameter, and a repeated one, is 400,
 * with a suggestion and the list of the known ones. */
#ifndef API_QUERY_PARAMS_H
#define API_QUERY_PARAMS_H

#include "../features/aggregate/aggregate.h"
#include "resource.h"

enum parameter {
    ASK_SINCE,
    ASK_BEFORE,
    ASK_LIMIT,
    ASK_CURSOR,
    ASK_SORT,
    ASK_COUNT,
    ASK_FIELDS,
    ASK_FACET,
    ASK_EXPAND,
    ASK_GROUP,
    ASK_SUM,
    ASK_AS_OF,
    ASK_FOR,
    ASK_COLLECTION,
    ASK_MODE,
    ASK_MATCH,
    ASK_REFERENCES,
    ASK_MAP,
    ASK_DIFF,
    ASK_DRY_RUN,
    ASK_FROM, /* of a summary of changes: its `since`, */
    ASK_UNTIL,
    ASK_TYPE,
    ASK_COUNTS, /* and its `count` */
    ASK_PARAMETERS,
    ASK_FILTERS = ASK_PARAMETERS
};

#define QUESTION_FACETS 8

struct question {
    struct http_request *request;
    const struct resource *resource; /* of its records; NULL: no records */
    const struct rest *rest;         /* of a list of the register as a whole; NULL: resource->rest */
    uint32_t takes;                  /* bits of enum parameter */

    struct http_parameter came[HTTP_PARAMETERS];
    uint32_t n_came;
    struct ouse_str values[ASK_PARAMETERS]; /* no text where it did not come */

    struct query query; /* of filters, sort, cursor, as_of */
    uint64_t limit, since, before, diff;
    int dry_run;
    int cut;                                   /* a budget ended the page early */
    struct selection *selection;               /* of fields; NULL: all */
    struct expansion *expansion;               /* NULL: no expansion */
    struct tally tallies[1 + QUESTION_FACETS]; /* all records, then those by each facet, or by the group */
    uint32_t n_tallies;
    int few, many; /* to be counted where that costs little; and it costs more, so nothing was counted */
};

/* Reads the query of a request, with the first three members set and all others zero. */
ouse_rc question_read(struct question *question);

/* Returns 400 if the query is not empty. */
ouse_rc question_none(struct http_request *request);

/* 400 for parameters, as bits, that a format other than JSON has no place for. */
ouse_rc question_only_json(const struct question *question, const struct rest_format *format, uint32_t bits);

/* 400 for a word of a parameter that is not one of those it takes. */
ouse_rc question_refuse(const struct question *question, enum parameter parameter, struct ouse_str word,
                        const char *const *known, uint32_t n);

/* The fields that a parameter names; 400 for one that does not fit. */
ouse_rc question_fields(const struct question *question, enum parameter parameter, field_fits fits,
                        const struct field **fields, uint32_t room, uint32_t *n);

/* ---- Readers of parameters, each in the file that answers it ---------------------- */

ouse_rc page_read(struct question *question, struct ouse_str text);      /* cursor: page.c */
ouse_rc selection_read(struct question *question, struct ouse_str text); /* fields: fields.c */
ouse_rc expansion_read(struct question *question, struct ouse_str text); /* expand: expand.c */
ouse_rc count_read(struct question *question, struct ouse_str text);     /* summary.c */
ouse_rc facet_read(struct question *question, struct ouse_str text);
ouse_rc group_read(struct question *question, struct ouse_str text);
ouse_rc sum_read(struct question *question, struct ouse_str text);
ouse_rc people_read(struct question *question, struct ouse_str text); /* for: people.c */

/* Returns the collection with the selected fields, and without sources if these are not selected:
 * for formats whose rows have a column for each. */
const struct collection *selection_columns(const struct question *question);

/* ---- page.c ------------------------------------------------------------------------ */

/* Returns 400 for a cursor that does not belong to the list. */
ouse_rc page_refuse(struct http_request *request);

/* Returns the parameters that identify the list: "state=open&sort=-updated". */
struct ouse_str page_query(const struct question *question);

/* The address of the page that begins at a cursor (no text: of the first), at a path. */
struct ouse_str page_address(const struct question *question, struct ouse_str path, struct ouse_str cursor);

/* Returns the cursor after `last`; no text if `last` is no text. */
struct ouse_str page_next(const struct question *question, struct ouse_str last);

/* Writes {"limit":50,"next":"…","count":7}; the next page begins after `last`, and there is none if
 * that is no text. Adds it to the reply's Link too. "cut":true if a budget ended the page early. */
void page_write(const struct question *question, struct ouse_str last, struct http_reply *reply,
                struct buffer *out);

/* ---- expand.c: the records that those of a page refer to, one or two steps away ------ */

/* Adds the targets of one record of the page, if the request has `expand`. */
ouse_rc expand_add(const struct question *question, struct txn *txn, const struct record *record);

/* ,"included":{"people/ann":{…}, …} */
ouse_rc expand_write(const struct question *question, struct txn *txn, struct buffer *out);

/* Whether there were more than find room. */
int expand_is_cut(const struct question *question);

/* ---- summary.c ------------------------------------------------------------------------ */

/* Computes the requested counts. */
ouse_rc counts_make(struct question *question, struct txn *txn);

/* All records. */
uint64_t counts_all(const struct question *question);

/* ,"facets":{"state":{"open":5}}: values as texts, those with most records first. */
void counts_write(struct question *question, struct buffer *out);

#endif
