/* serve: one process that serves a register. */
#ifndef SERVER_SERVE_H
#define SERVER_SERVE_H

#include "open.h"

/* Opens the register and serves it until SIGTERM or SIGINT. Blocks signals: call it once, from the main
 * thread. server_close is due however it ends. */
ouse_rc server_serve(const struct server_choice *choice, struct server_register *opened);

#endif
