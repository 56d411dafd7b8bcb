/*
 * prompt - see prompt.h.
 */
#include "tui/prompt.h"

#include <string.h>

#include "text/escape.h"
#include "tui/keys.h"

void prompt_start(struct prompt *p, enum prompt_kind kind, const char *text)
{
	*p = (struct prompt){ .kind = kind };
	strncat(p->text, text, sizeof(p->text) - 1);
	p->cursor = strlen(p->text);
}

static size_t encode(uint32_t c, char *to)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static size_t before(const struct prompt *p)
{
	size_t at = p->cursor;

	while (at && (p->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t after(const struct prompt *p)
{
	return p->text[p->cursor]
		       ? p->cursor + escape_next(p->text + p->cursor).length
		       : p->cursor;
}

static void take_out(struct prompt *p, size_t from)
{
	memmove(p->text + from, p->text + p->cursor,
		strlen(p->text + p->cursor) + 1);
	p->cursor = from;
}

static void insert(struct prompt *p, uint32_t key)
{
	char bytes[4];
	size_t n, length = strlen(p->text);

	if (key < 0x20 || key >= KEYS_UP || key == 0x7f)
		return;
	n = encode(key, bytes);
	if (length + n >= sizeof(p->text))
		return;
	memmove(p->text + p->cursor + n, p->text + p->cursor,
		length - p->cursor + 1);
	memcpy(p->text + p->cursor, bytes, n);
	p->cursor += n;
}

bool prompt_key(struct prompt *p, uint32_t key)
{
	enum { KILL_LINE = 21, LINE_START = 1, LINE_END = 5 };

	p->error[0] = '\0';
	if (key == KEYS_ENTER)
		return true;
	if (key == KEYS_ESCAPE || (key == KEYS_BACKSPACE && !p->text[0]))
		p->kind = PROMPT_NONE;
	else if (key == KEYS_BACKSPACE)
		take_out(p, before(p));
	else if (key == KEYS_LEFT)
		p->cursor = before(p);
	else if (key == KEYS_RIGHT)
		p->cursor = after(p);
	else if (key == KEYS_HOME || key == LINE_START)
		p->cursor = 0;
	else if (key == KEYS_END || key == LINE_END)
		p->cursor = strlen(p->text);
	else if (key == KILL_LINE)
		take_out(p, 0);
	else
		insert(p, key);
	return false;
}

void prompt_draw(const struct prompt *p, struct pen *pen)
{
	static const char *const signs[] = {
		[PROMPT_NONE] = "",
		[PROMPT_SEARCH] = "/",
		[PROMPT_FILTER] = "where ",
		[PROMPT_WRITE] = "write to ",
	};
	char head[sizeof(p->text)];

	pen->style = CELLS_TITLE;
	pen_put(pen, signs[p->kind]);
	pen->style = CELLS_PLAIN;
	memcpy(head, p->text, p->cursor);
	head[p->cursor] = '\0';
	pen_put(pen, head);
	pen->style = CELLS_MARK;
	pen_put(pen, "_");
	pen->style = CELLS_PLAIN;
	pen_put(pen, p->text + p->cursor);
	if (!p->error[0])
		return;
	pen->style = CELLS_WARNING;
	pen_put(pen, "  ");
	pen_put(pen, p->error);
}
