/*
 * Design
 * ------
 * Names of templates grow to thousands of bytes of which the reader needs the
 * first thirty. What is dropped first is what says least: parameters, then
 * template arguments, then the middle of the name, last the start of the path;
 * the end of the path and the line always stay.
 */
#include "text/place.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "trace/xmalloc.h"

enum {
	POSITION_COLUMNS_MIN = 16,
	NAME_COLUMNS_MIN = 12,
};

const char *place_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static char *format(const char *form, ...)
	__attribute__((format(printf, 1, 2)));

static char *format(const char *form, ...)
{
	char *text = NULL;
	va_list ap;
	int length;

	va_start(ap, form);
	length = vasprintf(&text, form, ap);
	va_end(ap);
	return length < 0 ? xstrdup("") : text;
}

static char *name_text(const struct query_frame *f, const struct place_style *s)
{
	char *name, *safe;

	/* Such as the pool that libstdc++ makes for itself at its start. */
	if (!f->function && f->wrapper)
		return xstrdup("(unnamed)");
	if (!f->function)
		return f->addr ? format("0x%" PRIx64, f->addr) : xstrdup("??");
	if (s->full)
		return escape_text(f->function);
	name = query_brief_name(f->function);
	safe = escape_text(name);
	free(name);
	return safe;
}

static const char *below(const char *path, const char *cwd)
{
	size_t length = cwd ? strlen(cwd) : 0;

	if (length < 2 || strncmp(path, cwd, length) != 0 ||
	    path[length] != '/' || !path[length + 1])
		return path;
	return path + length + 1;
}

/* "src/parse.c:120", or "in libparse.so". */
static char *position_text(const struct query_frame *f,
			   const struct place_style *s)
{
	char *file, *text;

	if (!f->file && !f->module)
		return xstrdup(f->addr ? "in no module" : "");
	if (f->file)
		file = escape_text(s->full ? f->file : below(f->file, s->cwd));
	else
		file = escape_text(s->full ? f->module : place_base(f->module));
	if (f->file && f->line)
		text = format("%s:%" PRIu32, file, f->line);
	else
		text = format(f->file ? "%s" : "in %s", file);
	free(file);
	return text;
}

/* Two texts with a gap, in the columns there are. */
static char *join(char *name, char *position, size_t columns)
{
	size_t gap = *position ? 2 : 0;
	size_t name_width = escape_width(name);
	size_t width = name_width + gap + escape_width(position);
	size_t left;
	char *text;

	if (columns && width > columns) {
		left = columns > name_width + gap ? columns - name_width - gap
						  : 0;
		if (left < POSITION_COLUMNS_MIN)
			left = POSITION_COLUMNS_MIN;
		escape_cut_path(position, left);
		left = escape_width(position) + gap;
		left = columns > left ? columns - left : 0;
		if (left < NAME_COLUMNS_MIN)
			left = NAME_COLUMNS_MIN;
		escape_cut_middle(name, left);
	}
	text = format("%s%*s%s", name, (int)gap, "", position);
	free(name);
	free(position);
	return text;
}

char *place_line(const struct query_frame *f, const struct place_style *s)
{
	return join(name_text(f, s), position_text(f, s), s->columns);
}

char *place_file(const struct query_frame *f, const struct place_style *s)
{
	char *text = position_text(f, s);

	if (s->columns)
		escape_cut_path(text, s->columns);
	return text;
}

char *place_module(const struct query_frame *f, const struct place_style *s)
{
	char *text = f->module ? escape_text(below(f->module, s->cwd))
			       : xstrdup("(no module)");

	if (s->columns)
		escape_cut_path(text, s->columns);
	return text;
}
