/* instance: declarations shared by the files of the plugin host. */
#ifndef HOST_INSTANCE_H
#define HOST_INSTANCE_H

#include "context.h"
#include "plugin_host.h"
#include "ticker.h"
#include <pthread.h>

/* host.c: the table of services, for all contexts. */
extern const struct ouse_host host_services;

/* One plugin at work. The lock serialises routes, formats and tasks of a SERIAL
 * plugin; it is taken before any transaction, never in hooks. */
struct worker {
    struct runtime *runtime;
    struct loaded_plugin *plugin;
    pthread_mutex_t lock;
    int serial, started;
    struct bound_hook *deliveries; /* its DELIVER hooks, linked by `next` */
    struct ticker *delivering;     /* their thread, and that of its tasks; NULL: no thread */
    struct ticker *tasks;
    struct task *task; /* of its table of tasks, while they run */
};

struct runtime {
    struct arena memory; /* rows, names: as long as the runtime */
    struct plugins *plugins;
    struct worker *workers;
    uint32_t n;
    struct records *records;
    struct record_migration *migrations;
    uint32_t n_migrations;
    struct rest_format *formats;
    uint32_t n_formats;
    pthread_mutex_t writing; /* see context_write */
    const struct ouse_host *services;
    const char *names;
    const char *base_path;
    const struct feature *const *features; /* ended by NULL; may be NULL */
    const struct router *router;           /* that the routes are mounted on; NULL before */
};

/* Calls a function of the plugin's life with these options. Returns its failure, named in the problem. */
typedef ouse_rc (*life_fn)(struct ouse_ctx *);
ouse_rc worker_call(struct worker *worker, life_fn fn, const char *name, void *self, struct problem *problem);

void worker_lock(struct worker *worker);
void worker_unlock(struct worker *worker);

/* hooks.c: binds the DELIVER hooks of a plugin, or the others. Those of all plugins come first:
 * their entries in the outbox then have the number of the change itself, not of the writes of
 * FOLLOW hooks after it. */
ouse_rc hooks_bind(struct worker *worker, int delivering, struct problem *problem);

struct bound_hook {
    struct worker *worker;
    const struct ouse_hook *is;
    uint32_t row;
    const char *label; /* "hook 3", for the log */
    /* Of a DELIVER hook: */
    const char *queue;         /* its name in the outbox */
    const char *queue_unnamed; /* the name of its queue if it has no name */
    int64_t retry_at, retry;   /* when, and after how long a wait (ms) */
    struct bound_hook *next;
};

/* deliver.c: puts a change into the outbox, for a DELIVER hook; for the record layer it is a hook itself. */
ouse_rc deliver_later(struct change *change, void *bound_hook);

/* Gives a DELIVER hook the name of its queue, and adds it to those of its plugin. */
ouse_rc deliver_bind(struct bound_hook *hook, struct problem *problem);

/* Brings entries of the plugin over that were queued by another version of it or of the server, and starts
 * the thread of its deliveries, if it has any. */
ouse_rc deliver_start(struct worker *worker, struct problem *problem);

/* parameter.c: the declared parameters of a route, and their values in a request (400 if one is
 * unknown, missing, repeated or not of its type). */
struct parameters {
    const struct ouse_parameter *at;
    uint32_t n;
};
ouse_rc parameters_declare(struct worker *worker, const struct ouse_route *route, const char *label,
                           struct parameters *parameters, struct problem *problem);
ouse_rc parameters_read(const struct parameters *declared, struct http_request *request,
                        struct http_parameter given[HTTP_PARAMETERS], uint32_t *n);
struct ouse_str parameter_given(const struct http_parameter *given, uint32_t n, const char *name);

/* The parameter that routes have besides their own: `dry_run` those that WRITE, `as_of` a GET that READs. */
const struct ouse_parameter *parameter_besides(const struct ouse_route *route); /* may be NULL */

/* "text", "date", …: a type that a parameter may have; NULL for others. */
const char *parameter_type_name(uint32_t type);

/* plugin_routes.c: mounts the routes of a plugin. The other function returns the full path of a
 * route, and the collection that contains it ("hubs/…" is under hubs, if hubs is loaded), or NULL. */
ouse_rc routes_mount(struct worker *worker, struct router *router, struct problem *problem);

const char *route_path(struct arena *arena, const char *path);
const struct collection *route_under(const struct runtime *runtime, const char *path);

/* tasks.c: starts the thread of a plugin's tasks, if it has any; and stores when they ran, after the last
 * run.
 */
ouse_rc tasks_check(struct worker *worker, struct problem *problem);
ouse_rc tasks_start(struct worker *worker, struct problem *problem); /* of tasks that were checked */
void tasks_keep(struct worker *worker);

/* host_describe.c: a collection as a role may see it. */
cJSON *describe_collection(const struct collection *collection, uint32_t role);

/* formats.c */
void formats_add(struct worker *worker);

#endif
