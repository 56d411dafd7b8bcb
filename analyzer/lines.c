/*
 * Design
 * ------
 * All three forms are read by one cursor, which gives spans with a line: what
 * differs is how an entry says how long its span is and how far its line is
 * from the one before.
 *
 * Lines are summed in 64 bits. A step is at most 32 bits and takes at least a
 * byte, and a table has less than 2^32 bytes, so no sum can overflow; a line
 * that is none (below 1 or above INT32_MAX, as Python has it) is shown as 0,
 * though the sum goes on.
 *
 * Up to 3.9 a span's line is what was summed up before its entry, and the last
 * one has no end; later the entry is that of its own span.
 */
#include "analyzer/lines.h"

enum {
	NO_LINE = -128, /* a step of the form of 3.10 */
	UNIT = 2, /* bytes of an instruction */
};

/* What an entry of the form of 3.11 says; see its codes in read_entry(). */
enum entry_code {
	ENTRY_ONE_LINE = 10, /* and 11, 12: that many lines on, less 10 */
	ENTRY_NO_COLUMNS = 13,
	ENTRY_LONG = 14,
	ENTRY_NONE = 15,
};

void lines_begin(struct lines_cursor *c, const struct model_code *code)
{
	*c = (struct lines_cursor){ .code = code, .line = code->first_line };
}

static bool is_at_end(const struct lines_cursor *c)
{
	return c->at >= c->code->lines_size;
}

static uint8_t read_byte(struct lines_cursor *c)
{
	return is_at_end(c) ? 0 : c->code->lines[c->at++];
}

/* Six bits a byte, lowest first; bits above the 32nd are dropped. */
static uint32_t read_number(struct lines_cursor *c)
{
	uint32_t value = 0, shift = 0;
	uint8_t byte;

	do {
		byte = read_byte(c);
		if (shift < 32)
			value |= (uint32_t)(byte & 63) << shift;
		shift += 6;
	} while (byte & 64);
	return value;
}

static int64_t read_signed(struct lines_cursor *c)
{
	uint32_t value = read_number(c);

	return value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
}

static uint32_t line_of(int64_t line)
{
	return line < 1 || line > INT32_MAX ? 0 : (uint32_t)line;
}

static void set_lines(struct lines_span *out, int64_t first, int64_t last)
{
	out->line = line_of(first);
	out->end_line = out->line ? line_of(last) : 0;
	if (out->end_line < out->line)
		out->end_line = out->line;
}

/* Stored with 1 added, 0 being none. */
static int32_t read_column(struct lines_cursor *c)
{
	uint32_t value = read_number(c);

	return value && value <= INT32_MAX ? (int32_t)value - 1
					   : LINES_NO_COLUMN;
}

static bool next_lnotab(struct lines_cursor *c, struct lines_span *out)
{
	set_lines(out, c->line, c->line);
	/* A byte without its partner ends the table, as Python has it. */
	if (c->code->lines_size - c->at < 2) {
		out->end = UINT64_MAX;
		c->at = c->code->lines_size;
		c->is_done = true;
		return true;
	}
	out->end += read_byte(c);
	c->line += (int8_t)read_byte(c);
	return true;
}

static bool next_linetable(struct lines_cursor *c, struct lines_span *out)
{
	int8_t step;

	if (c->code->lines_size - c->at < 2)
		return false;
	out->end += read_byte(c);
	step = (int8_t)read_byte(c);
	if (step == NO_LINE)
		return true;
	c->line += step;
	set_lines(out, c->line, c->line);
	return true;
}

static void read_short(struct lines_cursor *c, int code, struct lines_span *out)
{
	uint8_t byte = read_byte(c);

	out->column = code << 3 | (byte >> 4 & 7);
	out->end_column = out->column + (byte & 15);
}

static void read_entry(struct lines_cursor *c, int code, struct lines_span *out)
{
	int64_t last = 0;

	if (code == ENTRY_NONE)
		return;
	if (code == ENTRY_LONG || code == ENTRY_NO_COLUMNS)
		c->line += read_signed(c);
	else if (code >= ENTRY_ONE_LINE)
		c->line += code - ENTRY_ONE_LINE;
	if (code == ENTRY_LONG) {
		last = read_number(c);
		out->column = read_column(c);
		out->end_column = read_column(c);
	} else if (code < ENTRY_ONE_LINE) {
		read_short(c, code, out);
	} else if (code < ENTRY_NO_COLUMNS) {
		out->column = read_byte(c);
		out->end_column = read_byte(c);
	}
	set_lines(out, c->line, c->line + last);
}

static bool next_location(struct lines_cursor *c, struct lines_span *out)
{
	uint8_t first;

	if (is_at_end(c))
		return false;
	first = read_byte(c);
	out->end += (uint64_t)((first & 7) + 1) * UNIT;
	read_entry(c, first >> 3 & 15, out);
	return true;
}

bool lines_next(struct lines_cursor *c, struct lines_span *out)
{
	bool has = false;

	*out = (struct lines_span){ .start = c->end,
				    .end = c->end,
				    .column = LINES_NO_COLUMN,
				    .end_column = LINES_NO_COLUMN };
	if (c->is_done)
		return false;
	switch (c->code->form) {
	case MODEL_CODE_LNOTAB:
		has = next_lnotab(c, out);
		break;
	case MODEL_CODE_LINETABLE:
		has = next_linetable(c, out);
		break;
	case MODEL_CODE_LOCATIONS:
		has = next_location(c, out);
		break;
	case MODEL_CODE_FORMS:
		break;
	}
	c->end = out->end;
	return has;
}

bool lines_at(const struct model_code *code, uint64_t offset,
	      struct lines_span *out)
{
	struct lines_cursor c;

	lines_begin(&c, code);
	while (offset != MODEL_NOT_BEGUN && lines_next(&c, out))
		if (offset < out->end)
			return out->line != 0;
	*out = (struct lines_span){ .column = LINES_NO_COLUMN,
				    .end_column = LINES_NO_COLUMN };
	if (offset == MODEL_NOT_BEGUN)
		set_lines(out, code->first_line, code->first_line);
	return out->line != 0;
}

bool lines_extent(const struct model_code *code, uint32_t lines[2])
{
	struct lines_cursor c;
	struct lines_span span;

	lines[0] = lines[1] = line_of(code->first_line);
	lines_begin(&c, code);
	while (lines_next(&c, &span)) {
		if (!span.line)
			continue;
		if (!lines[0] || span.line < lines[0])
			lines[0] = span.line;
		if (span.end_line > lines[1])
			lines[1] = span.end_line;
	}
	return lines[0] != 0;
}
