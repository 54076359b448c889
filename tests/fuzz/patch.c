/* patch: a document in the first line, a merge patch or a JSON Patch behind it.
 * What comes of it is JSON that a client could have sent, or nothing. */
#include "base/json_patch.h"
#include "fuzz.h"

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    struct ouse_str line = first_line(&text);
    cJSON *document, *patch;
    if (json_parse(arena, line, &document, problem) || json_parse(arena, text, &patch, problem))
        return;
    cJSON *copy = cJSON_Duplicate(document, 1);
    ouse_rc rc = OUSE_OK;
    if (cJSON_IsArray(patch))
        rc = json_patch(&copy, patch, problem);
    else
        copy = json_merge_patch(copy, patch);
    must(copy != NULL);
    json_keep(arena, copy);
    if (!rc && cJSON_GetArraySize(copy) <= JSON_MEMBERS)
        must_read_back(copy, arena, problem);
}
