/*
 * writer - see writer.h.
 *
 * Room for the last block is kept by allocating it behind the end of the file
 * ahead of time. Where a file system can not do that, the disk may be so full
 * that a trace ends without its last block; readers then say "cut".
 *
 * Columns are unlike each other, so a large one is compressed alone: its
 * statistics are then its own. How hard is decided by a part of its middle. What
 * gives nothing is noise with a few bits to spare, of which zstd's level 1
 * makes more than higher ones, in a tenth of the time. What shrinks to less
 * than a tenth is where high levels find most, and where they are fast:
 * level 7 takes a third off sqlite3's events for 3 ns each. On what is between,
 * level 3 takes 1 ns an event more than 1 and 6 % off cc1plus.
 *
 * The file is locked while it is written, by its open description: the kernel
 * lets go when the writer ends, however. Readers tell by it a trace that grows
 * from one that was cut.
 *
 * A limit on file sizes (RLIMIT_FSIZE) sends SIGXFSZ, which kills; it is held
 * back while writing, and taken away when it came.
 */
#include "trace/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <xxhash.h>
#include <zstd.h>

#include "trace/xmalloc.h"

enum {
	LEVEL = 3, /* of zstd */
	LEVEL_LEAST = 1, /* for noise */
	LEVEL_MOST = 7, /* for what repeats itself */
	LEVEL_SMALL = 7, /* for what is smaller than a probe */
	TABLE_MOST = 17, /* bits: at high levels zstd's own take 6 MiB */
	PROBE = 1 << 14, /* bytes */
	OWN_FRAME =
		4096, /* bytes: a column that large has a frame of its own */
	LAST_BLOCK_ROOM = 4096, /* bytes */
};

static int write_bytes(int fd, const void *p, size_t size, uint64_t offset)
{
	const char *at = p;

	while (size) {
		ssize_t n = pwrite(fd, at, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		size -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* write_bytes() that no file size limit can kill. */
static int write_at(struct writer *w, const void *p, size_t size)
{
	const struct timespec now = { 0 };
	sigset_t xfsz, before;
	int ret, reason;

	sigemptyset(&xfsz);
	sigaddset(&xfsz, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &xfsz, &before);
	pulse_wait(w->pulse);
	ret = write_bytes(w->fd, p, size, w->offset);
	reason = errno;
	pulse_go_on(w->pulse);
	if (ret < 0 && reason == EFBIG && !sigismember(&before, SIGXFSZ))
		sigtimedwait(&xfsz, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = reason;
	return ret;
}

static void keep_room(struct writer *w)
{
	pulse_wait(w->pulse);
	/* Best effort: many file systems can, some can not. */
	(void)fallocate(w->fd, FALLOC_FL_KEEP_SIZE, (off_t)w->offset,
			LAST_BLOCK_ROOM);
	pulse_go_on(w->pulse);
}

static void say_being_written(int fd, short lock)
{
	struct flock all = { .l_type = lock, .l_whence = SEEK_SET };

	/* Where there are no locks a live trace is said to be cut. */
	(void)fcntl(fd, F_OFD_SETLK, &all);
}

int writer_open(struct writer *w, int fd, struct err *err)
{
	struct format_start start = { .magic = { 0 },
				      .version = FORMAT_VERSION,
				      .version_check =
					      ~(uint32_t)FORMAT_VERSION };

	*w = (struct writer){ .fd = fd, .zstd = ZSTD_createCCtx() };
	if (!w->zstd)
		return err_set(err, "cannot start compressing");
	say_being_written(fd, F_WRLCK);
	memcpy(start.magic, FORMAT_MAGIC, sizeof(start.magic));
	if (write_at(w, &start, sizeof(start)) < 0)
		return err_errno(err, "cannot write the trace");
	w->offset = sizeof(start);
	keep_room(w);
	return 0;
}

int writer_append(struct writer *w, int fd, uint64_t offset, uint64_t serial,
		  struct err *err)
{
	*w = (struct writer){ .fd = fd,
			      .zstd = ZSTD_createCCtx(),
			      .offset = offset,
			      .serial = serial };
	return w->zstd ? 0 : err_set(err, "cannot start compressing");
}

void writer_close(struct writer *w)
{
	say_being_written(w->fd, F_UNLCK);
	ZSTD_freeCCtx(w->zstd);
	column_release(&w->packed);
	column_release(&w->stored);
	free(w->entries);
}

/* What a column is worth: see above. */
static int level_for(struct writer *w, const uint8_t *at, size_t size)
{
	uint8_t scratch[PROBE];
	size_t probe = size < PROBE ? size : PROBE, gives;

	if (size < PROBE)
		return LEVEL_SMALL;
	at += (size - probe) / 2;
	gives = ZSTD_compressCCtx(w->zstd, scratch, sizeof(scratch), at, probe,
				  LEVEL_LEAST);
	if (ZSTD_isError(gives) || gives > probe / 2)
		return LEVEL_LEAST;
	return gives < probe / 10 ? LEVEL_MOST : LEVEL;
}

/* ZSTD_compressCCtx() at that level, with tables that are not too large. */
static size_t compress(struct writer *w, struct column *to, size_t most,
		       const uint8_t *at, size_t size)
{
	int level = level_for(w, at, size);
	int table = level == LEVEL_MOST && size >= PROBE ? TABLE_MOST : 0;

	ZSTD_CCtx_reset(w->zstd, ZSTD_reset_session_and_parameters);
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_hashLog, table);
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_chainLog, table);
	return ZSTD_compress2(w->zstd, to->bytes + to->size, most, at, size);
}

/* Adds one frame; false when that is not possible. */
static bool compress_part(struct writer *w, const uint8_t *at, size_t size)
{
	size_t most = ZSTD_compressBound(size), got;

	column_reserve(&w->stored, most);
	got = compress(w, &w->stored, most, at, size);
	if (ZSTD_isError(got))
		return false;
	w->stored.size += got;
	return true;
}

/*
 * Compresses the payload behind what is stored. Large columns make a frame of
 * their own, what is between them one together.
 */
static bool compress_payload(struct writer *w, const struct column *columns,
			     size_t n)
{
	size_t at = w->packed.size - columns_size(columns, n), done = 0;

	for (size_t i = 0; i < n; i++) {
		size_t end = at + columns[i].size;

		if (columns[i].size >= OWN_FRAME) {
			if (done < at &&
			    !compress_part(w, w->packed.bytes + done,
					   at - done))
				return false;
			if (!compress_part(w, w->packed.bytes + at, end - at))
				return false;
			done = end;
		}
		at = end;
	}
	return done == at ||
	       compress_part(w, w->packed.bytes + done, at - done);
}

/* Makes a whole block in w->stored. */
static void make_block(struct writer *w, enum format_block_type type,
		       const struct column *columns, size_t n)
{
	struct format_block head = { .magic = FORMAT_BLOCK_MAGIC,
				     .type = (uint16_t)type,
				     .flags = w->flags,
				     .serial = w->serial };

	w->packed.size = 0;
	columns_pack(columns, n, &w->packed);
	w->stored.size = 0;
	column_put_bytes(&w->stored, &head, sizeof(head));
	if (!compress_payload(w, columns, n) ||
	    w->stored.size - sizeof(head) >= w->packed.size) {
		w->stored.size = sizeof(head);
		column_put_bytes(&w->stored, w->packed.bytes, w->packed.size);
	}
	head.stored = (uint32_t)(w->stored.size - sizeof(head));
	head.raw = (uint32_t)w->packed.size;
	head.checksum = format_checksum(&head, w->stored.bytes + sizeof(head));
	memcpy(w->stored.bytes, &head, sizeof(head));
}

size_t writer_measure(struct writer *w, const struct column *columns, size_t n)
{
	make_block(w, FORMAT_RUN, columns, n);
	return w->stored.size;
}

/* Would the block leave no room below RLIMIT_FSIZE for the last one? */
static bool is_too_large(const struct writer *w, size_t room)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_FSIZE, &limit) &&
	       limit.rlim_cur != RLIM_INFINITY &&
	       w->offset + w->stored.size + room > limit.rlim_cur;
}

static void note_block(struct writer *w, enum format_block_type type)
{
	if (!w->lists)
		return;
	w->entries = xgrow(w->entries, &w->entry_capacity, w->entry_count + 1,
			   sizeof(*w->entries));
	w->entries[w->entry_count++] =
		(struct writer_entry){ .offset = w->offset,
				       .size = (uint32_t)w->stored.size,
				       .type = (uint16_t)type };
}

static int put_block(struct writer *w, enum format_block_type type, size_t room,
		     struct err *err)
{
	if (is_too_large(w, room)) {
		w->failed = true;
		errno = EFBIG;
		return err_errno(err, "cannot write the trace");
	}
	if (write_at(w, w->stored.bytes, w->stored.size) < 0) {
		w->failed = true;
		return err_errno(err, "cannot write the trace");
	}
	note_block(w, type);
	w->offset += w->stored.size;
	w->serial++;
	w->flags = 0;
	return 0;
}

int writer_last_block(struct writer *w, enum format_block_type type,
		      const struct column *columns, size_t n, struct err *err)
{
	make_block(w, type, columns, n);
	return put_block(w, type, 0, err);
}

int writer_block(struct writer *w, enum format_block_type type,
		 const struct column *columns, size_t n, struct err *err)
{
	if (w->failed)
		return 0;
	make_block(w, type, columns, n);
	if (w->packed.size > format_block_max(type)) {
		w->failed = true;
		return err_set(err,
			       "cannot write the trace: a block of %zu "
			       "bytes is more than a reader takes",
			       w->packed.size);
	}
	if (put_block(w, type, LAST_BLOCK_ROOM, err) < 0)
		return -1;
	keep_room(w);
	return 0;
}

static int read_at(int fd, void *p, size_t size, uint64_t offset)
{
	char *at = p;

	while (size) {
		ssize_t n = pread(fd, at, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		size -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int writer_copy(struct writer *w, const struct writer *from, size_t entry,
		struct err *err)
{
	const struct writer_entry *e = &from->entries[entry];
	struct format_block head;

	if (w->failed)
		return 0;
	w->stored.size = 0;
	column_reserve(&w->stored, e->size);
	w->stored.size = e->size;
	if (read_at(from->fd, w->stored.bytes, e->size, e->offset) < 0) {
		w->failed = true;
		return err_errno(err, "cannot read the trace");
	}
	memcpy(&head, w->stored.bytes, sizeof(head));
	head.serial = w->serial;
	head.checksum = format_checksum(&head, w->stored.bytes + sizeof(head));
	memcpy(w->stored.bytes, &head, sizeof(head));
	return put_block(w, e->type, LAST_BLOCK_ROOM, err);
}

int writer_finish(struct writer *w, struct err *err)
{
	/* What a failed write left, and the room that was not needed. */
	if (ftruncate(w->fd, (off_t)w->offset) < 0)
		return err_errno(err, "cannot write the trace");
	return 0;
}
