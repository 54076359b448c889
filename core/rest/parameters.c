/* parameters: what a query may say, and who may ask. Nothing is ignored: what
 * is not known is refused, together with what would have been. */
#include "../base/clock.h"
#include "resource.h"

ouse_rc rest_unknown(struct http_request *request, struct ouse_str name, const char *const *names, uint32_t n)
{
    struct ouse_str known = ouse_s("");
    for (uint32_t i = 0; i < n; i++)
        known = arena_printf(request->arena, "%.*s%s%s", OUSE_F(known), i ? ", " : "", names[i]);
    if (!n)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "There is no parameter \"%.*s\"; none is known here", OUSE_F(name));
    return problem_fail(request->problem, OUSE_E_REQUEST, "There is no parameter \"%.*s\"%s; known are %.*s",
                        OUSE_F(name), problem_hint(request->arena, name, names, n), OUSE_F(known));
}

static int position(struct ouse_str name, const char *const *names, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (ouse_is(name, names[i]))
            return (int)i;
    return -1;
}

ouse_rc rest_parameters(struct http_request *request, const char *const *names, uint32_t n,
                        struct ouse_str *values)
{
    struct http_parameter found[HTTP_PARAMETERS];
    uint32_t n_found = 0;
    for (uint32_t i = 0; i < n; i++)
        values[i] = (struct ouse_str){0};
    if (!request->query.n)
        return OUSE_OK;
    ouse_rc rc = http_query(request, found, &n_found);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < n_found; i++) {
        int at = position(found[i].name, names, n);
        if (at < 0)
            return rest_unknown(request, found[i].name, names, n);
        if (values[at].p)
            return problem_fail(request->problem, OUSE_E_REQUEST, "The parameter \"%s\" is given twice",
                                names[at]);
        values[at] = found[i].value;
    }
    return OUSE_OK;
}

ouse_rc rest_number(struct http_request *request, const char *name, struct ouse_str text, uint64_t least,
                    uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    int valid = text.n > 0 && text.n < 19;
    if (!text.p)
        return OUSE_OK;
    for (uint32_t i = 0; i < text.n; i++) {
        valid = valid && text.p[i] >= '0' && text.p[i] <= '9';
        value = value * 10 + (uint64_t)(text.p[i] - '0');
    }
    if (!valid || value < least || value > most)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "%s is a whole number from %llu to %llu, not \"%.*s\"", name,
                            (unsigned long long)least, (unsigned long long)most, OUSE_F(text));
    *number = value;
    return OUSE_OK;
}

ouse_rc rest_flag(struct http_request *request, const char *name, struct ouse_str text, int *flag)
{
    if (!text.p)
        return OUSE_OK;
    if (!ouse_is(text, "true") && !ouse_is(text, "false"))
        return problem_fail(request->problem, OUSE_E_REQUEST, "%s is true or false, not \"%.*s\"", name,
                            OUSE_F(text));
    *flag = ouse_is(text, "true");
    return OUSE_OK;
}

ouse_rc rest_as_of(struct http_request *request, struct ouse_str text, int64_t *as_of)
{
    static const char end_of_day[] = "T23:59:59.999Z";
    struct ouse_str instant = text;
    int64_t read = 0;
    if (text.n == sizeof "2026-01-31" - 1)
        instant = arena_printf(request->arena, "%.*s%s", OUSE_F(text), end_of_day);
    if (text.p && clock_parse(instant, &read) != 0)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "as_of is a date, such as 2026-01-31, or an instant, such as "
                            "2026-01-31T12:00:00Z, not \"%.*s\"",
                            OUSE_F(text));
    *as_of = text.p && read < clock_now() ? read : 0;
    return OUSE_OK;
}

void rest_keep(const struct http_request *request, int64_t as_of, struct http_reply *reply)
{
    if (as_of && !request->actor.n && !reply->cache_control.p)
        reply->cache_control = ouse_s("public, max-age=300");
}

ouse_rc rest_require(struct http_request *request, uint32_t role)
{
    if (request->role >= role)
        return OUSE_OK;
    if (!request->actor.n)
        return problem_fail(request->problem, OUSE_E_UNAUTHENTICATED,
                            "This needs a token (Authorization: Bearer)");
    return problem_fail(request->problem, OUSE_E_FORBIDDEN,
                        "This needs the role %s; the token \"%.*s\" has the role %s", schema_role_name(role),
                        OUSE_F(request->actor), schema_role_name(request->role));
}
