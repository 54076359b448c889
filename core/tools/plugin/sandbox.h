/* sandbox: runs a plugin in a separate register, with the plugins it needs and no others.
 *
 * There is no server: requests go to the router, and are answered as those of a client. There is no
 * writer either, so everything runs on the thread of the probe. */
#ifndef PLUGIN_SANDBOX_H
#define PLUGIN_SANDBOX_H

#include "probe.h"

/* The rows of a table in a row, as the host has them. */
#define TABLE_ROWS(arena, table, type) \
    ((const type *)arena_rows((arena), (table).at, (table).n, (table).stride, sizeof(type)))

struct trial {
    struct probe *probe;
    struct server_register opened;
    const struct loaded_plugin *plugin;
    struct rest rest;
    struct router *router; /* NULL before trial_mount */
    uint32_t told;         /* answers of 500 so far */
};

/* Opens parts of a register (CLI_…) with the plugin and, unless it is NULL, with the one in the
 * file `beside`. On failure the problem of trial->opened has the reason. Call trial_close in both
 * cases. */
ouse_rc trial_open(struct probe *probe, uint32_t parts, const char *beside, struct trial *trial);
void trial_close(struct trial *trial);

/* Opens all parts, routes too; reports a failure. Returns 0, or -1. */
int trial_begin(struct probe *probe, struct trial *trial);

/* ---- Requests -------------------------------------------------------------- */

struct question {
    const char *method; /* "GET" */
    const char *path;   /* after the base path: "/api/v1/hubs" */
    uint32_t role;
    struct ouse_str body;   /* no text: no body */
    const char *media_type; /* of the body; NULL: JSON */
    struct ouse_str if_match;
    struct ouse_str accept; /* no text: anything */
};

struct answer {
    int status;
    struct ouse_str body, etag, location;
    struct ouse_str reason;  /* of a failure: the first of its errors, or its detail */
    struct ouse_str pointer; /* of that error */
    int explained;           /* a failure has words for it */
};

/* Makes a request. Its data lives as long as the probe. Reports an answer of 500 or more as a
 * finding, with the log; also a failure without a reason. */
void trial_ask(struct trial *trial, const struct question *question, struct answer *answer);

/* GET of a path that is printed, as a manager; gives the status. */
int trial_get(struct trial *trial, struct answer *answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The body of an answer as a tree that lives as long as the probe; NULL when it is no JSON. */
cJSON *trial_json(struct trial *trial, const struct answer *answer);

/* Verifies the store and reports the faults. */
void trial_verify(struct trial *trial);

/* Returns the i-th collection of the plugin; NULL after the last. */
const struct collection *trial_own(const struct trial *trial, uint32_t i);

#endif
