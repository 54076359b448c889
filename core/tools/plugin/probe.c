/* probe: the table of probes, and their output; see probe.h. */
#include "probe.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

const struct probe_row probes[] = {
    {"load", NULL, "the server accepts the file: owner, ELF, ABI, tables, options", probe_load},
    {"symbols", "load", "it exports ouse_plugin alone, and leaves nothing undefined", probe_symbols},
    {"words", "load", "all that it declares is explained", probe_words},
    {"declaration", "load", "its tables agree with each other, and with the plugins it needs",
     probe_declaration},
    {"neighbours", "declaration", "it clashes with nothing that is installed", probe_neighbours},
    {"start", "declaration", "it starts and stops, twice, and leaves no files or threads", probe_start},
    {"reload", "start", "options can be read again while it runs", probe_reload},
    {"empty", "start", "every GET is answered by a register without records", probe_empty},
    {"records", "start", "a record is made, read, written, moved, exported, imported, removed",
     probe_records},
    {"refusals", "start", "a bad record is rejected, with the reason", probe_refusals},
    {"replay", "start", "a change that is run again gives the same", probe_replay},
    {"routes", "start", "every route answers any request", probe_routes},
    {"migrations", "start", "each migration accepts any record, and gives the same if it is run again",
     probe_migrations},
    {"formats", "start", "every format writes records and lists, and declares how many it gets",
     probe_formats},
    {"tasks", "start", "every task runs, in a register with records and in one without", probe_tasks},
    {"leaks", "start", "memory is given back", probe_leaks},
};
const uint32_t n_probes = sizeof probes / sizeof probes[0];
