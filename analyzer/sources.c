/*
 * Design
 * ------
 * A file is read whole when the first of its lines is asked for, and cut into
 * lines in place. Only regular files of a size that people write are read:
 * a path in debug information may lead anywhere.
 *
 * A file is newer than a program when its time is: editors and version control
 * set it when the text changes, and compilers write the program later. What
 * Python runs is the text itself, as it was when the run began.
 */
#include "analyzer/sources.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/lookup.h"
#include "trace/excerpts.h"
#include "trace/xmalloc.h"

static const off_t FILE_MAX = 64 << 20;

struct source {
	const char *path;
	char *text; /* owned; NULL when it can not be read */
	const char **lines; /* owned; in text */
	size_t count, room;
	struct timespec changed;
};

struct sources {
	struct sources_options options;
	struct excerpts *excerpts; /* owned; NULL when the trace has none */
	bool has_excerpts; /* they have been looked for */
	struct lookup lookup;
	struct source *files;
	size_t room;
	uint32_t count;
};

struct sources *sources_open(const struct sources_options *o)
{
	struct sources *s = arena_alloc(o->arena, 1, sizeof(*s));

	s->options = *o;
	lookup_init(&s->lookup);
	return s;
}

void sources_close(struct sources *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->count; i++) {
		free(s->files[i].text);
		free(s->files[i].lines);
	}
	free(s->files);
	lookup_release(&s->lookup);
	excerpts_close(s->excerpts);
}

static const struct excerpts *excerpts_of(struct sources *s)
{
	if (!s->has_excerpts && s->options.trace && !s->options.off)
		s->excerpts = excerpts_open(s->options.trace);
	s->has_excerpts = true;
	return s->excerpts;
}

static bool is_readable(int fd, struct stat *st)
{
	return fstat(fd, st) == 0 && S_ISREG(st->st_mode) &&
	       st->st_size <= FILE_MAX;
}

/* All bytes and a zero behind; NULL when not all can be had. */
static char *read_text(int fd, size_t size)
{
	char *text = xmalloc(size + 1);
	size_t have = 0;
	ssize_t n;

	while (have < size && (n = read(fd, text + have, size - have)) > 0)
		have += (size_t)n;
	text[have] = '\0';
	return text;
}

static void cut_lines(struct source *f)
{
	char *rest = f->text;
	char *line;

	while (*rest && (line = strsep(&rest, "\n"))) {
		size_t length = strlen(line);

		if (length && line[length - 1] == '\r')
			line[length - 1] = '\0';
		f->lines = xgrow(f->lines, &f->room, f->count + 1,
				 sizeof(*f->lines));
		f->lines[f->count++] = line;
		if (!rest)
			break;
	}
}

static void read_file(struct source *f)
{
	/* O_NONBLOCK: the path may lead to a FIFO. */
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return;
	if (is_readable(fd, &st)) {
		f->changed = st.st_mtim;
		f->text = read_text(fd, (size_t)st.st_size);
		cut_lines(f);
	}
	close(fd);
}

static bool is_source(const void *owner, uint32_t item, const void *key)
{
	return !strcmp(((const struct sources *)owner)->files[item].path, key);
}

static const struct source *source_of(struct sources *s, const char *path)
{
	size_t length = strlen(path);
	uint32_t hash = lookup_hash_text(path, length);
	uint32_t found = lookup_find(&s->lookup, hash, is_source, s, path);
	struct source *f;

	if (found != LOOKUP_NONE)
		return &s->files[found];
	s->files = xgrow(s->files, &s->room, (size_t)s->count + 1,
			 sizeof(*s->files));
	f = &s->files[s->count];
	*f = (struct source){ .path = arena_text(s->options.arena, path,
						 length) };
	/* What is relative is relative to somebody else's directory. */
	if (!s->options.off && path[0] == '/')
		read_file(f);
	lookup_add(&s->lookup, hash, s->count++);
	return f;
}

const char *sources_line(struct sources *s, const char *file, uint32_t line)
{
	const struct source *f;
	const char *text;

	if (!file || !line)
		return NULL;
	text = excerpts_line(excerpts_of(s), file, line);
	if (text)
		return text;
	f = source_of(s, file);
	return line <= f->count ? f->lines[line - 1] : NULL;
}

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec > b->tv_sec;
	return a->tv_nsec > b->tv_nsec;
}

static bool is_newer(struct sources *s, const char *file, const char *module)
{
	const struct source *f = source_of(s, file);
	const uint64_t second = 1000000000;
	struct timespec made = {
		.tv_sec = (time_t)(s->options.run_start / second),
		.tv_nsec = (long)(s->options.run_start % second)
	};
	struct stat st;

	if (!f->text || !module)
		return false;
	if (!strchr(module, '/'))
		return s->options.run_start && is_later(&f->changed, &made);
	return stat(module, &st) == 0 && is_later(&f->changed, &st.st_mtim);
}

const char *sources_note(struct sources *s, const char *file,
			 const char *module)
{
	uint32_t flags;
	bool newer;

	if (!file)
		return NULL;
	if (excerpts_has(excerpts_of(s), file, &flags))
		newer = flags & EXCERPTS_NEWER;
	else
		newer = is_newer(s, file, module);
	return newer ? "is newer than the program: lines may have moved" : NULL;
}

void sources_extend(struct sources *s, const char *file, uint32_t lines[2],
		    uint32_t most)
{
	const struct excerpts *e = excerpts_of(s);

	while (lines[0] > 1 && lines[1] - lines[0] + 1 < most &&
	       excerpts_line(e, file, lines[0] - 1))
		lines[0]--;
	while (lines[1] < UINT32_MAX && lines[1] - lines[0] + 1 < most &&
	       excerpts_line(e, file, lines[1] + 1))
		lines[1]++;
}
