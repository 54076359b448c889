/* elf: checks whether a file can be loaded into this process, before the dynamic linker tries: its
 * messages are short, and if a file was cut off, the process ends when its missing pages are
 * touched. */
#ifndef HOST_ELF_H
#define HOST_ELF_H

#include "../base/error.h"

/* The file is a whole shared object for this machine. */
ouse_rc elf_check(const char *path, struct problem *problem);

/* Calls fn with each dynamic symbol of a file that elf_check takes: those that it exports
 * (defined), and those that it must find elsewhere. */
ouse_rc elf_symbols(const char *path, void (*fn)(void *arg, const char *name, int defined), void *arg,
                    struct problem *problem);

#endif
