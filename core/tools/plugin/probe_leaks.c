/* The probe of leaks, for a program without a sanitizer: it repeats the actions of a plugin several
 * times, and the memory in use must not grow each time. With LeakSanitizer each probe ends with its
 * check. */
#include "leaks.h"
#include "sample.h"

#include <malloc.h>

enum { WARM = 2, ROUNDS = 3 };

extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

int leaks_sanitizer(void)
{
    return __lsan_do_recoverable_leak_check != NULL;
}

void leaks_report(struct probe *probe)
{
    if (leaks_sanitizer() && __lsan_do_recoverable_leak_check())
        probe_tell(probe, PROBE_FAIL, "memory is lost:\n%.*s", OUSE_F(probe_log(probe, 64 << 10)));
}

/* The memory in use after a register was filled, read and closed. */
static int64_t round_trip(struct probe *probe)
{
    struct trial trial;
    struct arena kept = probe->arena;
    probe->arena = (struct arena){0};
    if (trial_begin(probe, &trial) == 0) {
        specimen_fill(&trial);
        for (uint32_t i = 0; trial_own(&trial, i); i++) {
            struct answer answer;
            trial_get(&trial, &answer, "/api/v1/%s", trial_own(&trial, i)->is.name);
        }
    }
    trial_close(&trial);
    arena_finish(&probe->arena);
    probe->arena = kept;
    struct mallinfo2 info = mallinfo2();
    return (int64_t)(info.uordblks + info.hblkhd);
}

/* The first rounds fill caches that are never freed. */
void probe_leaks(struct probe *probe)
{
    int64_t used[WARM + ROUNDS];
    int grows = 1;
    if (leaks_sanitizer()) {
        round_trip(probe);
        return;
    }
    for (int i = 0; i < WARM + ROUNDS; i++)
        used[i] = round_trip(probe);
    for (int i = WARM; i < WARM + ROUNDS; i++)
        grows &= used[i] > used[i - 1];
    if (grows)
        probe_tell(
            probe, PROBE_FAIL,
            "each time that a register is opened, filled, read and closed, %lld more bytes stay in use; a "
            "build with -fsanitize=address, of the server and of the plugin, shows where they come from",
            (long long)((used[WARM + ROUNDS - 1] - used[WARM - 1]) / ROUNDS));
}
