/* readiness: see readiness.h. */
#include "readiness.h"

void readiness_add(struct readiness *readiness, const char *code, int64_t since, const char *format, ...)
{
    va_list args;
    if (readiness->n == READINESS_REASONS)
        return;
    va_start(args, format);
    readiness->reasons[readiness->n++] =
        (struct readiness_reason){code, arena_vprintf(readiness->arena, format, args), since};
    va_end(args);
}
