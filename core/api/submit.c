/* submit: see submit.h. */
#include "submit.h"

#include "../base/json_patch.h"
#include "feature.h"

struct job {
    const struct submission *submission;
    struct http_reply before;        /* the reply as it was handed in */
    const struct write_guard *guard; /* NULL: no feature has one */
    void *state;                     /* the guard's */
    int answered;
};

static ouse_rc change(struct change_set *set, void *arg)
{
    struct job *job = arg;
    ouse_rc rc = OUSE_OK;
    job->answered = 0;
    if (job->guard)
        rc = job->guard->before(set, job->submission, job->state, &job->answered);
    return rc || job->answered ? rc : job->submission->change(set, job->submission->arg);
}

static ouse_rc answer(struct change_set *set, void *arg)
{
    struct job *job = arg;
    const struct submission *submission = job->submission;
    if (job->answered)
        return OUSE_OK;
    *submission->reply = job->before;
    ouse_rc rc = submission->answer(set, submission->arg, submission->reply);
    if (!rc && job->guard)
        rc = job->guard->after(set, submission, job->state);
    return rc;
}

static size_t size_of(const struct submission *submission)
{
    return submission->body.n + submission->bytes;
}

static ouse_rc write_set(struct change_set *set, struct job *job)
{
    return records_write(set, change, answer, job, size_of(job->submission));
}

/* The processor time of a request, and as much again for each MiB of the body. */
static int64_t budget(const struct submission *submission)
{
    const struct deadline *deadline = submission->request->deadline;
    return deadline ? deadline->budget + deadline->budget * (int64_t)size_of(submission) / (1 << 20) : 0;
}

/* Writes for an anonymous caller. Everyone can send such writes, so they must not keep the writer
 * from others. Each is rehearsed first: a dry run, a failure and a replay of an earlier answer end
 * there. Only a write that would succeed counts against the quota and goes to the writer. */
static ouse_rc write_anonymously(struct change_set *set, struct job *job)
{
    const struct submission *submission = job->submission;
    ouse_rc rc = http_enter(submission->request, HTTP_ANONYMOUS);
    if (!rc)
        rc = records_rehearse(set, change, answer, job);
    if (rc || submission->dry_run || job->answered)
        return rc;
    rc = http_charge(submission->request, &job->before);
    return rc ? rc : write_set(set, job);
}

static ouse_rc begin_guard(struct job *job)
{
    const struct feature *const *feature = job->submission->features;
    while (feature && *feature && !(*feature)->guard)
        feature++;
    if (!feature || !*feature)
        return OUSE_OK;
    job->guard = (*feature)->guard;
    job->state = arena_zero(job->submission->request->arena, job->guard->size);
    return job->guard->read(job->submission, job->state);
}

/* The headers of a failure are those that were there before. The set runs on the thread of the writer. The
 * deadline of the request belongs to this thread, so that of the set replaces it meanwhile. */
ouse_rc rest_submit(struct submission *submission)
{
    struct http_request *request = submission->request;
    struct job job = {.submission = submission, .before = *submission->reply};
    struct change_set set = {.records = submission->records,
                             .caller = {request->role, request->actor},
                             .mode = submission->mode,
                             .dry_run = submission->dry_run,
                             .budget = budget(submission),
                             .arena = request->arena,
                             .problem = request->problem};
    ouse_rc rc = begin_guard(&job);
    struct deadline *own = request->deadline;
    request->deadline = &set.deadline;
    if (!rc)
        rc = http_is_anonymous(request) ? write_anonymously(&set, &job) : write_set(&set, &job);
    request->deadline = own;
    if (rc)
        *submission->reply = job.before;
    return rc;
}

ouse_rc rest_dry_run(struct http_request *request, int *dry_run)
{
    static const struct api_param *const takes[] = {&param_dry_run, NULL};
    struct question question;
    if (!request->query.n)
        return OUSE_OK;
    question = (struct question){.request = request, .takes = takes};
    if (question_read(&question))
        return request->problem->rc;
    *dry_run = question.dry_run;
    return OUSE_OK;
}

/* The memory for a body: its tree, a copy of that, the record and its views. */
enum { MEMORY_PER_BYTE = 4, MEMORY_PER_VALUE = 256 };

ouse_rc rest_parse(struct http_request *request, struct ouse_str text, cJSON **body)
{
    uint32_t values;
    ouse_rc rc = json_check(text, &values, request->problem);
    if (!rc)
        rc = http_reserve(request, (size_t)text.n * MEMORY_PER_BYTE + (size_t)values * MEMORY_PER_VALUE);
    return rc ? rc : json_build(request->arena, text, body, request->problem);
}

ouse_rc rest_read_json(struct http_request *request, const char *const types[2], struct ouse_str *text,
                       cJSON **body)
{
    struct ouse_str type = http_media_type(request), bytes;
    if (!ouse_is(type, types[0]) && !(types[1] && ouse_is(type, types[1])))
        return problem_fail(request->problem, OUSE_E_MEDIA_TYPE, "The body must be %s%s%s, in UTF-8",
                            types[0], types[1] ? " or " : "", types[1] ? types[1] : "");
    ouse_rc rc = http_body(request, HTTP_BODY_MAX, &bytes);
    if (!rc && ouse_is(type, "application/json-patch+json") && memmem(bytes.p, bytes.n, "copy", 4))
        rc = http_reserve(request, JSON_PATCH_GROWTH);
    if (!rc)
        rc = rest_parse(request, bytes, body);
    if (!rc)
        *text = bytes;
    return rc;
}
