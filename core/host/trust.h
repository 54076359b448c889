/* trust: whether a file may become part of the process.
 *
 * A plugin can do what the server can. So only root and the server's user may
 * be able to change it, or the folder that it stands in.
 */
#ifndef HOST_TRUST_H
#define HOST_TRUST_H

#include "../base/error.h"

/* The file, its folder, and where a symbolic link leads to, belong to root or
 * the server's user, and nobody else may write them. The refusal says which
 * command puts it right. */
ouse_rc trust_file(const char *path, struct problem *problem);

/* The file has this SHA-256 (64 lower-case hexadecimal digits), which stands at
 * `origin` in the config. */
ouse_rc trust_pin(const char *path, const char *sha256, const char *origin, struct problem *problem);

#endif
