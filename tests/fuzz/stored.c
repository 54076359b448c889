/* stored: keys and journal entries as a damaged store could hold them. What is
 * taken to pieces lies within its bytes. */
#include "fuzz.h"
#include "store/journal.h"

static void must_lie_in(struct ouse_str part, struct ouse_str whole)
{
    must(part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    struct journal_entry entry;
    struct key_reference reference;
    (void)arena, (void)problem;
    if (journal_read(text, &entry) == 0) {
        must_lie_in(entry.id, text);
        must_lie_in(entry.actor, text);
        must(journal_op_name(entry.op) != NULL);
    }
    if (key_read_reference(text, &reference) == 0) {
        must_lie_in(reference.target_id, text);
        must_lie_in(reference.id, text);
    }
    struct ouse_str id = key_index_id(text);
    if (id.p)
        must_lie_in(id, text);
}
