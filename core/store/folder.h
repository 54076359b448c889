/* folder: the folder of a store, and whole stores in it.
 *
 *     data/data.mdb           the store
 *     data/serve.lock         the process that serves it: folder_serve
 *     data/draft/data.mdb     a store that will replace it: made by a restore,
 *                             or by an import that is larger than a transaction
 *
 * A draft becomes the store by one rename. If the process that makes it dies, the next one that
 * makes a draft removes it. Every process holds the folder while the store is open, and a process
 * that replaces the store holds it exclusively: so none continues with a replaced file. */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include "engine.h"

struct folder {
    const char *path; /* the caller's; it lasts as long */
    int fd;
    int alone;
    int lock; /* a descriptor of serve.lock; 0: this process does not serve */
};

/* Holds a folder, which is made (mode 0700) when it is missing; together with others, or
 * alone. OUSE_E_UNAVAILABLE where others hold it in a way that forbids it. */
ouse_rc folder_hold(const char *path, int alone, struct folder *folder, struct problem *problem);

/* Claims the folder for a server: takes the lock of serve.lock, which commands do not take,
 * and writes the process's number into it. OUSE_E_CONFLICT, with the number of the other
 * process, if a server has it. The kernel drops the lock when the process ends, however it
 * ends, so a file that a killed server left there means nothing. On NFS the lock holds between machines
 * only where the server and the mount support locks; LMDB needs a local file system anyway. */
ouse_rc folder_serve(struct folder *folder, struct problem *problem);

/* Holds the folder alone for a moment, from one that is held together with others. Returns 0 if others
 * hold it. folder_share gives it back; it does nothing to a folder that was opened to be held alone. */
int folder_claim(const struct folder *folder);
void folder_share(const struct folder *folder);

/* Checks whether folder_hold can hold or make a folder, in the words of folder_hold. Makes nothing. */
ouse_rc folder_check(const char *path, struct problem *problem);

/* Legal on a folder that is {0}. */
void folder_release(struct folder *folder);

/* Whether there is a store in it. */
int folder_has_store(const struct folder *folder);

/* ---- Drafts: with the folder held exclusively -------------------------------- */

/* Returns the folder in which the draft is made. */
struct ouse_str folder_draft(const struct folder *folder, struct arena *arena);

/* Begins a draft as a copy of the file of a store (a backup, or the store itself); `from` NULL
 * begins an empty one. */
ouse_rc folder_begin(const struct folder *folder, const char *from, struct problem *problem);

/* Replaces the store by the draft, which must not be open. Durable when it returns. */
ouse_rc folder_keep(const struct folder *folder, struct problem *problem);

/* Removes the draft, if there is one. */
void folder_drop(const struct folder *folder);

#endif
