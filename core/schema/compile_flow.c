/* compile_flow: the state machines of a collection. */
#include "compile.h"

static int is_state(const struct field *field, const char *state)
{
    for (uint32_t i = 0; i < field->n_choices; i++)
        if (state && strcmp(field->choices[i], state) == 0)
            return 1;
    return 0;
}

static void check_state(const struct compile *at, const struct field *field, const char *what,
                        const char *state)
{
    if (!is_state(field, state))
        compile_mistake(at, "flow", field->is.name, "%s %s is not among the choices: %s", what,
                        state ? state : "(none)", field->is.choices ? field->is.choices : "(none)");
}

static void compile_move(const struct compile *at, const struct flow *flow, struct move *move)
{
    uint32_t role = move->is.role ? move->is.role : OUSE_MANAGER;
    move->is.role = role;
    move->from = compile_words(at->arena, move->is.from, &move->n_from);
    check_state(at, flow->field, "a move leads to", move->is.to);
    if (move->n_from == 0)
        compile_mistake(at, "flow", flow->field->is.name, "the move to %s has no `from`", move->is.to);
    if (role != OUSE_MANAGER && !compile_visibility_known(role))
        compile_mistake(at, "flow", flow->field->is.name,
                        "role %u of a move is none of OUSE_PARTNER … OUSE_MANAGER", role);
    for (uint32_t i = 0; i < move->n_from; i++) {
        check_state(at, flow->field, "a move starts from", move->from[i]);
        if (move->is.to && schema_move(flow, ouse_s(move->from[i]), ouse_s(move->is.to)))
            compile_mistake(at, "flow", flow->field->is.name, "there are two moves from %s to %s",
                            move->from[i], move->is.to);
    }
}

static void compile_moves(const struct compile *at, const struct ouse_flow *is, struct flow *flow)
{
    if (!compile_table(at, "moves", is->moves.at, is->moves.n, is->moves.stride))
        return;
    flow->moves = arena_zero(at->arena, is->moves.n * sizeof *flow->moves);
    for (uint32_t i = 0; i < is->moves.n; i++) {
        struct move *move = &flow->moves[i];
        compile_row(&move->is, sizeof move->is, is->moves.at, is->moves.stride, i);
        compile_move(at, flow, move);
        flow->n_moves++; /* only now, so that a move is compared with those before it */
    }
}

static void compile_flow(const struct compile *at, const struct ouse_flow *is)
{
    struct collection *c = at->collection;
    struct flow *flow = &c->flows[c->n_flows];
    struct field *field = NULL;
    for (uint32_t i = 0; i < c->n_fields; i++)
        if (is->field && c->fields[i].is.name && strcmp(c->fields[i].is.name, is->field) == 0)
            field = &c->fields[i];
    if (!field || field->is.type != OUSE_ENUM || field->flow) {
        compile_mistake(at, "flow", is->field,
                        "`field` must be an enum of the collection without another flow");
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
    struct ouse_flow is;
    if (!compile_table(at, "flows", c->is.flows.at, c->is.flows.n, c->is.flows.stride))
        return;
    c->flows = arena_zero(at->arena, c->is.flows.n * sizeof *c->flows);
    for (uint32_t i = 0; i < c->is.flows.n; i++) {
        compile_row(&is, sizeof is, c->is.flows.at, c->is.flows.stride, i);
        compile_flow(at, &is);
    }
}
