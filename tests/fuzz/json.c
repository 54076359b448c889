/* json: what is read is written as text that reads back as the same. */
#include "fuzz.h"

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    cJSON *value;
    if (json_parse(arena, text, &value, problem) == OUSE_OK)
        must_read_back(value, arena, problem);
    else
        must(problem->detail.n > 0 && utf8_valid(problem->detail));
}
