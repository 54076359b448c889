/* caller: what the caller of a change set may see, and where a change and its errors are. */
#include "internal.h"
#include <stdio.h>

/* Returns whether the caller is restricted. A restricted caller must not be able to infer hidden
 * data from the result of a write. */
int change_is_guest(const struct change_set *set)
{
    return set->mode == CHANGE_CLIENT && set->caller.role < OUSE_OFFICE;
}

int change_seen(const struct change_set *set, const struct collection *collection, struct ouse_str id)
{
    struct record record;
    return record_as_of(set->txn, collection, id, set->caller.role, 0, set->arena, &record) == OUSE_OK;
}

void change_pointer(const struct field *field, int entry, char pointer[96])
{
    if (entry < 0)
        snprintf(pointer, 96, "/%s", field->is.name);
    else if (field->number == SOURCES_NUMBER)
        snprintf(pointer, 96, "/%s/%d/publication", field->is.name, entry);
    else
        snprintf(pointer, 96, "/%s/%d", field->is.name, entry);
}
