/*
 * where_lexer - see where_lexer.h.
 */
#include "analyzer/where_lexer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trace/xmalloc.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit no_units[] = {
	{ "", 1 },
	{ NULL, 0 },
};

static const struct unit byte_units[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "K", 1 << 10 },
	{ "KiB", 1 << 10 },
	{ "M", 1 << 20 },
	{ "MiB", 1 << 20 },
	{ "G", 1 << 30 },
	{ "GiB", 1 << 30 },
	{ "TiB", 1ULL << 40 },
	{ "kB", 1000 },
	{ "MB", 1000000 },
	{ "GB", 1000000000 },
	{ "TB", 1000000000000 },
	{ NULL, 0 },
};

static const struct unit time_units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", 60000000000 },
	{ "min", 60000000000 },
	{ "h", 3600000000000 },
	{ NULL, 0 },
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(struct where_lexer *l)
{
	while (*l->at && strchr(" \t\r\n", *l->at))
		l->at++;
}

void where_lexer_init(struct where_lexer *l, const char *text, struct err *err)
{
	size_t size = strlen(text);

	*l = (struct where_lexer){ .text = text, .at = text, .err = err };
	/* No value is longer than it was written, and each ends with a 0. */
	l->strings = l->free = xmalloc(2 * size + 1);
}

/* In characters, from 1. */
static size_t column(const struct where_lexer *l)
{
	size_t n = 1;

	for (const char *s = l->text; s < l->at; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

bool where_lexer_fail(struct where_lexer *l, const char *format, ...)
{
	char what[160];
	va_list ap;

	if (l->failed)
		return false;
	l->failed = true;
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	err_set(l->err, "column %zu: %s", column(l), what);
	return false;
}

bool where_lexer_is_at_end(struct where_lexer *l)
{
	skip_blanks(l);
	return !*l->at;
}

size_t where_lexer_word(struct where_lexer *l)
{
	size_t size = 0;

	skip_blanks(l);
	while (is_letter(l->at[size]) || (size && is_digit(l->at[size])))
		size++;
	return size;
}

bool where_lexer_take_word(struct where_lexer *l, const char *word)
{
	size_t size = where_lexer_word(l);

	if (size != strlen(word) || strncmp(l->at, word, size) != 0)
		return false;
	l->at += size;
	return true;
}

bool where_lexer_has_sign(struct where_lexer *l, const char *sign)
{
	skip_blanks(l);
	return strncmp(l->at, sign, strlen(sign)) == 0;
}

bool where_lexer_take_sign(struct where_lexer *l, const char *sign)
{
	if (!where_lexer_has_sign(l, sign))
		return false;
	l->at += strlen(sign);
	return true;
}

/* A value without quotes ends where something else may begin. */
static const char *take_bare(struct where_lexer *l)
{
	size_t size = strcspn(l->at, " \t\r\n()\"'<>=!&|");
	char *value = l->free;

	if (!size) {
		where_lexer_fail(l, "a text is missing");
		return NULL;
	}
	memcpy(value, l->at, size);
	value[size] = '\0';
	l->free += size + 1;
	l->at += size;
	return value;
}

const char *where_lexer_text(struct where_lexer *l)
{
	const char *start;
	char *value = l->free;
	char quote;

	skip_blanks(l);
	if (*l->at != '"' && *l->at != '\'')
		return take_bare(l);
	start = l->at;
	quote = *l->at++;
	while (*l->at && *l->at != quote) {
		if (*l->at == '\\' && !strchr("\\\"'", l->at[1]))
			return where_lexer_fail(l, "only \\\\, \\\" and \\' "
						   "are known"),
			       NULL;
		l->at += *l->at == '\\';
		if (*l->at)
			*l->free++ = *l->at++;
	}
	if (!*l->at) {
		l->at = start;
		where_lexer_fail(l, "this text has no end");
		return NULL;
	}
	l->at++;
	*l->free++ = '\0';
	return value;
}

/* The digits behind a point, as a part of `factor`. */
static uint64_t take_fraction(const char **at, uint64_t factor)
{
	double part = 0, digit = 0.1;

	if (**at != '.' || !is_digit((*at)[1]))
		return 0;
	for (++*at; is_digit(**at); ++*at, digit /= 10)
		part += digit * (**at - '0');
	return (uint64_t)(part * (double)factor + 0.5);
}

static const struct unit *find_unit(const struct unit *units, const char *name,
				    size_t size)
{
	for (; units->name; units++)
		if (strlen(units->name) == size &&
		    strncmp(units->name, name, size) == 0)
			return units;
	return NULL;
}

static bool refuse_unit(struct where_lexer *l, const struct unit *units,
			size_t size)
{
	const char *known = " for this number";

	if (units == byte_units)
		known = ": use B KiB MiB GiB kB MB GB";
	if (units == time_units)
		known = ": use ns us ms s m h";
	if (!size)
		return where_lexer_fail(l, "a unit is missing%s", known);
	return where_lexer_fail(l, "no unit '%.*s'%s", (int)size, l->at, known);
}

/* Behind a number, or behind a blank after it; "" is one too. */
static const struct unit *take_unit(struct where_lexer *l,
				    const struct unit *units)
{
	const char *at = l->at;
	size_t size = where_lexer_word(l);
	bool is_close = l->at == at;
	const struct unit *unit = find_unit(units, l->at, size);

	if (unit) {
		l->at += size;
		return unit;
	}
	if (is_close && size) {
		refuse_unit(l, units, size);
		return NULL;
	}
	l->at = at;
	unit = find_unit(units, "", 0);
	if (!unit)
		refuse_unit(l, units, 0);
	return unit;
}

static bool take_number(struct where_lexer *l, const struct unit *units,
			uint64_t *value)
{
	const char *start, *end;
	const struct unit *unit;
	uint64_t whole = 0;
	bool is_large = false;

	skip_blanks(l);
	if (!is_digit(*l->at))
		return where_lexer_fail(l, "a number is missing");
	for (start = end = l->at; is_digit(*end); end++)
		is_large |= __builtin_mul_overflow(whole, 10, &whole) ||
			    __builtin_add_overflow(
				    whole, (uint64_t)(*end - '0'), &whole);
	l->at = end;
	take_fraction(&l->at, 1);
	unit = take_unit(l, units);
	if (!unit)
		return false;
	if (!is_large && !__builtin_mul_overflow(whole, unit->factor, value) &&
	    !__builtin_add_overflow(*value, take_fraction(&end, unit->factor),
				    value))
		return true;
	l->at = start;
	return where_lexer_fail(l, "too large a number");
}

bool where_lexer_number(struct where_lexer *l, uint64_t *value)
{
	return take_number(l, no_units, value);
}

bool where_lexer_bytes(struct where_lexer *l, uint64_t *value)
{
	return take_number(l, byte_units, value);
}

bool where_lexer_time(struct where_lexer *l, uint64_t *ns)
{
	return take_number(l, time_units, ns);
}
