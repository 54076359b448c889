/* files: reads the files of the start: small files in few folders, each once. */
#include "site.h"
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FOLDERS_DEEP = 4, FILE_MAX = 4 << 20 };

struct walk {
    const char *suffix;
    file_fn fn;
    void *arg;
    char **unread;
    size_t root; /* bytes of a path that are the folder itself */
};

static char *join(const char *folder, const char *name)
{
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        abort();
    return path;
}

/* The bytes of a file, malloc'd; no text when it cannot be read or is too large. */
static struct ouse_str read_file(const char *path, off_t size)
{
    FILE *file = size <= FILE_MAX ? fopen(path, "rb") : NULL;
    char *bytes = file ? malloc((size_t)size + 1) : NULL;
    size_t n = bytes ? fread(bytes, 1, (size_t)size, file) : 0;
    if (file)
        fclose(file);
    if (bytes && n == (size_t)size)
        return (struct ouse_str){bytes, (uint32_t)n};
    free(bytes);
    return ouse_s(NULL);
}

static int take(const struct walk *walk, const char *path, off_t size)
{
    size_t n = strlen(path), suffix = strlen(walk->suffix);
    struct ouse_str bytes;
    int stopped;
    if (n < suffix || strcmp(path + n - suffix, walk->suffix) != 0)
        return 0;
    bytes = read_file(path, size);
    if (!bytes.p) {
        *walk->unread = strdup(path);
        return -1;
    }
    stopped = walk->fn(walk->arg, path + walk->root + 1, bytes);
    free((void *)(uintptr_t)bytes.p);
    return stopped;
}

static int walk_folder(const struct walk *walk, const char *folder, int deep)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int stopped = 0;
    while (dir && !stopped && (entry = readdir(dir))) {
        char *path = join(folder, entry->d_name);
        struct stat is;
        if (entry->d_name[0] == '.' || stat(path, &is) != 0)
            stopped = 0;
        else if (S_ISREG(is.st_mode))
            stopped = take(walk, path, is.st_size);
        else if (S_ISDIR(is.st_mode) && deep > 1)
            stopped = walk_folder(walk, path, deep - 1);
        free(path);
    }
    if (dir)
        closedir(dir);
    return stopped;
}

int files_each(const char *folder, const char *suffix, file_fn fn, void *arg, char **unread)
{
    struct walk walk = {suffix, fn, arg, unread, strlen(folder)};
    *unread = NULL;
    return walk_folder(&walk, folder, FOLDERS_DEEP);
}

char *files_home(void)
{
    static const char here = 0;
    Dl_info info;
    const char *slash = dladdr(&here, &info) && info.dli_fname ? strrchr(info.dli_fname, '/') : NULL;
    return slash ? strndup(info.dli_fname, (size_t)(slash - info.dli_fname)) : strdup(".");
}
