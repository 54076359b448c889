/* entries: the index entries of a stored record for a field, from its bytes. */
#include "../base/json_slice.h"
#include "scan.h"

struct counting {
    void (*fn)(void *arg, struct ouse_str entry);
    void *arg;
    uint32_t n;
};

static void count(void *arg, struct ouse_str entry)
{
    struct counting *counting = arg;
    counting->n++;
    counting->fn(counting->arg, entry);
}

void record_entries(const struct record *record, const struct field *field,
                    void (*fn)(void *arg, struct ouse_str entry), void *arg)
{
    struct counting counting = {fn, arg, 0};
    if (schema_is_time(field)) {
        const struct schema_times times = record_times(record);
        const cJSON time = schema_time(field, &times);
        schema_field_entries(field, &time, fn, arg);
        return;
    }
    struct ouse_str text = json_slice(record->json, field->is.name);
    cJSON *value = text.p ? cJSON_ParseWithLength(text.p, text.n) : NULL;
    if (value)
        schema_field_entries(field, value, count, &counting);
    cJSON_Delete(value);
    if (!counting.n)
        fn(arg, NOTHING);
}

void record_texts(const struct record *record, const struct field *field,
                  void (*fn)(void *arg, struct ouse_str entry, struct ouse_str text), void *arg)
{
    struct ouse_str text = json_slice(record->json, field->is.name);
    cJSON *value = text.p ? cJSON_ParseWithLength(text.p, text.n) : NULL;
    if (value)
        schema_text_entries(field, value, fn, arg);
    cJSON_Delete(value);
}

int term_asks_in(const struct query_term *term, const struct field *field)
{
    char place[SCHEMA_WORD_PLACE];
    size_t same = schema_is_sources(field) ? SCHEMA_WORD_PLACE - 1 : SCHEMA_WORD_PLACE;
    uint32_t low = 0, high = term->n_ranges;
    schema_word_place(field, OUSE_PUBLIC, place);
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (memcmp(term->ranges[middle].from.p, place, same) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < term->n_ranges && memcmp(term->ranges[low].from.p, place, same) == 0;
}

const struct index *field_index(const struct collection *collection, const struct field *field)
{
    const struct index *index = schema_index(collection, ouse_s(field->is.name));
    return index && index_is_own(index) ? index : NULL;
}
