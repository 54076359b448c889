/* people: the option `?for=people` of formats of rows: labels in place of ids.
 *
 *     GET /projects.csv?for=people&state=active
 */
#include "people.h"
#include "../base/clock.h"

enum { MERGE_HOPS = 8 };

static int find(void *arg, const char *collection, struct ouse_str id, struct record *record)
{
    const struct people *people = arg;
    const struct collection *of = schema_find_renamed(records_schema(people->records), ouse_s(collection));
    ouse_rc rc = of && of->is.visibility <= people->role ? OUSE_OK : OUSE_E_NOT_FOUND;
    for (int hop = 0; !rc && hop < MERGE_HOPS; hop++, id = record->into) {
        rc = record_as_of(people->txn, of, id, people->role, people->as_of, people->arena, record);
        if (rc || record->kind != RECORD_MERGED)
            break;
    }
    return !rc && record->kind == RECORD_LIVE;
}

struct label_source people_labels(struct people *people, struct arena *arena)
{
    people->arena = arena;
    return (struct label_source){records_schema(people->records), arena, find, people};
}

static ouse_rc people_read(struct question *question, struct ouse_str text)
{
    if (ouse_is(text, "people"))
        return OUSE_OK;
    return problem_fail(question->request->problem, OUSE_E_REQUEST, "for must be \"people\", not \"%.*s\"",
                        OUSE_F(text));
}

const struct api_param param_for = {"for", people_read, 0, 0, "people"};

ouse_rc people_choose(const struct question *question, const struct rest_format *format)
{
    if (!question_value(question, &param_for).p || format->people_row)
        return OUSE_OK;
    return problem_fail(question->request->problem, OUSE_E_REQUEST,
                        "for=people applies to CSV: add .csv to the path, or accept text/csv");
}

void people_name(const struct question *question, struct ouse_str name, struct http_reply *reply)
{
    char today[CLOCK_TEXT];
    clock_format(clock_now(), today);
    if (question_value(question, &param_for).p)
        http_reply_header(reply, "Content-Disposition",
                          arena_printf(question->request->arena, "attachment; filename=\"%.*s-%.10s.csv\"",
                                       OUSE_F(name), today));
}
