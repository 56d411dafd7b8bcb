/*
 * python - see python.h.
 *
 * Hidden frames
 * -------------
 * Since 3.11 a frame is on the chain before the instruction RESUME of its code
 * has run: while its arguments are put in place, and its cells made. Python
 * does not show it then, in no traceback and no statistics of tracemalloc's,
 * unless it is a generator's. 3.13 has frames that are never shown, of a code
 * without lines that calls __init__: their first instruction that could be
 * traced is the last.
 */
#include "trace/python.h"

#include <stdlib.h>
#include <string.h>

#include "trace/utf8.h"
#include "trace/xmalloc.h"

enum {
	INSTRUCTION_BYTES = 2,
	TEXT_MAX = 1 << 16, /* characters kept of a name */
};

void python_copy(struct python *to, const struct python *from)
{
	free(to->codes);
	*to = *from;
	to->capacity = 0;
	to->codes = xgrow(NULL, &to->capacity, from->count, sizeof(*to->codes));
	if (from->count)
		memcpy(to->codes, from->codes,
		       from->count * sizeof(*to->codes));
}

void python_release(struct python *p)
{
	free(p->codes);
	*p = (struct python){ 0 };
}

bool python_take_loops(struct python *p, const void *payload, size_t size)
{
	struct ring_python said;

	if (size < sizeof(said))
		return false;
	memcpy(&said, payload, sizeof(said));
	if (said.ranges > RING_PYTHON_RANGES)
		return false;
	p->version = said.version;
	p->loop_count = said.ranges;
	memcpy(p->loops, said.range, sizeof(p->loops));
	return true;
}

static uint64_t number_of(uint64_t word)
{
	return (word & (RING_FRAME_PYTHON - 1)) >> RING_CODE_SHIFT;
}

/* In units, + 1. */
static uint64_t instruction_of(uint64_t word)
{
	return word & RING_INSTRUCTIONS;
}

bool python_is_hidden(const struct python *p, uint64_t word)
{
	uint64_t number = number_of(word);

	if (number == RING_CODE_NONE)
		return true;
	return number < p->count && p->codes[number].hides &&
	       !(word & RING_FRAME_GENERATOR) &&
	       instruction_of(word) <= p->codes[number].first_traceable;
}

uint32_t python_frame(const struct python *p, uint64_t word,
		      struct frames *frames)
{
	uint64_t number = number_of(word), at = instruction_of(word);
	struct model_frame f = { .kind = MODEL_FRAME_PYTHON };

	if (number >= p->count || !p->codes[number].code)
		return frames_intern(frames, &(struct model_frame){
						     .kind = MODEL_FRAME_CUT });
	f.module = p->codes[number].code - 1;
	f.addr = at ? (at - 1) * INSTRUCTION_BYTES : MODEL_NOT_BEGUN;
	return frames_intern(frames, &f);
}

/* Bytes that are still to be read. */
struct rest {
	const char *at;
	size_t left;
};

static const char *skip(struct rest *r, uint64_t size)
{
	const char *start = r->at;

	if (size > r->left)
		return NULL;
	r->at += size;
	r->left -= size;
	return start;
}

static uint32_t character(const char *at, uint32_t width)
{
	uint32_t c = 0;

	memcpy(&c, at, width);
	return c;
}

/* Caller frees; NULL when it lies. */
static char *take_text(struct rest *r, uint32_t count, uint32_t width)
{
	size_t kept = count < TEXT_MAX ? count : TEXT_MAX, size = 0;
	const char *chars;
	char *text;

	if (width != 1 && width != 2 && width != 4)
		return NULL;
	chars = skip(r, (uint64_t)count * width);
	if (!chars)
		return NULL;
	text = xmalloc(kept * UTF8_MAX + 1);
	for (size_t i = 0; i < kept; i++)
		size += utf8_put(text + size,
				 character(chars + i * width, width));
	text[size] = '\0';
	return text;
}

static void set_code(struct python *p, uint32_t number,
		     const struct python_code *code)
{
	size_t before = p->capacity;

	p->codes = xgrow(p->codes, &p->capacity, (size_t)number + 1,
			 sizeof(*p->codes));
	if (p->capacity > before)
		memset(p->codes + before, 0,
		       (p->capacity - before) * sizeof(*p->codes));
	p->codes[number] = *code;
	if (number >= p->count)
		p->count = (size_t)number + 1;
}

/* Takes the texts into `text`, which the caller frees in any case. */
static bool take_rest(struct rest *r, const struct ring_code *said,
		      char *text[RING_CODE_TEXTS], struct model_code *code)
{
	for (int i = 0; i < RING_CODE_TEXTS; i++) {
		text[i] =
			take_text(r, said->text[i].count, said->text[i].width);
		if (!text[i])
			return false;
	}
	*code = (struct model_code){
		.file = text[0],
		.name = text[1],
		.qualified = text[2],
		.first_line =
			said->first_line > 0 ? (uint32_t)said->first_line : 0,
		.form = (enum model_code_form)said->form,
		.lines = (const uint8_t *)skip(r, said->lines),
		.lines_size = said->lines,
	};
	return code->lines && said->form < RING_CODE_FORMS;
}

bool python_take_code(struct python *p, struct codes *codes, uint32_t number,
		      const char *bytes, size_t size)
{
	char *text[RING_CODE_TEXTS] = { 0 };
	struct rest r = { bytes, size };
	const char *head = skip(&r, sizeof(struct ring_code));
	struct model_code code;
	struct ring_code said;
	bool ok;

	if (!head || number >= RING_CODES)
		return false;
	memcpy(&said, head, sizeof(said));
	ok = take_rest(&r, &said, text, &code);
	if (ok)
		set_code(p, number,
			 &(struct python_code){
				 .code = codes_intern(codes, &code) + 1,
				 .first_traceable = said.first_traceable,
				 .hides = said.form == RING_CODE_LOCATIONS });
	for (int i = 0; i < RING_CODE_TEXTS; i++)
		free(text[i]);
	return ok;
}
