/* query_params: parses the query of a request.
 *
 *     ?pillar=safeguarding&sort=-updated&limit=20     a filter, and named parameters
 *
 * A path accepts some of the parameters of the API (one table, in query_params.c), and the filters
 * of its collection, if it has one. Nothing is ignored: any other parameter, and a repeated one, is
 * 400, with a suggestion and the list of the known ones. */
#ifndef API_QUERY_PARAMS_H
#define API_QUERY_PARAMS_H

#include "resource.h"

enum { QUESTION_PARAMS = 20, QUESTION_EXTRAS = 4 };

/* Paths of the kernel that take parameters of features. */
#define PARAM_ON_LIST   0x1u
#define PARAM_ON_RECORD 0x2u

/* Representations other than JSON that have no place for a parameter. */
#define PARAM_NOT_IN_PAGES   0x1u
#define PARAM_NOT_IN_WHOLE   0x2u /* lists without pages */
#define PARAM_NOT_IN_RECORDS 0x4u

/* A parameter that is not a filter. Without a name it represents the parameters of features with
 * these `on`. */
struct question;
struct api_param {
    const char *name;
    ouse_rc (*read)(struct question *question, struct ouse_str text); /* NULL: the handler reads the value */
    uint32_t on;                                                      /* of a feature: PARAM_ON_… */
    uint32_t not_in;                                                  /* PARAM_NOT_IN_… */
    const char *word; /* its only value if the collection has a field of its name, which is a filter else;
                         NULL: any */
};

/* Those of the kernel. */
extern const struct api_param param_limit, param_cursor, param_sort, param_fields, param_as_of, param_dry_run,
    param_for;

struct page_part;

struct question {
    struct http_request *request;
    const struct resource *resource;      /* of its records; NULL: no records */
    const struct rest *rest;              /* of a list of the register as a whole; NULL: resource->rest */
    const struct api_param *const *takes; /* ended by NULL */
    int filters;                          /* it takes the filters of the resource, too */

    struct http_parameter came[HTTP_PARAMETERS];
    uint32_t n_came;
    struct {
        const struct api_param *param;
        struct ouse_str value; /* no text where it did not come */
    } params[QUESTION_PARAMS]; /* all that it takes */
    uint32_t n_params;

    struct query query; /* of filters, sort, cursor, as_of */
    uint64_t limit;
    int dry_run;
    int cut;                     /* a budget ended the page early */
    struct selection *selection; /* of fields; NULL: all */
    struct {
        const struct page_part *part;
        void *state;
    } extras[QUESTION_EXTRAS]; /* parts of the page from features */
    uint32_t n_extras;
};

/* Reads the query of a request. The members up to `filters` are set, all others zero. */
ouse_rc question_read(struct question *question);

/* Returns 400 if the query is not empty. */
ouse_rc question_none(struct http_request *request);

/* Returns the value that was given for a parameter; no text if it was not given. */
struct ouse_str question_value(const struct question *question, const struct api_param *param);

/* Returns the state of a feature for its part of the page: `size` bytes, zero at first. */
void *question_extra(struct question *question, const struct page_part *part, size_t size);

/* 400 for parameters that a format has no place for; `where`: PARAM_NOT_IN_…. */
ouse_rc question_only_json(const struct question *question, const struct rest_format *format, uint32_t where);

/* 400 for a word of a parameter that is not one of those it takes. */
ouse_rc question_refuse(const struct question *question, const char *param, struct ouse_str word,
                        const char *const *known, uint32_t n);

/* The fields that the value of a parameter names; 400 for one that does not fit. */
ouse_rc question_fields(const struct question *question, struct ouse_str list, const char *param,
                        field_fits fits, const struct field **fields, uint32_t room, uint32_t *n);

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

/* Runs the extras of a question. */
ouse_rc extras_open(struct question *question, struct txn *txn);
ouse_rc extras_record(const struct question *question, struct txn *txn, const struct record *record);
void extras_page(const struct question *question, struct buffer *out);
ouse_rc extras_body(const struct question *question, struct txn *txn, struct buffer *out);

#endif
