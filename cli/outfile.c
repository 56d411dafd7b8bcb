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

static int exists(const char *path, struct err *err)
{
	return err_set(err, "'%s' exists: -f replaces it", path);
}

bool outfile_is_replaceable(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return true;
	/* As /dev/stdout is: nobody means the link itself. */
	if (S_ISLNK(st.st_mode) && stat(path, &st) < 0)
		return true;
	return S_ISREG(st.st_mode);
}

int outfile_open(struct outfile *o, const char *path, bool force,
		 struct err *err)
{
	struct stat st;

	*o = (struct outfile){ .force = force, .fd = -1 };
	if (strlen(path) >= sizeof(o->path))
		return err_set(err, "the name of the file is too long");
	strcpy(o->path, path);
	if (!outfile_is_replaceable(path))
		return err_set(err, "'%s' is no regular file", path);
	if (!force && !lstat(path, &st))
		return exists(path, err);
	snprintf(o->draft, sizeof(o->draft), "%s.XXXXXX", path);
	o->fd = mkostemp(o->draft, O_CLOEXEC);
	if (o->fd < 0)
		return err_errno(err, "cannot create '%s'", path);
	/* To its owner, whatever the umask is. */
	fchmod(o->fd, 0600);
	return 0;
}

/* Not over what came meanwhile, where the file system can tell. */
static int give_name(const struct outfile *o)
{
	if (o->force)
		return rename(o->draft, o->path);
	if (!renameat2(AT_FDCWD, o->draft, AT_FDCWD, o->path, RENAME_NOREPLACE))
		return 0;
	return errno == EINVAL || errno == ENOSYS ? rename(o->draft, o->path)
						  : -1;
}

int outfile_commit(struct outfile *o, struct err *err)
{
	int fd = o->fd;

	o->fd = -1;
	if (close(fd) < 0) {
		err_errno(err, "cannot write '%s'", o->path);
		goto out;
	}
	if (!give_name(o))
		return 0;
	if (errno == EEXIST)
		exists(o->path, err);
	else
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
