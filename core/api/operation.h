/* operation: one change requested by a client, in a request of its own or in a batch.
 *
 *     request thread   read ─> operation_admit
 *     writing thread   verb->run ─> … the set settles … ─> operation_read_back
 */
#ifndef API_OPERATION_H
#define API_OPERATION_H

#include "resource.h"

struct operation;

/* A way of changing. */
struct verb {
    const char *name;
    const char *needs, *may; /* members that a batch must and may have in addition to "op": words */
    const char *types[2];    /* media types of the body of a request; empty: it has no body */
    ouse_rc (*prepare)(struct operation *operation, struct http_request *request); /* reads it; or NULL */
    uint32_t unless;                                       /* a flag of collections that lack it */
    uint32_t (*role)(const struct collection *collection); /* the least; NULL: manager */
    ouse_rc (*run)(struct change_set *set, struct operation *operation);
};

extern const struct verb verb_create, verb_put_new, verb_replace, verb_patch, verb_move, verb_revert,
    verb_remove;

struct operation {
    const struct resource *resource;
    const struct verb *verb;
    struct ouse_str id; /* no text: the register gives one */
    cJSON *body;        /* the record, the patch, or the fields of a move; NULL: nothing */
    struct ouse_str to; /* of a move: the state that it leads to */
    uint32_t revision;  /* of a revert: the one to go back to */
    struct condition condition;
    struct changed changed; /* the result */
};

/* Whether the caller may: 401, 403. */
ouse_rc operation_admit(const struct operation *operation, struct http_request *request);

/* Fills the reply with the record as the caller sees it, which is part of the set's transaction;
 * without a body if it does not exist, or if the caller may not see it. */
ouse_rc operation_read_back(struct change_set *set, const struct operation *operation,
                            struct http_request *request, struct representation *seen);

#endif
