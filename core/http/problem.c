/* problem: writes a failure as application/problem+json (RFC 9457).
 *
 * Most failures have an ouse_rc; base/error.c has their status, type and title. The table here has
 * those that exist only in HTTP. */
#include "../base/json.h"
#include "exchange.h"

static const struct problem_kind http_kinds[] = {
    {OUSE_E_REQUEST, 408, "timeout", "The request did not arrive in time"},
    {OUSE_E_REQUEST, 411, "length-required", "The request must state the length of its body"},
    {OUSE_E_REQUEST, 414, "target-too-long", "The request target is too long"},
    {OUSE_E_REQUEST, 417, "expectation-failed", "The expectation cannot be met"},
    {OUSE_E_REQUEST, 431, "head-too-large", "The head of the request is too large"},
    {OUSE_E_METHOD, 501, "not-implemented", "The method or encoding is not known"},
    {OUSE_E_REQUEST, 505, "http-version", "The HTTP version is not supported"},
};

ouse_rc problem_refuse(struct exchange *exchange, struct refusal refusal)
{
    struct problem *problem = &exchange->problem;
    for (size_t i = 0; i < sizeof http_kinds / sizeof http_kinds[0]; i++)
        if (http_kinds[i].status == refusal.status)
            problem->kind = &http_kinds[i];
    return problem_fail(problem, problem->kind ? problem->kind->rc : OUSE_E_REQUEST, "%s", refusal.detail);
}

const struct problem_kind *problem_told_as(const struct problem *problem)
{
    return problem->kind ? problem->kind : problem_kind(problem->rc);
}

/* Writes ,"name":"text", where `before` is everything before the text. */
static void member(struct buffer *out, const char *before, struct ouse_str text)
{
    buffer_text(out, before);
    json_string(out, text);
}

/* Of a row of an import: where it is in the file. */
static void write_place(const struct problem_error *error, struct buffer *out)
{
    member(out, ",\"file\":", error->file);
    buffer_printf(out, ",\"line\":%u,\"row\":%u", error->line, error->row);
    if (error->column.p)
        member(out, ",\"column\":", error->column);
    else
        buffer_text(out, ",\"column\":null");
}

static void write_errors(const struct problem *problem, struct buffer *out)
{
    uint32_t told = problem_told(problem);
    buffer_text(out, ",\"errors\":[");
    for (uint32_t i = 0; i < told; i++) {
        const struct problem_error *error = &problem->errors[i];
        member(out, i ? ",{\"pointer\":" : "{\"pointer\":", error->pointer);
        if (error->row)
            write_place(error, out);
        member(out, ",\"code\":", error->code);
        member(out, ",\"detail\":", error->detail);
        buffer_byte(out, '}');
    }
    buffer_byte(out, ']');
}

static void write_detail(const struct problem *problem, struct buffer *out)
{
    if (problem->detail.p)
        member(out, ",\"detail\":", problem->detail);
    else if (problem->n_errors)
        buffer_printf(out, ",\"detail\":\"%u error%s\"", problem->n_errors,
                      problem->n_errors == 1 ? "" : "s");
}

void http_problem_json(const struct problem *problem, struct ouse_str request_id, struct buffer *out)
{
    const struct problem_kind *kind = problem_told_as(problem);
    struct ouse_str type = problem->type.n ? problem->type : ouse_s(kind->type);
    buffer_text(out, "{\"type\":\"/problems/");
    buffer_str(out, type);
    member(out, "\",\"title\":", problem->title.n ? problem->title : ouse_s(kind->title));
    buffer_printf(out, ",\"status\":%d", kind->status);
    write_detail(problem, out);
    member(out, ",\"request_id\":", request_id);
    if (problem->n_errors)
        write_errors(problem, out);
    if (problem->extra_name.n) {
        member(out, ",", problem->extra_name);
        buffer_byte(out, ':');
        buffer_str(out, problem->extra_json);
    }
    buffer_byte(out, '}');
}
