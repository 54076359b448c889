/* outbox: queues of DELIVER hooks, in the store.
 *
 *   plugin 0 queue 0 sequence(8) collection(4) id -> op(4) revision(4) actor
 *
 * Each DELIVER hook has a queue; its name does not depend on the order of the plugin's table of
 * hooks: see struct ouse_hook. An entry is written in the transaction of the change, so it exists
 * exactly if the change does.
 *
 * Before there were queues, a key was "plugin 0 sequence(8) hook(4) collection(4) id", where hook
 * was the row in the table. A sequence begins with a zero byte, a queue does not, so the two can be
 * distinguished. */
#ifndef HOST_OUTBOX_H
#define HOST_OUTBOX_H

#include "instance.h"

struct outbox_entry {
    struct key key;
    uint32_t collection, op, revision;
    struct ouse_str id, actor;
};

ouse_rc outbox_put(struct txn *txn, const struct bound_hook *hook, uint64_t sequence,
                   const struct change *change);

/* Reads the first entry of a hook; its texts are in `arena`. Returns OUSE_E_NOT_FOUND if it does
 * not exist. */
ouse_rc outbox_first(struct txn *txn, const struct bound_hook *hook, struct arena *arena,
                     struct outbox_entry *entry);

/* Removes an entry; arg is the struct outbox_entry. Returns OUSE_OK if it no longer exists. */
ouse_rc outbox_remove(struct txn *txn, void *arg);

/* Moves entries of the plugin that are in no queue of its hooks to their hook: those of the older
 * layout, and those of a hook that has a name now. If the hook no longer exists, drops them with a
 * warning. */
ouse_rc outbox_adopt(struct worker *worker, struct problem *problem);

#endif
