/* log: one line an event; see log.h. A line is made on the stack, so that the
 * log works when memory is short; a message over the cap is cut. */
#include "log.h"

#include "../base/clock.h"
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { MESSAGE = 1024, HEAD = 128 };

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static atomic_int most = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&most, (int)level, memory_order_relaxed);
}

int log_on(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&most, memory_order_relaxed);
}

/* Copies text with its control characters as \xNN; line has room for four
 * bytes for each of text. Returns the end. */
static char *escape(char *line, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f)
            line += sprintf(line, "\\x%02x", c);
        else
            *line++ = (char)c;
    }
    return line;
}

void log_line(enum log_level level, const char *area, const char *format, ...)
{
    if (!log_on(level))
        return;
    int saved = errno;
    char time[CLOCK_TEXT], message[MESSAGE], line[HEAD + 4 * MESSAGE + 1];
    clock_format(clock_now(), time);
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    char *end = line + snprintf(line, HEAD, "%s %-5s %.64s: ", time, level_names[level], area);
    end = escape(end, message);
    *end++ = '\n';
    ssize_t written = write(STDERR_FILENO, line, (size_t)(end - line));
    (void)written; /* if it fails, nobody can be informed */
    errno = saved;
}
