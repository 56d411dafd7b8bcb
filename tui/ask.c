/*
 * ask - see ask.h.
 */
#include "tui/ask.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

void ask_copy(struct ask *to, const struct ask *from)
{
	*to = *from;
	to->folds = (struct folds){ .count = from->folds.count };
	to->folds.keys = xgrow(NULL, &to->folds.room, from->folds.count + 1,
			       sizeof(*to->folds.keys));
	if (from->folds.count)
		memcpy(to->folds.keys, from->folds.keys,
		       from->folds.count * sizeof(*to->folds.keys));
}

void ask_release(struct ask *a)
{
	free(a->folds.keys);
	a->folds = (struct folds){ 0 };
}

static size_t find(const struct ask *a, uint64_t key)
{
	size_t i = 0;

	while (i < a->folds.count && a->folds.keys[i] != key)
		i++;
	return i;
}

void ask_toggle(struct ask *a, uint64_t key)
{
	struct folds *f = &a->folds;
	size_t i = find(a, key);

	if (i < f->count) {
		f->keys[i] = f->keys[--f->count];
		return;
	}
	f->keys = xgrow(f->keys, &f->room, f->count + 1, sizeof(*f->keys));
	f->keys[f->count++] = key;
}

bool ask_is_toggled(const struct ask *a, uint64_t key)
{
	return find(a, key) < a->folds.count;
}
