/* elf: see elf.h. The layout of the header is the same for all machines up to e_machine, so a
 * foreign file can be identified. */
#include "elf.h"

#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <sys/stat.h>

enum { PART_MAX = 64 << 20 }; /* bytes that are read at a time */

static const struct machine {
    unsigned number;
    const char *name;
} machines[] = {
    {EM_X86_64, "x86-64"},  {EM_386, "32-bit x86"}, {EM_AARCH64, "ARM 64"},
    {EM_ARM, "32-bit ARM"}, {EM_RISCV, "RISC-V"},   {EM_PPC64, "POWER"},
};

static const char *machine_name(unsigned number, struct arena *arena)
{
    for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
        if (machines[i].number == number)
            return machines[i].name;
    return arena_printf(arena, "machine %u", number).p;
}

/* Reads the header of the running program, which a plugin must match. */
static int read_own(ElfW(Ehdr) * own)
{
    FILE *file = fopen("/proc/self/exe", "re");
    size_t n = file ? fread(own, sizeof *own, 1, file) : 0;
    if (file)
        fclose(file);
    return n == 1 ? 0 : -1;
}

static ouse_rc check_machine(const char *path, const ElfW(Ehdr) * is, struct problem *problem)
{
    ElfW(Ehdr) own;
    if (read_own(&own) != 0)
        return OUSE_OK; /* without /proc the dynamic linker has to find out */
    if (is->e_ident[EI_CLASS] == own.e_ident[EI_CLASS] && is->e_ident[EI_DATA] == own.e_ident[EI_DATA] &&
        is->e_machine == own.e_machine)
        return OUSE_OK;
    return problem_fail(
        problem, OUSE_E_INVALID, "%s: it is built for %s, this server runs on %s; build it for that", path,
        machine_name(is->e_machine, problem->arena), machine_name(own.e_machine, problem->arena));
}

/* Where the last byte that the dynamic linker will map ends in the file. */
static uint64_t end_of_segments(FILE *file, const ElfW(Ehdr) * is)
{
    uint64_t end = is->e_phoff + (uint64_t)is->e_phnum * sizeof(ElfW(Phdr));
    ElfW(Phdr) segment;
    if (fseek(file, (long)is->e_phoff, SEEK_SET) != 0)
        return UINT64_MAX;
    for (unsigned i = 0; i < is->e_phnum && fread(&segment, sizeof segment, 1, file) == 1; i++)
        if (segment.p_type == PT_LOAD && segment.p_offset + segment.p_filesz > end)
            end = segment.p_offset + segment.p_filesz;
    return end;
}

static ouse_rc check_whole(const char *path, FILE *file, const ElfW(Ehdr) * is, struct problem *problem)
{
    struct stat of;
    if (fstat(fileno(file), &of) != 0)
        return problem_fail(problem, OUSE_E_INVALID, "%s: %s", path, strerror(errno));
    uint64_t end = end_of_segments(file, is);
    if (end <= (uint64_t)of.st_size)
        return OUSE_OK;
    return problem_fail(problem, OUSE_E_INVALID, "%s: it is cut off: %lld bytes of %llu; copy it again", path,
                        (long long)of.st_size, (unsigned long long)end);
}

static ouse_rc check(const char *path, FILE *file, struct problem *problem)
{
    ElfW(Ehdr) is;
    size_t n = fread(&is, 1, sizeof is, file);
    if (n < SELFMAG || memcmp(is.e_ident, ELFMAG, SELFMAG) != 0)
        return problem_fail(problem, OUSE_E_INVALID,
                            "%s: it is not a shared object (ELF); build it with cc -shared -fPIC", path);
    if (n < sizeof is)
        return problem_fail(problem, OUSE_E_INVALID,
                            "%s: it is cut off: %zu bytes, less than its header; copy it again", path, n);
    if (check_machine(path, &is, problem) != OUSE_OK)
        return problem->rc;
    if (is.e_type != ET_DYN)
        return problem_fail(problem, OUSE_E_INVALID,
                            "%s: it is ELF, but not a shared object; build it with cc -shared -fPIC", path);
    return check_whole(path, file, &is, problem);
}

ouse_rc elf_check(const char *path, struct problem *problem)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return problem_fail(problem, OUSE_E_INVALID, "%s: %s", path, strerror(errno));
    ouse_rc rc = check(path, file, problem);
    fclose(file);
    return rc;
}

/* n bytes of the file; NULL where it has not so many there. */
static void *read_part(FILE *file, uint64_t from, uint64_t n, struct arena *arena)
{
    void *bytes = n <= PART_MAX ? arena_alloc(arena, n + 1) : NULL;
    if (!bytes || fseek(file, (long)from, SEEK_SET) != 0 || fread(bytes, 1, n, file) != n)
        return NULL;
    ((char *)bytes)[n] = 0;
    return bytes;
}

/* A weak symbol may stay undefined. One that is defined is no export of the plugin's own: C++ emits inline
 * functions, templates and type information so, and static members of templates as unique symbols. */
static void tell_symbols(const ElfW(Sym) * symbols, uint64_t n, const char *names, uint64_t size,
                         void (*fn)(void *arg, const char *name, int defined), void *arg)
{
    for (uint64_t i = 1; i < n; i++) {
        unsigned bind = ELF64_ST_BIND(symbols[i].st_info);
        int defined = symbols[i].st_shndx != SHN_UNDEF;
        if (symbols[i].st_name < size && bind == STB_GLOBAL)
            fn(arg, names + symbols[i].st_name, defined);
    }
}

static int read_symbols(FILE *file, void (*fn)(void *arg, const char *name, int defined), void *arg,
                        struct arena *arena)
{
    const ElfW(Ehdr) *is = read_part(file, 0, sizeof *is, arena);
    const ElfW(Shdr) *sections =
        is ? read_part(file, is->e_shoff, (uint64_t)is->e_shnum * sizeof *sections, arena) : NULL;
    for (unsigned i = 0; sections && i < is->e_shnum; i++) {
        const ElfW(Shdr) *at = &sections[i];
        if (at->sh_type != SHT_DYNSYM || at->sh_link >= is->e_shnum)
            continue;
        const ElfW(Sym) *symbols = read_part(file, at->sh_offset, at->sh_size, arena);
        const ElfW(Shdr) *texts = &sections[at->sh_link];
        const char *names = read_part(file, texts->sh_offset, texts->sh_size, arena);
        if (!symbols || !names)
            return -1;
        tell_symbols(symbols, at->sh_size / sizeof *symbols, names, texts->sh_size, fn, arg);
        return 0;
    }
    return -1;
}

ouse_rc elf_symbols(const char *path, void (*fn)(void *arg, const char *name, int defined), void *arg,
                    struct problem *problem)
{
    FILE *file = fopen(path, "re");
    int failed = !file || read_symbols(file, fn, arg, problem->arena) != 0;
    if (file)
        fclose(file);
    return failed ? problem_fail(problem, OUSE_E_INVALID,
                                 "%s: its dynamic symbols cannot be read; do not strip its section headers",
                                 path)
                  : OUSE_OK;
}
