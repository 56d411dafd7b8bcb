/*
 * blocks - see blocks.h.
 *
 * A search costs in proportion to the file: a file full of magic numbers that
 * claim long blocks runs out of `effort` and counts as cut there.
 */
#include "trace/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "trace/xmalloc.h"

enum {
	WINDOW = 1 << 16, /* bytes looked at in one step of a search */
	EFFORT = 64 << 20, /* and 4 times the file */
};

static bool read_at(const struct blocks *b, void *p, size_t size,
		    uint64_t offset)
{
	char *at = p;

	while (size) {
		ssize_t n = pread(b->fd, at, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

/* The stored bytes of a block, in the loader. */
static bool load_stored(const struct blocks *b, const struct blocks_entry *e,
			struct blocks_loader *l)
{
	l->stored = xgrow(l->stored, &l->stored_capacity, e->head.stored, 1);
	return read_at(b, l->stored, e->head.stored, e->offset);
}

static bool head_is_sane(const struct format_block *h)
{
	return h->magic == FORMAT_BLOCK_MAGIC &&
	       h->raw <= format_block_max((enum format_block_type)h->type) &&
	       h->stored <= h->raw;
}

/* Is there a whole block at `offset`? */
static bool probe(const struct blocks *b, uint64_t offset,
		  struct blocks_loader *l, struct blocks_entry *e)
{
	if (b->size - offset < sizeof(e->head) ||
	    !read_at(b, &e->head, sizeof(e->head), offset) ||
	    !head_is_sane(&e->head))
		return false;
	e->offset = offset + sizeof(e->head);
	return e->head.stored <= b->size - e->offset && load_stored(b, e, l) &&
	       format_checksum(&e->head, l->stored) == e->head.checksum;
}

static void add(struct blocks *b, const struct blocks_entry *e)
{
	uint64_t expected =
		b->count ? b->list[b->count - 1].head.serial + 1 : 0;

	if (e->head.serial != expected)
		b->damaged = true;
	b->list = xgrow(b->list, &b->capacity, b->count + 1, sizeof(*b->list));
	b->list[b->count++] = *e;
}

/* The first place from `offset` on where a magic number stands, or the end. */
static uint64_t find_magic(const struct blocks *b, uint64_t offset)
{
	const uint32_t magic = FORMAT_BLOCK_MAGIC;
	uint8_t window[WINDOW];

	while (b->size - offset >= sizeof(magic)) {
		uint64_t left = b->size - offset;
		size_t size = left < sizeof(window) ? left : sizeof(window);
		const uint8_t *at;

		if (!read_at(b, window, size, offset))
			break;
		at = memmem(window, size, &magic, sizeof(magic));
		if (at)
			return offset + (uint64_t)(at - window);
		offset += size - (sizeof(magic) - 1);
	}
	return b->size;
}

/* The offset of the next whole block behind a bad one, or the end. */
static uint64_t search(struct blocks *b, uint64_t offset,
		       struct blocks_loader *l, struct blocks_entry *e)
{
	for (;;) {
		uint64_t cost;

		offset = find_magic(b, offset);
		if (offset == b->size)
			return offset;
		*e = (struct blocks_entry){ 0 };
		if (probe(b, offset, l, e))
			return offset;
		cost = WINDOW + e->head.stored;
		if (b->effort < cost)
			return b->size;
		b->effort -= cost;
		offset++;
	}
}

/* A bad block at `offset` that nothing follows: cut off, or spoilt? */
static void judge_tail(struct blocks *b, uint64_t offset)
{
	struct format_block head;

	if (b->size - offset < sizeof(head) ||
	    !read_at(b, &head, sizeof(head), offset)) {
		b->cut = true;
		return;
	}
	if (head_is_sane(&head) &&
	    head.stored > b->size - offset - sizeof(head))
		b->cut = true;
	else
		b->damaged = true;
}

/* The next whole block, at `offset` or behind what is bad there. */
static bool next(struct blocks *b, uint64_t offset, struct blocks_loader *l,
		 struct blocks_entry *e)
{
	if (probe(b, offset, l, e))
		return true;
	if (search(b, offset + 1, l, e) == b->size) {
		judge_tail(b, offset);
		return false;
	}
	b->damaged = true;
	return true;
}

static void scan(struct blocks *b)
{
	struct blocks_loader l = { 0 };
	uint64_t offset = sizeof(struct format_start);
	struct blocks_entry e;

	b->effort = EFFORT + 4 * b->size;
	while (offset < b->size && next(b, offset, &l, &e)) {
		add(b, &e);
		offset = e.offset + e.head.stored;
	}
	blocks_loader_release(&l);
}

/* Does a writer hold it? Asked before its size, which may be the last. */
static bool is_live(int fd)
{
	struct flock all = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	return !fcntl(fd, F_OFD_GETLK, &all) && all.l_type != F_UNLCK;
}

static int check_start(struct blocks *b, const char *path, struct err *err)
{
	struct format_start start;

	if (b->size < sizeof(start) || !read_at(b, &start, sizeof(start), 0) ||
	    memcmp(start.magic, FORMAT_MAGIC, sizeof(start.magic)) != 0)
		return err_set(err, "'%s' is not a memprof trace", path);
	if (start.version == FORMAT_VERSION ||
	    ~start.version_check == FORMAT_VERSION) {
		b->damaged = start.version != ~start.version_check;
		return 0;
	}
	if (start.version != ~start.version_check)
		return err_set(err, "'%s' is damaged: its start is unreadable",
			       path);
	return err_set(err,
		       "'%s' was written by a newer memprof (format %u, this "
		       "one reads up to %d)",
		       path, start.version, FORMAT_VERSION);
}

int blocks_open(struct blocks *b, const char *path, struct err *err)
{
	struct stat st;

	*b = (struct blocks){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
						       O_NONBLOCK) };
	if (b->fd < 0)
		return err_errno(err, "cannot open '%s'", path);
	b->live = is_live(b->fd);
	if (fstat(b->fd, &st) < 0) {
		err_errno(err, "cannot look at '%s'", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, "'%s' is not a file", path);
		goto out;
	}
	b->size = (uint64_t)st.st_size;
	if (check_start(b, path, err) < 0)
		goto out;
	scan(b);
	return 0;
out:
	blocks_close(b);
	return -1;
}

void blocks_close(struct blocks *b)
{
	if (b->fd >= 0)
		close(b->fd);
	free(b->list);
	*b = (struct blocks){ .fd = -1 };
}

const uint8_t *blocks_load(const struct blocks *b, size_t number,
			   struct blocks_loader *l)
{
	const struct blocks_entry *e = &b->list[number];
	size_t size;

	if (!load_stored(b, e, l))
		return NULL;
	if (e->head.raw == e->head.stored)
		return l->stored;
	if (!l->zstd)
		l->zstd = ZSTD_createDCtx();
	if (!l->zstd)
		return NULL;
	l->raw = xgrow(l->raw, &l->raw_capacity, e->head.raw, 1);
	size = ZSTD_decompressDCtx(l->zstd, l->raw, e->head.raw, l->stored,
				   e->head.stored);
	return size == e->head.raw ? l->raw : NULL;
}

void blocks_loader_release(struct blocks_loader *l)
{
	free(l->stored);
	free(l->raw);
	ZSTD_freeDCtx(l->zstd);
	*l = (struct blocks_loader){ 0 };
}
