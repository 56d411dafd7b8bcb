/*
 * Design
 * ------
 * Both forms become patterns of * and ?, so that there is one matcher. Names
 * that valgrind writes as the linker knows them are turned into those that
 * people write; where such a name has a wildcard in it that can not be done,
 * and it matches only what is not C++.
 *
 * valgrind sees malloc itself as the innermost frame, which is not in traces:
 * the first frame of a block may stand for an allocator. Frames that were
 * inlined may be missing in a block, as it may have been written without them.
 */
#include "analyzer/suppressions.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/demangle.h"
#include "analyzer/places.h"
#include "trace/xmalloc.h"

enum {
	FRAMES_MAX = 500, /* valgrind's own limit */
};

enum suppression_kind {
	ANY_FRAMES, /* "..." */
	ANY_NAME, /* function, file or object */
	FUNCTION,
	OBJECT,
	SOURCE,
};

struct suppression_frame {
	enum suppression_kind kind;
	uint32_t line; /* of SOURCE, 0 any */
	char *pattern; /* owned */
};

/*
 * Text into lines
 */

struct lines {
	const char *at, *end;
	size_t number;
	char *line; /* without blanks around it; owned */
};

static bool next_line(struct lines *l)
{
	const char *start = l->at, *end;

	free(l->line);
	l->line = NULL;
	if (l->at >= l->end)
		return false;
	end = memchr(start, '\n', (size_t)(l->end - start));
	if (!end)
		end = l->end;
	l->at = end + 1;
	l->number++;
	while (start < end && isspace((unsigned char)*start))
		start++;
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	l->line = xmemdup(start, (size_t)(end - start));
	return true;
}

/* What stands behind a word at the start of the line, or NULL. */
static char *behind(const char *line, const char *word)
{
	size_t size = strlen(word);

	if (strncmp(line, word, size) != 0)
		return NULL;
	line += size;
	return (char *)line + strspn(line, " \t");
}

/*
 * Comments
 */

struct about {
	char *reason; /* owned */
	uint32_t expires;
	bool is_over; /* something followed it */
};

static void forget(struct about *a)
{
	free(a->reason);
	*a = (struct about){ .reason = NULL };
}

static bool read_digits(const char **at, size_t digits, uint32_t *value)
{
	*value = 0;
	for (size_t i = 0; i < digits; i++, ++*at) {
		if (!isdigit((unsigned char)**at))
			return false;
		*value = *value * 10 + (uint32_t)(**at - '0');
	}
	return true;
}

/* "2027-01-31" */
static bool read_date(const char *text, uint32_t *date)
{
	uint32_t year, month, day;

	text += strspn(text, " \t");
	if (!read_digits(&text, 4, &year) || *text++ != '-' ||
	    !read_digits(&text, 2, &month) || *text++ != '-' ||
	    !read_digits(&text, 2, &day) || isdigit((unsigned char)*text))
		return false;
	*date = year * 10000 + month * 100 + day;
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static void add_reason(struct about *a, const char *text, size_t size)
{
	size_t before = a->reason ? strlen(a->reason) : 0;

	while (size && strchr(" \t;,", text[size - 1]))
		size--;
	if (!size)
		return;
	a->reason = xrealloc(a->reason, before + size + 2);
	if (before)
		a->reason[before++] = ' ';
	memcpy(a->reason + before, text, size);
	a->reason[before + size] = '\0';
}

static int read_comment(struct about *a, const char *line, struct err *err)
{
	const char *text = line + strspn(line, "# \t");
	const char *expires = strstr(text, "expires:");
	const char *reason;

	if (a->is_over)
		forget(a);
	if (expires && !read_date(expires + strlen("expires:"), &a->expires))
		return err_set(err, "no date such as 2027-01-31 follows "
				    "'expires:'");
	reason = behind(text, "reason:");
	if (reason && (!expires || reason <= expires))
		text = reason;
	add_reason(a, text, expires ? (size_t)(expires - text) : strlen(text));
	return 0;
}

/*
 * Entries
 */

static struct suppression *add(struct suppressions *s, const char *name,
			       const char *file, size_t line, struct about *a)
{
	struct suppression *n;

	s->items = xgrow(s->items, &s->room, s->count + 1, sizeof(*s->items));
	n = &s->items[s->count++];
	*n = (struct suppression){ .name = xstrdup(name),
				   .file = file,
				   .line = line,
				   .expires = a->expires,
				   .is_leak = true };
	if (a->reason)
		n->reason = xstrdup(a->reason);
	a->is_over = true;
	return n;
}

static void add_frame(struct suppression *s, enum suppression_kind kind,
		      char *pattern)
{
	s->frames =
		xgrow(s->frames, &s->room, s->count + 1, sizeof(*s->frames));
	s->frames[s->count++] = (struct suppression_frame){
		.kind = kind,
		.pattern = pattern,
	};
}

/* LeakSanitizer's: a text anywhere, unless ^ or $ say otherwise. */
static char *pattern_of(const char *text)
{
	size_t size = strlen(text);
	bool start = *text == '^', end = size > start && text[size - 1] == '$';
	char *pattern = xmalloc(size + 3), *to = pattern;

	if (!start)
		*to++ = '*';
	size -= (size_t)start + end;
	memcpy(to, text + start, size);
	to += size;
	if (!end)
		*to++ = '*';
	*to = '\0';
	return pattern;
}

/* The linker's name as people write it. */
static char *function_pattern(const char *text)
{
	struct demangle_text *t;
	char *pattern;

	if (strpbrk(text, "*?") || strncmp(text, "_Z", 2) != 0)
		return xstrdup(text);
	t = xmalloc(sizeof(*t));
	pattern = xstrdup(demangle(text, t) == DEMANGLE_PLAIN ? text
							      : t->full.bytes);
	free(t);
	return pattern;
}

static void add_source(struct suppression *s, const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t size = colon ? (size_t)(colon - text) : strlen(text);
	char *pattern = xmemdup(text, size);

	add_frame(s, SOURCE, pattern);
	if (colon)
		s->frames[s->count - 1].line =
			(uint32_t)strtoul(colon + 1, NULL, 10);
}

static int read_frame(struct suppression *s, const char *line, struct err *err)
{
	const char *text;

	if (s->count == FRAMES_MAX)
		return err_set(err, "more than %d frames", FRAMES_MAX);
	if (!strcmp(line, "..."))
		add_frame(s, ANY_FRAMES, NULL);
	else if ((text = behind(line, "fun:")))
		add_frame(s, FUNCTION, function_pattern(text));
	else if ((text = behind(line, "obj:")))
		add_frame(s, OBJECT, xstrdup(text));
	else if ((text = behind(line, "src:")))
		add_source(s, text);
	else
		return err_set(err,
			       "'%.60s' is none of fun:, obj:, src: and "
			       "...",
			       line);
	return 0;
}

/* Of what is counted as leaked, or of other kinds only? */
static bool is_of_leaked(const char *kinds)
{
	return strstr(kinds, "definite") || strstr(kinds, "indirect") ||
	       strstr(kinds, "all");
}

/* "Memcheck:Leak", "Memcheck,Addrcheck:Leak" */
static bool is_leak_kind(const char *line)
{
	const char *colon = strchr(line, ':');

	return colon && !strcmp(colon + 1, "Leak") &&
	       strstr(line, "Memcheck") != NULL;
}

static int read_body(struct lines *l, struct suppression *s, bool is_leak,
		     struct err *err)
{
	const char *kinds;

	s->is_leak = is_leak;
	while (next_line(l)) {
		if (!strcmp(l->line, "}"))
			return s->count || !is_leak
				       ? 0
				       : err_set(err, "it has no frames");
		if (!*l->line || *l->line == '#' || !is_leak)
			continue;
		kinds = behind(l->line, "match-leak-kinds:");
		if (kinds)
			s->is_leak = is_of_leaked(kinds);
		else if (read_frame(s, l->line, err) < 0)
			return -1;
	}
	return err_set(err, "the last block has no end");
}

/* The next line that says something, or NULL. */
static const char *next_text(struct lines *l)
{
	while (next_line(l))
		if (*l->line && *l->line != '#')
			return l->line;
	return NULL;
}

static int read_block(struct suppressions *s, struct lines *l, const char *file,
		      struct about *a, struct err *err)
{
	size_t line = l->number;
	const char *text = next_text(l);
	struct suppression *n;

	if (!text || !strcmp(text, "}"))
		return err_set(err, "the block has no name");
	n = add(s, text, file, line, a);
	n->is_block = true;
	text = next_text(l);
	if (!text || !strchr(text, ':'))
		return err_set(err, "no kind such as Memcheck:Leak follows the "
				    "name");
	return read_body(l, n, is_leak_kind(text), err);
}

static int read_entry(struct suppressions *s, struct lines *l, const char *file,
		      struct about *a, struct err *err)
{
	const char *text = behind(l->line, "leak:");
	struct suppression *n;

	if (!strcmp(l->line, "{"))
		return read_block(s, l, file, a, err);
	if (!text)
		return err_set(err,
			       "'%.60s' is neither leak:TEXT nor the { of "
			       "a block",
			       l->line);
	if (!*text)
		return err_set(err, "nothing follows 'leak:'");
	n = add(s, text, file, l->number, a);
	add_frame(n, ANY_NAME, pattern_of(text));
	return 0;
}

int suppressions_read(struct suppressions *s,
		      const struct suppressions_source *source, uint32_t today,
		      struct err *err)
{
	struct lines l = { .at = source->text,
			   .end = source->text + source->size };
	struct about about = { .reason = NULL };
	size_t first = s->count;
	struct err why;
	int ret = 0;

	while (!ret && next_line(&l)) {
		if (!*l.line)
			forget(&about);
		else if (*l.line == '#')
			ret = read_comment(&about, l.line, &why);
		else
			ret = read_entry(s, &l, source->file, &about, &why);
	}
	for (size_t i = first; i < s->count; i++)
		s->items[i].is_expired =
			s->items[i].expires && s->items[i].expires < today;
	if (ret)
		err_set(err, "%s:%zu: %s", source->file, l.number, why.text);
	forget(&about);
	free(l.line);
	return ret;
}

void suppressions_add_known(struct suppressions *s)
{
	/* What they allocate for themselves, not for whom they call. */
	static const char known[] =
		"# tables of the loader, which lives as long as the program\n"
		"{\n the loader\n Memcheck:Leak\n obj:*/ld-linux-*.so*\n}\n"
		"# kept for threads and modules until the process ends\n"
		"{\n the loader's thread-local storage\n Memcheck:Leak\n"
		" fun:*allocate_dtv*\n}\n"
		"{\n the C library's modules\n Memcheck:Leak\n"
		" fun:_dl_*\n}\n"
		"{\n the C library's conversions\n Memcheck:Leak\n"
		" fun:__gconv_*\n}\n"
		"{\n the C library's name services\n Memcheck:Leak\n"
		" fun:nss_*\n}\n";
	size_t first = s->count;
	struct err err;

	suppressions_read(
		s,
		&(struct suppressions_source){ .text = known,
					       .size = sizeof(known) - 1,
					       .file = "built in" },
		0, &err);
	for (size_t i = first; i < s->count; i++)
		s->items[i].file = NULL;
}

void suppressions_release(struct suppressions *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct suppression *n = &s->items[i];

		for (size_t f = 0; f < n->count; f++)
			free(n->frames[f].pattern);
		free(n->frames);
		free(n->name);
		free(n->reason);
	}
	free(s->items);
	*s = (struct suppressions){ .items = NULL };
}

/*
 * Stacks
 */

static bool matches(const char *pattern, const char *text)
{
	return text && places_matches(pattern, text);
}

/* With its parameters or without them. */
static bool matches_function(const char *pattern, const char *name)
{
	size_t size = name ? strcspn(name, "(") : 0;
	char *plain;
	bool found;

	if (matches(pattern, name))
		return true;
	if (!size || !name[size])
		return false;
	plain = xmemdup(name, size);
	found = places_matches(pattern, plain);
	free(plain);
	return found;
}

static bool matches_source(const struct suppression_frame *s,
			   const struct query_frame *f)
{
	const char *slash = f->file ? strrchr(f->file, '/') : NULL;

	if (s->line && s->line != f->line)
		return false;
	return matches(s->pattern, f->file) ||
	       (slash && matches(s->pattern, slash + 1));
}

static bool fits(const struct suppression_frame *s, const struct query_frame *f)
{
	switch (s->kind) {
	case ANY_NAME:
		return matches(s->pattern, f->function) ||
		       matches(s->pattern, f->file) ||
		       matches(s->pattern, f->module);
	case FUNCTION:
		return matches_function(s->pattern, f->function);
	case OBJECT:
		return matches(s->pattern, f->module);
	case SOURCE:
		return matches_source(s, f);
	case ANY_FRAMES:
		break;
	}
	return false;
}

static bool is_allocator(const struct suppression_frame *s)
{
	static const char *const names[] = {
		"malloc",
		"calloc",
		"realloc",
		"memalign",
		"aligned_alloc",
		"posix_memalign",
		"valloc",
		"pvalloc",
		"reallocarray",
		"_Znwm",
		"_Znam",
		"operator new(unsigned long)",
		"operator new[](unsigned long)",
	};

	if (s->kind == OBJECT)
		return strstr(s->pattern, "vgpreload") != NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (s->kind == FUNCTION && matches(s->pattern, names[i]))
			return true;
	return false;
}

/*
 * Do frames of a block from `from` on stand at the start of the stack? `open`
 * says of each number of frames whether the stack up to there is matched by
 * what was looked at of the block.
 */
static bool fits_from(const struct suppression *s, size_t from,
		      const struct query_frame *frames, size_t count)
{
	bool *open = xcalloc(count + 2, sizeof(*open));
	bool found = false;

	open[0] = true;
	for (size_t i = from; i < s->count; i++) {
		bool before = false, is_any = s->frames[i].kind == ANY_FRAMES;

		for (size_t n = 0; n <= count; n++) {
			bool was = open[n];

			/* Up to n-1 by the block so far, and this one is n. */
			if (is_any)
				open[n] = was || (n && open[n - 1]);
			else
				open[n] = n && before &&
					  fits(&s->frames[i], &frames[n - 1]);
			before = was || (before && n && frames[n - 1].inlined &&
					 !is_any);
		}
	}
	for (size_t n = 0; n <= count; n++)
		found |= open[n];
	free(open);
	return found;
}

static bool hides(const struct suppression *s, const struct query_frame *frames,
		  size_t count)
{
	if (s->is_block)
		return fits_from(s, 0, frames, count) ||
		       (s->count > 1 && is_allocator(&s->frames[0]) &&
			fits_from(s, 1, frames, count));
	for (size_t i = 0; i < count; i++)
		if (fits(&s->frames[0], &frames[i]))
			return true;
	return false;
}

struct suppression *suppressions_find(const struct suppressions *s,
				      const struct query_frame *frames,
				      size_t count)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].is_leak && !s->items[i].is_expired &&
		    hides(&s->items[i], frames, count))
			return &s->items[i];
	return NULL;
}

void suppressions_begin(struct suppressions *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->items[i].now_blocks = s->items[i].now_bytes = 0;
}

void suppressions_count(struct suppression *s, uint64_t blocks, uint64_t bytes)
{
	s->now_blocks += blocks;
	s->now_bytes += bytes;
}

void suppressions_end(struct suppressions *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct suppression *n = &s->items[i];

		if (n->now_blocks > n->blocks)
			n->blocks = n->now_blocks;
		if (n->now_bytes > n->bytes)
			n->bytes = n->now_bytes;
	}
}
