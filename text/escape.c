/*
 * Design
 * ------
 * Text is taken apart into pieces: one whole UTF-8 character, or one byte that
 * begins none. Overlong forms, surrogates and what is above U+10FFFF are no
 * characters.
 */
#include "text/escape.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "trace/xmalloc.h"

enum {
	ESCAPED = 4, /* columns of \xNN */
};

static bool is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

struct escape_piece escape_next(const char *text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	struct escape_piece bad = { .length = 1, .character = s[0] };
	size_t length;
	uint32_t c;

	if (s[0] < 0x80)
		return (struct escape_piece){ 1, s[0], true };
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return bad;
	length = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	c = s[0] & (0x7fU >> length);
	for (size_t i = 1; i < length; i++) {
		if (!is_continuation(s[i]))
			return bad;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return bad;
	return (struct escape_piece){ length, c, true };
}

bool escape_is_harmless(struct escape_piece p)
{
	uint32_t c = p.character;

	if (!p.is_valid || c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	if (c == 0x061c || c == 0x200e || c == 0x200f || c == 0xfeff)
		return false;
	return !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

static bool is_valid(struct escape_piece p)
{
	return p.is_valid;
}

/* The bytes at the beginning of text that every caller keeps. */
static size_t plain(const char *text)
{
	size_t n = 0;

	while (text[n] >= 0x20 && text[n] < 0x7f)
		n++;
	return n;
}

static char *escape(const char *text, bool (*keeps)(struct escape_piece))
{
	size_t length = strlen(text);
	char *out = xmalloc(length * ESCAPED + 1);
	char *end = out;
	size_t kept = plain(text);
	struct escape_piece p;

	memcpy(end, text, kept);
	end += kept;
	for (text += kept; *text; text += p.length) {
		p = escape_next(text);
		if (keeps(p)) {
			memcpy(end, text, p.length);
			end += p.length;
			continue;
		}
		for (size_t i = 0; i < p.length; i++)
			end += sprintf(end, "\\x%02x", (unsigned char)text[i]);
	}
	*end = '\0';
	return out;
}

char *escape_text(const char *text)
{
	return escape(text, escape_is_harmless);
}

void escape_print_markup(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
}

char *escape_utf8(const char *text)
{
	return escape(text, is_valid);
}

void escape_print(FILE *out, const char *text)
{
	char *safe = escape_text(text);

	fputs(safe, out);
	free(safe);
}

size_t escape_piece_width(struct escape_piece p)
{
	int width = wcwidth((wchar_t)p.character);

	return width < 0 ? 1 : (size_t)width;
}

size_t escape_width(const char *text)
{
	struct escape_piece p;
	size_t width = 0;

	for (; *text; text += p.length) {
		p = escape_next(text);
		width += escape_piece_width(p);
	}
	return width;
}

/* The first byte behind at most `columns`. */
static char *behind(char *text, size_t columns)
{
	struct escape_piece p;

	for (; *text; text += p.length) {
		p = escape_next(text);
		if (escape_piece_width(p) > columns)
			break;
		columns -= escape_piece_width(p);
	}
	return text;
}

/* The first byte of the last part that has at most `columns`. */
static char *tail(char *text, size_t columns)
{
	size_t width = escape_width(text);
	struct escape_piece p;

	for (; *text && width > columns; text += p.length) {
		p = escape_next(text);
		width -= escape_piece_width(p);
	}
	return text;
}

static void cut(char *text, size_t columns, size_t before, char boundary)
{
	char *from, *to, *better;

	if (escape_width(text) <= columns || columns < 4)
		return;
	to = behind(text, before);
	from = tail(text, columns - 3 - before);
	better = boundary ? strchr(from, boundary) : NULL;
	if (better)
		from = better;
	/* Three bytes fit: more than three columns are taken out. */
	if (from - to < 3)
		return;
	memcpy(to, "...", 3);
	memmove(to + 3, from, strlen(from) + 1);
}

void escape_cut_middle(char *text, size_t columns)
{
	cut(text, columns, columns > 3 ? (columns - 3) / 2 : 0, 0);
}

void escape_cut_path(char *text, size_t columns)
{
	cut(text, columns, 0, '/');
}
