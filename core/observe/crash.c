/* crash: see crash.h. Handlers use async-signal-safe functions only: a line is built by hand on
 * the stack and is one write. */
#include "crash.h"

#include "../base/clock.h"
#include "callback.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE = 1024, READ = 1024 };

static const struct fatal {
    int number;
    const char *name;
    int at_address; /* siginfo has the address */
} fatal[] = {
    {SIGSEGV, "SIGSEGV", 1}, {SIGBUS, "SIGBUS", 1}, {SIGABRT, "SIGABRT", 0},
    {SIGFPE, "SIGFPE", 0},   {SIGILL, "SIGILL", 0}, {SIGSYS, "SIGSYS", 0},
};
enum { FATAL = sizeof fatal / sizeof fatal[0] };

static struct sigaction before[FATAL];
static atomic_int expects_exit, reported, in_child, quiet;

/* ---- A line ------------------------------------------------------------------------ */

struct line {
    char text[LINE];
    size_t n;
};

/* Control characters become \xNN, as in the log. */
static void put(struct line *line, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (; *text && line->n < LINE - 5; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x20 && c != 0x7f) {
            line->text[line->n++] = (char)c;
            continue;
        }
        const char escaped[] = {'\\', 'x', digits[c >> 4], digits[c & 15]};
        memcpy(line->text + line->n, escaped, sizeof escaped);
        line->n += sizeof escaped;
    }
}

static void put_address(struct line *line, const void *address)
{
    char text[2 + 2 * sizeof(uintptr_t) + 1], *at = text + sizeof text - 1;
    uintptr_t left = (uintptr_t)address;
    *at = '\0';
    do {
        *--at = "0123456789abcdef"[left & 15];
        left >>= 4;
    } while (left);
    put(line, "0x");
    put(line, at);
}

static void begin(struct line *line, const char *area)
{
    char time[CLOCK_TEXT];
    line->n = 0;
    clock_format(clock_now(), time);
    put(line, time);
    put(line, " error ");
    put(line, area);
    put(line, ": ");
}

static void end(struct line *line)
{
    line->text[line->n++] = '\n';
    if (atomic_load(&quiet))
        return;
    ssize_t written = write(STDERR_FILENO, line->text, line->n);
    (void)written; /* if it fails, nobody can be informed */
}

/* "PLUGIN: CALLBACK on COLLECTION/ID …"; or, if no callback runs, "ouse: outside of all plugins, …". */
static void begin_with_callback(struct line *line)
{
    struct callback callback;
    if (!callback_current(&callback)) {
        begin(line, "ouse");
        put(line, "outside of all plugins, the program ");
        return;
    }
    begin(line, callback.plugin);
    put(line, callback.kind ? callback.kind : "");
    put(line, callback.kind ? " " : "");
    put(line, callback.name);
    if (callback.id[0]) {
        put(line, " on ");
        put(line, callback.collection ? callback.collection : "");
        put(line, callback.collection ? "/" : "");
        put(line, callback.id);
    }
    put(line, " ");
}

/* ---- Signals ------------------------------------------------------------------------- */

/* A reader of /proc/self/maps: "7f00-7f10 r--s 00000000 08:01 131 /var/lib/ouse/data.mdb". */
struct reader {
    int file;
    char text[READ];
    ssize_t n, at;
};

/* Returns -1 at the end. */
static int next_byte(struct reader *reader)
{
    if (reader->at == reader->n) {
        reader->n = read(reader->file, reader->text, READ);
        reader->at = 0;
    }
    return reader->n > 0 ? (unsigned char)reader->text[reader->at++] : -1;
}

/* Reads a hexadecimal number and the byte after it. */
static uintptr_t read_address(struct reader *reader)
{
    uintptr_t value = 0;
    for (int c; (c = next_byte(reader)) >= 0 && c != '-' && c != ' ';)
        value = value * 16 + (uintptr_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    return value;
}

/* Reads the rest of a line, from its first slash on. Returns 0 at the end of the file. */
static int read_path(struct reader *reader, char path[READ])
{
    size_t n = 0;
    int c;
    while ((c = next_byte(reader)) >= 0 && c != '\n')
        if (n + 1 < READ && (n || c == '/'))
            path[n++] = (char)c;
    path[n] = '\0';
    return c >= 0;
}

/* Finds the file that is mapped at an address; stores an empty text if there is no such file. */
static void find_file(const void *address, char path[READ])
{
    struct reader reader = {.file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)};
    uintptr_t wanted = (uintptr_t)address, from, to;
    path[0] = '\0';
    do {
        from = read_address(&reader);
        to = read_address(&reader);
    } while (read_path(&reader, path) && (wanted < from || wanted >= to));
    if (wanted < from || wanted >= to)
        path[0] = '\0';
    close(reader.file);
}

static int is_store(const char *path)
{
    static const char name[] = "/data.mdb";
    size_t n = strlen(path);
    return n >= sizeof name - 1 && strcmp(path + n - (sizeof name - 1), name) == 0;
}

/* A fault in the store's file is no defect of the program: it ends like other failures, without a core file.
 */
static void report_file(const void *address)
{
    struct line line;
    char path[READ];
    find_file(address, path);
    if (!path[0])
        return;
    begin(&line, "store");
    put(&line, path);
    put(&line, ": a page of this file cannot be read: the file is damaged or truncated, or the disk fails. "
               "Run \"ouse verify\" on a copy of the register, or restore a backup");
    end(&line);
    if (is_store(path))
        _exit(1);
}

/* Restores the previous action of the signal, and raises it again: when the handler returns, for a
 * fault of this thread; at once, for a signal that was sent, as abort() does. */
static void handle(int number, siginfo_t *info, void *context)
{
    struct line line;
    int saved = errno;
    size_t i = 0;
    (void)context;
    while (i < FATAL - 1 && fatal[i].number != number)
        i++;
    sigaction(number, &before[i], NULL);
    atomic_store(&reported, 1);
    begin_with_callback(&line);
    put(&line, "crashed: ");
    put(&line, fatal[i].name);
    if (fatal[i].at_address && info->si_code > 0) {
        put(&line, ", address ");
        put_address(&line, info->si_addr);
    }
    end(&line);
    if (number == SIGBUS && info->si_code > 0)
        report_file(info->si_addr);
    if (info->si_code <= 0)
        raise(number);
    errno = saved;
}

static void end_by_exit(int status)
{
    struct line line;
    begin_with_callback(&line);
    put(&line, "called exit(); a plugin must return, and report failures with ouse_fail");
    end(&line);
    _exit(status || atomic_load(&in_child) ? status : CRASH_EXIT);
}

static void handle_exit(int status, void *arg)
{
    struct callback callback;
    (void)arg;
    if (!atomic_load(&expects_exit) || callback_current(&callback))
        end_by_exit(status);
}

/* quick_exit() does not pass its status on. */
static void handle_quick_exit(void)
{
    end_by_exit(CRASH_EXIT);
}

/* A sanitizer has printed its report and ends the process. */
static void handle_sanitizer(void)
{
    struct line line;
    if (atomic_load(&reported))
        return;
    begin_with_callback(&line);
    put(&line, "was stopped by the sanitizer");
    end(&line);
}

/* Defined if the program is built with a sanitizer. That of gcc for undefined behaviour is a library
 * that has its own. */
extern void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

static void watch_sanitizers(void)
{
    void *library = dlopen("libubsan.so.1", RTLD_LAZY | RTLD_NOLOAD);
    void *symbol = library ? dlsym(library, "__sanitizer_set_death_callback") : NULL;
    void (*set)(void (*fn)(void)) = NULL;
    memcpy(&set, &symbol, sizeof symbol); /* ISO C has no cast for this */
    if (set)
        set(handle_sanitizer);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(handle_sanitizer);
}

void crash_install(void)
{
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < FATAL; i++)
        sigaction(fatal[i].number, &action, &before[i]);
    on_exit(handle_exit, NULL);
    at_quick_exit(handle_quick_exit);
    watch_sanitizers();
}

void crash_in_child(int says_nothing)
{
    atomic_store(&in_child, 1);
    atomic_store(&quiet, says_nothing);
}

void crash_expect_exit(void)
{
    atomic_store(&expects_exit, 1);
}
