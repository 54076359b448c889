/* sandbox: see sandbox.h. */
#include "sandbox.h"

#include <stdio.h>
#include <unistd.h>

enum { TOLD_MAX = 20, STREAM_MAX = 16 << 20, SHOWN_MAX = 300 };

/* ---- Which plugins ------------------------------------------------------------ */

/* Files of plugins, each after those it needs. */
struct choice {
    struct probe *probe;
    const char *plugin_path;
    const char *names[CONFIG_PLUGINS], *paths[CONFIG_PLUGINS];
    uint32_t n;
    struct problem *problem;
};

static int is_chosen(const struct choice *choice, const char *name)
{
    for (uint32_t i = 0; i < choice->n; i++)
        if (strcmp(choice->names[i], name) == 0)
            return 1;
    return 0;
}

/* Returns the file of a plugin in plugin_path, or else in the folder of the checked plugin. */
static const char *find_file(const struct choice *choice, const char *name)
{
    struct arena *arena = &choice->probe->arena;
    const char *path = choice->probe->path, *slash = strrchr(path, '/');
    const char *installed = arena_printf(arena, "%s/%s.so", choice->plugin_path, name).p;
    if (access(installed, F_OK) == 0)
        return installed;
    return arena_printf(arena, "%.*s%s.so", slash ? (int)(slash - path + 1) : 0, path, name).p;
}

static ouse_rc choose(struct choice *choice, const char *path);

/* The names of needs end at ">=": "directory>=1 funding>=1". */
static ouse_rc choose_needs(struct choice *choice, const char *needs)
{
    char *text = (char *)arena_copy(&choice->probe->arena, ouse_s(needs ? needs : "")).p, *rest = NULL;
    for (char *need = strtok_r(text, " ", &rest); need; need = strtok_r(NULL, " ", &rest)) {
        need[strcspn(need, ">")] = 0;
        ouse_rc rc = is_chosen(choice, need) ? OUSE_OK : choose(choice, find_file(choice, need));
        if (rc)
            return rc;
    }
    return OUSE_OK;
}

/* Adds a plugin and its needs. A cycle of needs ends here; the loader reports it. */
static ouse_rc choose(struct choice *choice, const char *path)
{
    struct loaded_plugin *plugin;
    if (plugin_load(&choice->probe->arena, path, NULL, NULL, &plugin, choice->problem) != OUSE_OK)
        return choice->problem->rc;
    if (is_chosen(choice, plugin->is.name) || choice->n == CONFIG_PLUGINS)
        return OUSE_OK;
    choice->names[choice->n] = plugin->is.name;
    choice->paths[choice->n++] = plugin->path;
    return choose_needs(choice, plugin->is.needs);
}

/* ---- Opening -------------------------------------------------------------------- */

/* Returns the command line with these plugins, in a folder of the probe. */
static struct cli *with_plugins(const struct choice *choice)
{
    struct arena *arena = &choice->probe->arena;
    struct cli *cli = arena_alloc(arena, sizeof *cli);
    const char *list = "";
    for (uint32_t i = 0; i < choice->n; i++)
        list = arena_printf(arena, "%s%s%s", list, i ? ", " : "", choice->names[i]).p;
    *cli = *choice->probe->cli;
    cli->n_sets = cli->n_sets > CLI_SETS_MAX - 2 ? CLI_SETS_MAX - 2 : cli->n_sets;
    cli->sets[cli->n_sets++] = arena_printf(arena, "plugins=%s", list).p;
    cli->sets[cli->n_sets++] = arena_printf(arena, "data=%s/data", choice->probe->folder).p;
    return cli;
}

static void set_paths(const struct choice *choice, const struct config *config)
{
    for (uint32_t i = 0; i < config->n_plugins; i++)
        for (uint32_t k = 0; k < choice->n; k++)
            if (strcmp(config->plugins[i].name, choice->names[k]) == 0)
                config->plugins[i].path = choice->paths[k];
}

ouse_rc trial_open(struct probe *probe, uint32_t parts, const char *beside, struct trial *trial)
{
    struct server_register *opened = &trial->opened;
    struct choice choice = {.probe = probe};
    *trial = (struct trial){.probe = probe};
    ouse_rc rc = cli_open(probe->cli, 0, opened);
    if (rc)
        return rc;
    choice.problem = &opened->problem;
    choice.plugin_path = arena_copy(&probe->arena, ouse_s(opened->config->plugin_path)).p;
    rc = choose(&choice, probe->path);
    if (!rc && beside)
        rc = choose(&choice, beside);
    if (rc)
        return rc;
    server_close(opened);
    rc = cli_open(with_plugins(&choice), 0, opened);
    if (rc)
        return rc;
    set_paths(&choice, opened->config);
    rc = server_open_parts(opened, parts);
    if (!rc)
        trial->plugin = plugins_find(opened->plugins, choice.names[0]);
    if (!rc && parts & SERVER_RULES)
        rc = server_mount(opened, &trial->rest, &trial->router);
    return rc;
}

void trial_close(struct trial *trial)
{
    if (trial->router)
        server_unmount(&trial->rest, trial->router);
    server_close(&trial->opened);
}

int trial_begin(struct probe *probe, struct trial *trial)
{
    if (trial_open(probe, SERVER_RULES | SERVER_DRAFT, NULL, trial) == OUSE_OK)
        return 0;
    probe_tell_problem(probe, &trial->opened.problem);
    return -1;
}

/* ---- Requests --------------------------------------------------------------------- */

static struct ouse_str read_stream(struct arena *arena, const struct http_stream *stream, ouse_rc *rc)
{
    struct buffer all;
    int more = 1;
    buffer_init(&all, STREAM_MAX);
    while (more && !all.overflow && !(*rc = stream->next(stream->arg, &all, &more)))
        ;
    struct ouse_str text = arena_copy(arena, buffer_view(&all));
    buffer_finish(&all);
    return text;
}

static void read_reason(struct arena *arena, const struct problem *problem, struct answer *answer)
{
    struct ouse_str reason = problem->n_errors ? problem->errors[0].detail : problem->detail;
    answer->status = problem_kind(problem->rc)->status;
    answer->reason = arena_copy(arena, reason);
    answer->explained = reason.n > 0;
    if (problem->n_errors)
        answer->pointer = arena_copy(arena, problem->errors[0].pointer);
}

static void read_reply(struct arena *arena, const struct http_reply *reply, struct answer *answer,
                       ouse_rc *rc)
{
    answer->status = reply->status ? reply->status : 200;
    answer->body = reply->stream ? read_stream(arena, reply->stream, rc) : arena_copy(arena, reply->body);
    answer->etag = arena_copy(arena, reply->etag);
    answer->explained = answer->body.n > 0;
    for (uint32_t i = 0; i < reply->n_headers; i++)
        if (ouse_is(reply->headers[i].name, "Location"))
            answer->location = arena_copy(arena, reply->headers[i].value);
}

static uint32_t method_bit(const char *name)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } methods[] = {{"GET", HTTP_GET}, {"POST", HTTP_POST}, {"PUT", HTTP_PUT}, {"PATCH", HTTP_PATCH}};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].bit;
    return HTTP_DELETE;
}

/* Checks an answer. Reports only the first mistakes: a callback that fails once fails often. */
static void judge(struct trial *trial, const struct question *question, const struct answer *answer)
{
    struct probe *probe = trial->probe;
    uint32_t shown = question->body.n <= SHOWN_MAX ? question->body.n : 0;
    if (answer->status < 500 && (answer->status < 400 || answer->explained))
        return;
    if (trial->told++ >= TOLD_MAX)
        return;
    if (answer->status < 500)
        probe_tell(probe, PROBE_FAIL, "%s %s is refused with %d and no reason; fail by ouse_fail",
                   question->method, question->path, answer->status);
    else
        probe_tell(probe, PROBE_FAIL, "%s %s %.*s%sis answered with %d: %s", question->method, question->path,
                   (int)shown, question->body.p, shown ? " " : "", answer->status, probe_logged(probe));
}

void trial_ask(struct trial *trial, const struct question *question, struct answer *answer)
{
    struct arena *arena = &trial->probe->arena, own = {0};
    struct problem problem;
    struct http_header headers[3] = {
        {ouse_s("Content-Type"), ouse_s(question->media_type ? question->media_type : "application/json")}};
    uint32_t n = 1;
    if (question->if_match.p)
        headers[n++] = (struct http_header){ouse_s("If-Match"), question->if_match};
    if (question->accept.p)
        headers[n++] = (struct http_header){ouse_s("Accept"), question->accept};
    struct http_request request = {.arena = &own,
                                   .problem = &problem,
                                   .method = method_bit(question->method),
                                   .id = ouse_s("check"),
                                   .role = question->role,
                                   .actor = ouse_s("ouse plugin check"),
                                   .headers = headers,
                                   .n_headers = n,
                                   .content = question->body};
    struct http_reply reply = {0};
    problem_init(&problem, &own);
    *answer = (struct answer){0};
    ouse_rc rc = http_ask(trial->router, NULL, &request, ouse_s(question->path), &reply);
    if (!rc)
        read_reply(arena, &reply, answer, &rc);
    if (rc && !problem.rc)
        problem.rc = rc;
    if (rc)
        read_reason(arena, &problem, answer);
    arena_finish(&own);
    judge(trial, question, answer);
}

int trial_get(struct trial *trial, struct answer *answer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct ouse_str path = arena_vprintf(&trial->probe->arena, format, args);
    va_end(args);
    trial_ask(trial, &(struct question){.method = "GET", .path = path.p, .role = OUSE_MANAGER}, answer);
    return answer->status;
}

cJSON *trial_json(struct trial *trial, const struct answer *answer)
{
    return answer->body.n ? json_parse_trusted(&trial->probe->arena, answer->body) : NULL;
}

/* ---- The rest --------------------------------------------------------------------- */

static void tell_fault(void *arg, const char *fault)
{
    probe_tell(arg, PROBE_FAIL, "the store does not agree with itself: %s", fault);
}

void trial_verify(struct trial *trial)
{
    struct verify_report report;
    if (records_verify(trial->opened.records, tell_fault, trial->probe, &report) != OUSE_OK)
        probe_tell(trial->probe, PROBE_FAIL, "the store cannot be read any more");
}

const struct collection *trial_own(const struct trial *trial, uint32_t i)
{
    const struct schema *schema = trial->opened.schema;
    for (uint32_t k = 0; k < schema_count(schema); k++)
        if (strcmp(schema_at(schema, k)->plugin, trial->plugin->is.name) == 0 && i-- == 0)
            return schema_at(schema, k);
    return NULL;
}
