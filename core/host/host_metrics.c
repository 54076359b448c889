/* host_metrics: the metrics of the server, for a plugin that exports them. */
#include "instance.h"

#define WORD(word)  #word
#define TEXT(macro) WORD(macro)

/* Facts, as labels of a 1. */
static void tell_versions(const struct runtime *runtime, struct measures *out)
{
    const char *abi = TEXT(OUSE_ABI_MAJOR) "." TEXT(OUSE_ABI_MINOR);
    measure_gauge(out, "build_info", NULL, "version abi", "The program and its plugin ABI.");
    measure_value(out, 1, (const char *[]){OUSE_VERSION, abi});
    measure_gauge(out, "plugin_info", NULL, "plugin version", "The plugins that are loaded.");
    for (uint32_t i = 0; i < runtime->n; i++)
        measure_value(
            out, 1,
            (const char *[]){runtime->workers[i].plugin->is.name, runtime->workers[i].plugin->is.version});
}

struct ouse_doc *host_measures(struct ouse_ctx *ctx)
{
    struct context *context = context_of(ctx);
    struct measures measures = {0};
    if (!context->request) {
        context_defect(context, "ouse_measures: only a route may call it");
        return NULL;
    }
    measures.families = cJSON_CreateArray();
    tell_versions(context->worker->runtime, &measures);
    http_measure(context->request, &measures);
    if (records_measure(context->records, &measures) != OUSE_OK && !context->sticky)
        context->sticky = OUSE_E_UNAVAILABLE;
    return doc_hold(context, measures.families);
}
