/*
 * outfile - see outfile.h.
 */
#include "cli/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int outfile_open(struct outfile *o, const char *path, bool force,
		 struct err *err)
{
	struct stat st;

	*o = (struct outfile){ .fd = -1 };
	if (strlen(path) >= sizeof(o->path))
		return err_set(err, "the name of the file is too long");
	strcpy(o->path, path);
	if (!lstat(path, &st)) {
		if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
			return err_set(err, "'%s' is no regular file", path);
		if (!force)
			return err_set(err, "'%s' exists: -f replaces it",
				       path);
	}
	snprintf(o->draft, sizeof(o->draft), "%s.XXXXXX", path);
	o->fd = mkostemp(o->draft, O_CLOEXEC);
	if (o->fd < 0)
		return err_errno(err, "cannot create '%s'", path);
	return 0;
}

int outfile_commit(struct outfile *o, struct err *err)
{
	int fd = o->fd;

	o->fd = -1;
	if (close(fd) < 0) {
		err_errno(err, "cannot write '%s'", o->path);
		goto out;
	}
	if (!rename(o->draft, o->path))
		return 0;
	err_errno(err, "cannot create '%s'", o->path);
out:
	unlink(o->draft);
	return -1;
}

void outfile_discard(struct outfile *o)
{
	if (o->fd < 0)
		return;
	close(o->fd);
	unlink(o->draft);
	o->fd = -1;
}

static FILE *open_stream(const struct outfile *o)
{
	mode_t mask = umask(0);
	FILE *out;
	int fd;

	umask(mask);
	if (fchmod(o->fd, 0666 & ~mask) < 0)
		return NULL;
	fd = fcntl(o->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	out = fdopen(fd, "w");
	if (!out)
		close(fd);
	return out;
}

int outfile_write(const char *path,
		  void (*write)(const void *context, FILE *out),
		  const void *context, struct err *err)
{
	struct outfile o;
	FILE *out;
	bool failed;

	if (outfile_open(&o, path, true, err) < 0)
		return -1;
	out = open_stream(&o);
	if (out) {
		write(context, out);
		failed = ferror(out);
		failed |= fclose(out) != 0;
		if (!failed)
			return outfile_commit(&o, err);
	}
	err_errno(err, "cannot write '%s'", path);
	outfile_discard(&o);
	return -1;
}
