/* target: the target and the id that a reference names. */
#include "types.h"

int schema_id_valid(struct ouse_str id)
{
    if (!id.p || id.n < 1 || id.n > SCHEMA_ID_MAX)
        return 0;
    for (uint32_t i = 0; i < id.n; i++) {
        int inner_hyphen = id.p[i] == '-' && i > 0 && i + 1 < id.n && id.p[i - 1] != '-';
        if (!schema_id_char(id.p[i]) && !inner_hyphen)
            return 0;
    }
    return 1;
}

static int had_name(const struct target *target, struct ouse_str name)
{
    return target->to && target->to->is.was && ouse_is(name, target->to->is.was);
}

/* Returns the target of this name; otherwise the one with this former name; otherwise NULL. */
static const struct target *target_called(const struct field *field, struct ouse_str name)
{
    for (uint32_t i = 0; i < field->n_targets; i++)
        if (ouse_is(name, field->targets[i].collection))
            return &field->targets[i];
    for (uint32_t i = 0; i < field->n_targets; i++)
        if (had_name(&field->targets[i], name))
            return &field->targets[i];
    return NULL;
}

const struct target *reference_target(const struct field *field, struct ouse_str text, struct ouse_str *id)
{
    const struct target *target = field->targets;
    struct ouse_str rest = text;
    if (field->qualified) {
        const char *slash = memchr(text.p, '/', text.n);
        if (!slash)
            return NULL;
        struct ouse_str name = {text.p, (uint32_t)(slash - text.p)};
        target = target_called(field, name);
        if (!target)
            return NULL;
        rest = (struct ouse_str){slash + 1, text.n - name.n - 1};
    }
    if (!schema_id_valid(rest))
        return NULL;
    *id = rest;
    return target;
}
