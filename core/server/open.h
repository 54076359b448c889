/* open: the register, opened as far as its caller needs it: the server, or one of the commands. */
#ifndef SERVER_OPEN_H
#define SERVER_OPEN_H

#include "../host/plugin_host.h"
#include "../store/folder.h"

/* Parts of the register, besides the config, which is always read. */
#define SERVER_SCHEMA 0x1u /* plugins and their collections, linked */
#define SERVER_STORE  0x2u
#define SERVER_RULES  0x4u /* the records, with all rules of the plugins; brings the two above */
#define SERVER_WRITER 0x8u /* many threads may write: a server, which claims the folder (folder_serve) */
#define SERVER_READS \
    0x10u /* rejects a store that does not exist, or that the rules would have to change first */

#define SERVER_DRAFT                                                                                        \
    0x20u /* where nobody has the store open: a draft of it (folder.h), which server_keep puts in its place \
           */

/* All of it lives until server_close. */
struct server_register {
    struct arena arena;
    struct problem problem;
    const struct feature *const *features;
    struct config *config;
    struct plugins *plugins;
    struct schema *schema;
    struct runtime *runtime; /* with SERVER_SCHEMA; started with SERVER_RULES */
    struct ticker *watchdog; /* with SERVER_RULES */
    struct folder folder;    /* held while the store is open */
    struct engine *engine;
    struct writer *writer;
    struct records *records;
};

/* The parts to open, and their context. */
struct server_choice {
    const char *config; /* the config file; NULL: where it usually is */
    const char *const *sets;
    uint32_t n_sets;                       /* settings that go before the file */
    const struct feature *const *features; /* ended by NULL; may be NULL */
};

/* Reads the config and opens the parts. On failure the register's problem says why. server_close is due
 * either way. */
ouse_rc server_open(const struct server_choice *choice, uint32_t parts, struct server_register *opened);
void server_close(struct server_register *opened);

/* Closes the draft, if a draft was opened, and makes it the register. */
ouse_rc server_keep(struct server_register *opened);

/* Opens parts of a register that was opened without. */
ouse_rc server_open_parts(struct server_register *opened, uint32_t parts);

/* Mounts the routes of the register and of its plugins, if its rules are open. Free *rest and
 * *router with server_unmount, also after a failure. */
ouse_rc server_mount(struct server_register *opened, struct rest *rest, struct router **router);
void server_unmount(struct rest *rest, struct router *router);

#endif
