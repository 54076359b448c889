/* plugin_host: runs the loaded plugins.
 *
 *   plugins_load ─> runtime_create ─> runtime_declare ─> records_open
 *        ─> runtime_bind (hooks) ─> runtime_start ─> runtime_mount ─> runtime_run
 *        … requests, changes, tasks, deliveries …
 *        ─> runtime_rest (no more background work) ─> runtime_stop ─> runtime_destroy
 *
 * A command that only needs rules (import) stops after runtime_start. If a function fails, the
 * problem has the reason and the name of the plugin. */
#ifndef HOST_PLUGIN_HOST_H
#define HOST_PLUGIN_HOST_H

#include "../api/api.h"
#include "loader.h"

struct runtime;

/* Creates the host of the plugins. `base_path` and `features`, which NULL ends, must live as long. */
struct runtime *runtime_create(struct plugins *plugins, const char *base_path,
                               const struct feature *const *features);
void runtime_destroy(struct runtime *runtime); /* legal on NULL */

/* Adds every declared collection to the schema and links it. */
ouse_rc runtime_declare(struct runtime *runtime, struct schema *schema, struct problem *problem);

/* The migrations of all plugins, for records_open. */
const struct record_migration *runtime_migrations(struct runtime *runtime, uint32_t *n);

/* Registers hooks with the records that were opened. */
ouse_rc runtime_bind(struct runtime *runtime, struct records *records, struct problem *problem);

/* Calls validate of each plugin with the options in force, or with selves[i] if `selves` is given.
 * Reports all refusals. */
ouse_rc runtime_validate(struct runtime *runtime, void *const *selves, struct problem *problem);

/* Calls validate of all plugins; then start, then ready, of each in order of needs. If one fails,
 * stops those that had started. */
ouse_rc runtime_start(struct runtime *runtime, struct problem *problem);

/* Adds the plugins' routes, and /api/v1/-/plugins. */
ouse_rc runtime_mount(struct runtime *runtime, struct router *router, struct problem *problem);

/* Returns the formats of the plugins: for struct rest. */
const struct rest_format *runtime_formats(struct runtime *runtime, uint32_t *n);
ouse_rc runtime_derive(void *runtime, const struct rest_view *view, int64_t as_of,
                       const struct collection *collection, cJSON *record);

/* The form that a plugin gives to problems, for struct http_options. */
void runtime_explain(struct http_request *request, struct ouse_str document, struct http_reply *reply,
                     void *runtime);

/* Answers with a page of the server: {"page", "title", "data"} in the form that a plugin gives to it, or as
 * JSON if no plugin does or the client prefers that. */
void host_page(struct http_request *request, cJSON *document, struct http_reply *reply, void *runtime);

/* [{"name","version"}, …] for /version; as long as the runtime. */
const char *runtime_names(struct runtime *runtime);

/* Checks the tasks of the plugins as runtime_run does, without running them. */
ouse_rc runtime_check_tasks(struct runtime *runtime, struct problem *problem);

/* Starts tasks and deliveries; and ends them, after the one that runs. */
ouse_rc runtime_run(struct runtime *runtime, struct problem *problem);
void runtime_rest(struct runtime *runtime);

/* Reads the config file again. If it is valid and every plugin accepts its options, they take
 * effect, as far as they are reloadable. Otherwise nothing changes, and the problem has every
 * reason. Main thread. */
ouse_rc runtime_reload(struct runtime *runtime, struct config *running, struct problem *problem);

/* Runs the i-th task of a plugin once, on this thread: for tests of plugins. */
ouse_rc runtime_try_task(struct runtime *runtime, const char *plugin, uint32_t i, struct problem *problem);

/* Calls stop of each plugin that started, in reverse order. */
void runtime_stop(struct runtime *runtime);

#endif
