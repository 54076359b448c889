/* flow: state machines, which a field may be. */
#include "types.h"

static int starts_from(const struct move *move, struct ouse_str state)
{
    for (uint32_t i = 0; i < move->n_from; i++)
        if (ouse_is(state, move->from[i]))
            return 1;
    return 0;
}

const struct move *schema_move(const struct flow *flow, struct ouse_str from, struct ouse_str to)
{
    for (uint32_t i = 0; i < flow->n_moves; i++)
        if (ouse_is(to, flow->moves[i].is.to) && starts_from(&flow->moves[i], from))
            return &flow->moves[i];
    return NULL;
}

void schema_open_moves(const struct flow *flow, struct ouse_str state, struct buffer *out)
{
    const char *comma = "";
    buffer_byte(out, '[');
    for (uint32_t i = 0; i < flow->n_moves; i++) {
        const struct move *move = &flow->moves[i];
        if (!starts_from(move, state))
            continue;
        buffer_text(out, comma);
        buffer_text(out, "{\"to\":");
        json_string(out, ouse_s(move->is.to));
        if (move->is.title) {
            buffer_text(out, ",\"title\":");
            json_string(out, ouse_s(move->is.title));
        }
        buffer_text(out, ",\"role\":");
        json_string(out, ouse_s(schema_role_name(move->is.role)));
        buffer_byte(out, '}');
        comma = ",";
    }
    buffer_byte(out, ']');
}
