/* fault: makes one call that writes to the disk fail.
 *
 * fault.c defines pwrite, writev, fdatasync and fsync. Linked into a program,
 * they stand before the C library's for all that the program loads, the storage
 * library among them.
 */
#ifndef TORTURE_FAULT_H
#define TORTURE_FAULT_H

enum fault_kind {
    FAULT_BEFORE, /* nothing is written, and an error is told */
    FAULT_AFTER,  /* all is written, and an error is told */
    FAULT_TORN,   /* half is written, and an error is told */
    FAULT_SHORT,  /* half is written, and its size is told */
    FAULT_FULL    /* as FAULT_SHORT, and the disk says that it has no room */
};

struct fault {
    enum fault_kind kind;
    int error;   /* errno that is told */
    unsigned at; /* which call fails, from 1; 0 is none */
    int lasting; /* all calls from that one on fail */
};

/* Not thread-safe: set it before the calls begin. */
void fault_set(const struct fault *fault);

/* Changes which call fails, also while calls are made and from a signal handler. */
void fault_turn(unsigned at);

/* Whether a call has failed. */
int fault_fired(void);

#endif
