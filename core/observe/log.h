/* log: one line per event, on standard error.
 *
 *     2026-11-21T23:17:00.123Z warn  store: no reader slot is free …
 *
 * Control characters in messages are escaped, so that no input can forge a line. Thread-safe; a
 * line is one write. */
#ifndef OBSERVE_LOG_H
#define OBSERVE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
int log_on(enum log_level level);

/* area: the folder that speaks ("store"), or the plugin's name. */
void log_line(enum log_level level, const char *area, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(area, ...) log_line(LOG_ERROR, area, __VA_ARGS__)
#define log_warn(area, ...)  log_line(LOG_WARN, area, __VA_ARGS__)
#define log_info(area, ...)  log_line(LOG_INFO, area, __VA_ARGS__)
#define log_debug(area, ...)                        \
    do {                                            \
        if (log_on(LOG_DEBUG))                      \
            log_line(LOG_DEBUG, area, __VA_ARGS__); \
    } while (0)

#endif
