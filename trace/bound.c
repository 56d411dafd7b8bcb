/*
 * bound - see bound.h.
 */
#include "trace/bound.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/xmalloc.h"

enum {
	RESERVE_SHARE =
		4, /* of the bound, for what comes before the next look */
	KEPT_SHARE = 2, /* of the bound that is kept, so that folding is rare */
	WHOLE_SHARE = 4, /* a segment is so many times what begins it */
};

void bound_release(struct bound *b)
{
	free(b->segments);
	*b = (struct bound){ 0 };
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

bool bound_wants_segment(const struct bound *b, const struct writer *w)
{
	return b->most && w->offset - b->segment_start >=
				  larger(b->most / BOUND_BLOCK_SHARE,
					 b->whole_size * WHOLE_SHARE);
}

void bound_add_segment(struct bound *b, const struct writer *w)
{
	b->segments = xgrow(b->segments, &b->capacity, b->count + 1,
			    sizeof(*b->segments));
	b->segments[b->count++] = w->entry_count;
	b->segment_start = w->offset;
}

/* Where tables alone are too much, it does not help to write them again. */
bool bound_is_reached(const struct bound *b, const struct writer *w)
{
	uint64_t reserve = larger(b->most / RESERVE_SHARE, 2 * b->whole_size);

	return b->most && w->offset + reserve > b->most &&
	       w->offset - b->folded_size >= b->most / BOUND_BLOCK_SHARE;
}

static bool is_of_segment(const struct writer_entry *e)
{
	return e->type == FORMAT_EVENTS || e->type == FORMAT_CHECKPOINT;
}

static uint64_t size_from(const struct writer *w, size_t first)
{
	uint64_t size = 0;

	for (size_t i = first; i < w->entry_count; i++)
		if (is_of_segment(&w->entries[i]))
			size += w->entries[i].size;
	return size;
}

int bound_start(struct bound *b, struct writer *w, struct err *err)
{
	struct writer new;
	int fd;

	snprintf(b->new_path, sizeof(b->new_path), "%s.XXXXXX", b->path);
	/* New, of its owner only, and no link is followed. */
	fd = mkostemp(b->new_path, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot create '%s'", b->new_path);
	if (fchmod(fd, 0600) < 0) {
		err_errno(err, "cannot write '%s'", b->new_path);
		goto out;
	}
	if (writer_open(&new, fd, err) < 0)
		goto out;
	new.lists = true;
	new.pulse = w->pulse;
	if (writer_copy(&new, w, 0, err) < 0) {
		writer_close(&new);
		goto out;
	}
	b->old = *w;
	*w = new;
	return 0;
out:
	close(fd);
	unlink(b->new_path);
	return -1;
}

/* The first segment of those that may stay; `count` when none may. */
static size_t choose(const struct bound *b, const struct writer *w)
{
	uint64_t most = b->most / KEPT_SHARE;
	size_t first = b->count;

	most = most > w->offset ? most - w->offset : 0;
	while (first && size_from(&b->old, b->segments[first - 1]) <= most)
		first--;
	return first;
}

bool bound_keep(struct bound *b, struct writer *w, struct err *err)
{
	size_t first = choose(b, w), count = b->count;

	b->count = 0;
	for (size_t i = first; i < count; i++) {
		size_t at = b->segments[i];
		size_t end =
			i + 1 < count ? b->segments[i + 1] : b->old.entry_count;

		bound_add_segment(b, w);
		for (; at < end; at++)
			if (is_of_segment(&b->old.entries[at]) &&
			    writer_copy(w, &b->old, at, err) < 0)
				return true;
	}
	return b->count > 0;
}

/* Is the file that we write still the one with that name? */
static bool is_ours(const struct bound *b)
{
	struct stat named, open;

	return !lstat(b->path, &named) && !fstat(b->old.fd, &open) &&
	       named.st_dev == open.st_dev && named.st_ino == open.st_ino;
}

static int take_place(struct bound *b, struct writer *w, struct err *err)
{
	if (w->failed)
		return err_set(err, "cannot write '%s'", b->new_path);
	if (!is_ours(b))
		return err_set(err, "'%s' was moved or replaced", b->path);
	if (rename(b->new_path, b->path) < 0)
		return err_errno(err, "cannot replace '%s'", b->path);
	return 0;
}

int bound_finish(struct bound *b, struct writer *w, struct err *err)
{
	struct writer leave = b->old;
	int fd = w->fd;

	if (take_place(b, w, err) < 0) {
		unlink(b->new_path);
		close(fd);
		writer_close(w);
		*w = b->old;
		w->failed = true;
		return -1;
	}
	/* Whoever has the old file open has the new one now. */
	w->fd = b->old.fd;
	dup3(fd, w->fd, O_CLOEXEC);
	close(fd);
	writer_close(&leave);
	b->folded_size = w->offset;
	return 0;
}
