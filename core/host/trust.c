/* trust: see trust.h. */
#include "trust.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static ouse_rc check_owner(const char *path, struct problem *problem)
{
    struct stat is;
    if (stat(path, &is) != 0)
        return problem_fail(problem, OUSE_E_INVALID, "%s: %s", path, strerror(errno));
    if (is.st_uid != 0 && is.st_uid != geteuid())
        return problem_fail(
            problem, OUSE_E_INVALID,
            "%s: it belongs to the user %u, but only root and the server's user (%u) are trusted; run "
            "chown root %s",
            path, (unsigned)is.st_uid, (unsigned)geteuid(), path);
    if (is.st_mode & (S_IWGRP | S_IWOTH))
        return problem_fail(problem, OUSE_E_INVALID,
                            "%s: others than its owner can write it (mode %04o); run chmod go-w %s", path,
                            (unsigned)is.st_mode & 07777, path);
    return OUSE_OK;
}

static ouse_rc check_folder(const char *path, struct problem *problem)
{
    const char *slash = strrchr(path, '/');
    return check_owner(slash ? arena_printf(problem->arena, "%.*s", (int)(slash - path + 1), path).p : ".",
                       problem);
}

ouse_rc trust_file(const char *path, struct problem *problem)
{
    char real[PATH_MAX];
    if (!realpath(path, real))
        return problem_fail(problem, OUSE_E_INVALID, "%s: %s", path, strerror(errno));
    if (check_folder(path, problem) != OUSE_OK || check_folder(real, problem) != OUSE_OK)
        return problem->rc;
    return check_owner(path, problem);
}

static int hash_file(FILE *file, char hex[crypto_hash_sha256_BYTES * 2 + 1])
{
    crypto_hash_sha256_state state;
    unsigned char bytes[16384], hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        crypto_hash_sha256_update(&state, bytes, n);
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(hex, crypto_hash_sha256_BYTES * 2 + 1, hash, sizeof hash);
    return ferror(file) ? -1 : 0;
}

ouse_rc trust_pin(const char *path, const char *sha256, const char *origin, struct problem *problem)
{
    char hex[crypto_hash_sha256_BYTES * 2 + 1];
    FILE *file = fopen(path, "re");
    int failed = !file || hash_file(file, hex) != 0;
    int why = errno;
    if (file)
        fclose(file);
    if (failed)
        return problem_fail(problem, OUSE_E_INVALID, "%s: %s", path, strerror(why));
    if (strcmp(hex, sha256) != 0)
        return problem_fail(problem, OUSE_E_INVALID,
                            "%s: its sha256 is %s, but %s pins %s; install the pinned build, or pin this one",
                            path, hex, origin, sha256);
    return OUSE_OK;
}
