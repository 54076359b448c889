/* flow: state machines, which a field may be. */
#include "compile.h"

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
    cJSON *open = cJSON_CreateArray();
    for (uint32_t i = 0; i < flow->n_moves; i++) {
        const struct move *move = &flow->moves[i];
        if (!starts_from(move, state))
            continue;
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "to", move->is.to);
        cJSON_AddStringToObject(row, "title", move->is.title); /* omitted if it is NULL */
        cJSON_AddStringToObject(row, "role", schema_role_name(move->is.role));
        cJSON_AddItemToArray(open, row);
    }
    json_print(out, open);
    cJSON_Delete(open);
}

static void check_state(const struct compile *at, const struct field *field, const char *what,
                        const char *state)
{
    if (schema_choice(field, ouse_s(state)) < 0)
        compile_mistake(at, "%s %s is not among the choices: %s", what, state ? state : "(none)",
                        field->is.choices ? field->is.choices : "(none)");
}

static void compile_move(const struct compile *at, const struct flow *flow, struct move *move)
{
    uint32_t role = move->is.role ? move->is.role : OUSE_MANAGER;
    move->is.role = role;
    move->from = schema_words(at->arena, move->is.from, &move->n_from);
    check_state(at, flow->field, "a move leads to", move->is.to);
    if (move->n_from == 0)
        compile_mistake(at, "the move to %s has no `from`", move->is.to);
    if (role != OUSE_MANAGER && !compile_visibility_known(role))
        compile_mistake(at, "role %u of a move is not one of OUSE_PARTNER … OUSE_MANAGER", role);
    for (uint32_t i = 0; i < move->n_from; i++) {
        check_state(at, flow->field, "a move starts from", move->from[i]);
        if (move->is.to && schema_move(flow, ouse_s(move->from[i]), ouse_s(move->is.to)))
            compile_mistake(at, "there are two moves from %s to %s", move->from[i], move->is.to);
    }
}

/* Each is compared with those before it. */
static void compile_moves(const struct compile *at, const struct ouse_flow *is, struct flow *flow)
{
    uint32_t n = is->moves.n;
    const struct ouse_move *rows = COMPILE_ROWS(at, "moves", is->moves, &n);
    flow->moves = arena_zero(at->arena, n * sizeof *flow->moves);
    for (uint32_t i = 0; i < n; i++) {
        flow->moves[i].is = rows[i];
        compile_move(at, flow, &flow->moves[i]);
        flow->n_moves++;
    }
}

static void compile_flow(const struct compile *at, const struct ouse_flow *is)
{
    struct collection *c = at->collection;
    struct flow *flow = &c->flows[c->n_flows];
    struct field *field = (struct field *)schema_field(c, ouse_s(is->field));
    if (!field || field->is.type != OUSE_ENUM || field->flow) {
        compile_mistake(at, "`field` must be an enum of the collection without another flow");
        return;
    }
    c->n_flows++;
    flow->field = field;
    flow->initial = is->initial;
    field->flow = flow;
    check_state(at, field, "initial", is->initial);
    compile_moves(at, is, flow);
}

void compile_flows(const struct compile *at)
{
    struct collection *c = at->collection;
    uint32_t n = c->is.flows.n;
    const struct ouse_flow *rows = COMPILE_ROWS(at, "flows", c->is.flows, &n);
    c->flows = arena_zero(at->arena, n * sizeof *c->flows);
    for (uint32_t i = 0; i < n; i++) {
        struct compile in = compile_part(at, "flow", rows[i].field);
        compile_flow(&in, &rows[i]);
    }
}
