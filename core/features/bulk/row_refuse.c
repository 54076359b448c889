/* row_refuse: what the formats of rows share: how a file is rejected, and a row of JSON. */
#include "row_reader.h"

void intake_skip(struct intake *intake)
{
    intake->at = intake->n;
    intake->ended = 1;
    intake->array = ARRAY_AFTER;
}

void intake_refuse(struct intake *intake, struct problem *problem, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    problem_vadd(problem, OUSE_E_INVALID, "", code, format, args);
    va_end(args);
    intake->unreadable = 1;
    intake_skip(intake);
}

void intake_take_json(struct intake *intake, struct ouse_str text, cJSON **document, struct problem *problem)
{
    const struct columns *columns = intake->columns[intake->source];
    cJSON *row;
    if (json_parse(&intake->arena, text, &row, problem))
        return;
    *document = columns ? columns_of_json(&intake->arena, columns, row, problem) : row;
}
