/* leaks: the findings of LeakSanitizer at the end of a probe, if the program is built with it. */
#ifndef PLUGIN_LEAKS_H
#define PLUGIN_LEAKS_H

#include "probe.h"

/* A finding if memory is lost; its report is in the log. */
void leaks_report(struct probe *probe);

/* Whether the program has LeakSanitizer. */
int leaks_sanitizer(void);

#endif
