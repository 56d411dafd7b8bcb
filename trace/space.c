/*
 * space - see space.h.
 */
#include "trace/space.h"

#include <stdlib.h>
#include <string.h>

#include "trace/index.h"
#include "trace/ring.h"
#include "trace/xmalloc.h"

enum {
	KNOWN_FIRST = 256,
	MODULES_MAX = 65536, /* as many ranges as the kernel allows */
};

static void forget(struct space *s)
{
	if (!s->known_count)
		return;
	memset(s->known, 0, s->known_size * sizeof(*s->known));
	s->known_count = 0;
	s->generation++;
}

/* The first module that ends behind `addr`. */
static size_t seek(const struct space *s, uint64_t addr)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->modules[middle].end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void erase(struct space *s, size_t at, size_t n)
{
	if (!n)
		return;
	memmove(&s->modules[at], &s->modules[at + n],
		(s->count - at - n) * sizeof(*s->modules));
	s->count -= n;
}

void space_add(struct space *s, struct space_module module)
{
	size_t at = seek(s, module.start);
	size_t behind = at;

	if (module.start >= module.end)
		return;
	while (behind < s->count && s->modules[behind].start < module.end)
		behind++;
	erase(s, at, behind - at);
	if (s->count >= MODULES_MAX)
		return;
	s->modules = xgrow(s->modules, &s->capacity, s->count + 1,
			   sizeof(*s->modules));
	memmove(&s->modules[at + 1], &s->modules[at],
		(s->count - at) * sizeof(*s->modules));
	s->modules[at] = module;
	s->count++;
	forget(s);
}

void space_remove(struct space *s, uint64_t start)
{
	size_t at = seek(s, start);

	if (at == s->count || s->modules[at].start != start)
		return;
	erase(s, at, 1);
	forget(s);
}

void space_copy(struct space *to, const struct space *from)
{
	to->modules = xgrow(to->modules, &to->capacity, from->count,
			    sizeof(*to->modules));
	if (from->count)
		memcpy(to->modules, from->modules,
		       from->count * sizeof(*to->modules));
	to->count = from->count;
	forget(to);
}

static uint32_t frame_at(const struct space *s, uint64_t word,
			 struct frames *frames)
{
	uint64_t pc = word & RING_FRAME_PC;
	size_t at = seek(s, pc);
	struct model_frame f = { .kind = MODEL_FRAME_UNKNOWN, .addr = pc };

	if (word & RING_FRAME_GUESSED)
		f.flags |= MODEL_FRAME_GUESSED;
	if (word & RING_FRAME_EXACT)
		f.flags |= MODEL_FRAME_EXACT;
	if (at < s->count && s->modules[at].start <= pc) {
		f.kind = MODEL_FRAME_CODE;
		f.module = s->modules[at].module;
		f.addr = pc - s->modules[at].bias;
	}
	return frames_intern(frames, &f);
}

static uint32_t special_frame(uint64_t word, struct frames *frames)
{
	struct model_frame f = { .kind = MODEL_FRAME_NO_INFO };

	if ((word & RING_FRAME_PC) == RING_FRAME_CUT)
		f.kind = MODEL_FRAME_CUT;
	return frames_intern(frames, &f);
}

static struct space_known *find(const struct space *s, uint64_t word)
{
	size_t at = index_mix(word, 0) & (s->known_size - 1);

	while (s->known[at].word && s->known[at].word != word)
		at = (at + 1) & (s->known_size - 1);
	return &s->known[at];
}

static void grow(struct space *s)
{
	struct space larger = { .known_size = s->known_size ? s->known_size * 2
							    : KNOWN_FIRST };

	larger.known = xcalloc(larger.known_size, sizeof(*larger.known));
	for (size_t i = 0; i < s->known_size; i++)
		if (s->known[i].word)
			*find(&larger, s->known[i].word) = s->known[i];
	free(s->known);
	s->known = larger.known;
	s->known_size = larger.known_size;
}

uint32_t space_frame(struct space *s, uint64_t word, struct frames *frames)
{
	struct space_known *known;

	if ((word & RING_FRAME_PC) < RING_FRAME_SPECIAL_END)
		return special_frame(word, frames);
	if (s->known_count >= s->known_size / 4 * 3)
		grow(s);
	known = find(s, word);
	if (!known->word) {
		known->word = word;
		known->frame = frame_at(s, word, frames);
		s->known_count++;
	}
	return known->frame;
}

void space_retire(struct space *s)
{
	free(s->known);
	s->known = NULL;
	s->known_size = s->known_count = 0;
}

void space_release(struct space *s)
{
	free(s->modules);
	free(s->known);
	*s = (struct space){ 0 };
}
