/* crash: logs the running callback when the process ends unexpectedly.
 *
 * On SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGSYS, on an error that a sanitizer found, and when
 * a plugin calls exit(), one line of the log names the signal, the plugin, the callback and the
 * record. The process then ends as it would have done: with a core file, or with the report of the
 * sanitizer. exit(0) in a callback ends it with status 70, so that a supervisor sees a failure.
 *
 *     2026-11-21T23:17:00.123Z error hubs: hook 3 on hubs/cam-hub crashed: SIGSEGV, address 0x0
 *
 * After SIGBUS a second line names the file that is mapped at the address: such a signal means that
 * the file is damaged or truncated, or that the disk fails. If it is the file of a store, the
 * process ends with status 1 and without a core file.
 *
 * A C++ exception that leaves a plugin ends in abort(), and so in SIGABRT. This is the only file
 * that handles these signals. */
#ifndef OBSERVE_CRASH_H
#define OBSERVE_CRASH_H

#define CRASH_EXIT 70 /* EX_SOFTWARE */

/* Installs the handlers; once, before threads start. */
void crash_install(void);

/* Sets up a child process whose parent reports how it ends: exit() keeps its status; nothing is
 * written if `quiet`. */
void crash_in_child(int quiet);

/* The program ends on its own accord: exit() is no defect from now on. */
void crash_expect_exit(void);

#endif
