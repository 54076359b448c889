/* trust: decides whether a file may become part of the process.
 *
 * A plugin can do everything that the server can. So only root and the server's user may be able to
 * change its file and the folder of the file. */
#ifndef HOST_TRUST_H
#define HOST_TRUST_H

#include "../base/error.h"

/* Checks that the file, its folder, and the target of a symbolic link belong to root or the
 * server's user, and that no other user can write them. The message names the command that fixes
 * this. */
ouse_rc trust_file(const char *path, struct problem *problem);

/* The file has this SHA-256 (64 lower-case hexadecimal digits), which stands at
 * `origin` in the config. */
ouse_rc trust_pin(const char *path, const char *sha256, const char *origin, struct problem *problem);

#endif
