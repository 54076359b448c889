/* accounts_page: documents of pages, attempts and the log; see visit.h. */
#include "../../base/clock.h"
#include "../../observe/log.h"
#include "visit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void accounts_add_text(cJSON *object, const char *name, struct ouse_str text)
{
    char *copy = NULL;
    if (text.p && (copy = strndup(text.p, text.n)))
        cJSON_AddStringToObject(object, name, copy);
    free(copy);
}

cJSON *accounts_data(struct visit *visit)
{
    cJSON *data = json_keep(visit->request->arena, cJSON_CreateObject());
    cJSON_AddStringToObject(data, "base", visit->accounts->options.base_path);
    cJSON_AddBoolToObject(data, "signed_in", visit->secret.p != NULL);
    if (visit->secret.p)
        cJSON_AddStringToObject(data, "token", visit->token);
    return data;
}

void accounts_error(cJSON *data, const char *field, const char *detail)
{
    char name[64];
    cJSON *errors = json_member(data, "errors"), *error = cJSON_CreateObject();
    if (!errors) {
        errors = cJSON_AddArrayToObject(data, "errors");
        cJSON_AddBoolToObject(data, "mistakes", 1);
    }
    cJSON_AddStringToObject(error, "field", field);
    cJSON_AddStringToObject(error, "detail", detail);
    cJSON_AddItemToArray(errors, error);
    snprintf(name, sizeof name, "%s_problem", field);
    cJSON_AddStringToObject(data, name, detail);
}

ouse_rc accounts_page(struct visit *visit, const char *page, const char *title, cJSON *data)
{
    const struct sign_in_options *options = &visit->accounts->options;
    cJSON *document = json_keep(visit->request->arena, cJSON_CreateObject());
    cJSON_AddStringToObject(document, "page", page);
    cJSON_AddStringToObject(document, "title", title);
    cJSON_AddItemReferenceToObject(document, "data", data);
    visit->reply->cache_control = ouse_s("private, no-store");
    options->page(visit->request, document, visit->reply, options->page_arg);
    return OUSE_OK;
}

struct ouse_str accounts_when(struct arena *arena, int64_t ms)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int year, month, day;
    int64_t minutes = ms / 60000;
    clock_date((int32_t)(minutes / 1440), &year, &month, &day);
    return arena_printf(arena, "%d %s %d, %02d:%02d", day, months[month - 1], year,
                        (int)(minutes % 1440 / 60), (int)(minutes % 60));
}

void accounts_log(const struct visit *visit, enum accounts_event event, struct ouse_str whose,
                  const char *what)
{
    struct ouse_str client = http_client(visit->request);
    counter_add(&visit->accounts->events[event], 1);
    log_info("accounts", "%s: %s%.*s, from %.*s", what,
             whose.n ? ACCOUNT_ACTOR : "an address without an account", OUSE_F(whose), OUSE_F(client));
}

/* ---- Attempts --------------------------------------------------------------------------------- */

ouse_rc accounts_attempt(struct visit *visit, struct attempt *attempt, char kind, struct ouse_str of)
{
    struct http_request *request = visit->request;
    attempt->keys[0] = (struct account_throttle_key){kind, of, ACCOUNT_FREE_FAILURES};
    attempt->keys[1] = (struct account_throttle_key){'a', http_client(request), ACCOUNT_FREE_ADDRESS};
    int64_t wait = accounts_throttle_begin(visit->accounts->throttle, attempt->keys, 2, clock_monotonic());
    if (!wait)
        return http_enter(request, HTTP_SIGN_INS);
    counter_add(&visit->accounts->events[ACCOUNTS_DELAYED], 1);
    long long seconds = (wait + 999) / 1000;
    http_reply_header(visit->reply, "Retry-After", arena_printf(request->arena, "%lld", seconds));
    return problem_fail(request->problem, OUSE_E_BUSY,
                        "There were too many failed attempts to sign in. Try again in %lld %s",
                        seconds < 120 ? seconds : (seconds + 59) / 60, seconds < 120 ? "seconds" : "minutes");
}

void accounts_attempt_right(struct visit *visit, const struct attempt *attempt, int all)
{
    struct account_throttle *throttle = visit->accounts->throttle;
    if (all)
        accounts_throttle_clear(throttle, &attempt->keys[0]);
    else
        accounts_throttle_undo(throttle, &attempt->keys[0]);
    accounts_throttle_undo(throttle, &attempt->keys[1]);
}
