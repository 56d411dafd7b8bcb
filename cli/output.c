/*
 * output - see output.h.
 */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/outfile.h"

static const char *rank(void)
{
	/* As set by Open MPI, by PMI (MPICH, Intel), by PMIx and by Slurm. */
	static const char *const names[] = {
		"OMPI_COMM_WORLD_RANK",
		"PMI_RANK",
		"PMIX_RANK",
		"SLURM_PROCID",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value &&
		    strspn(value, "0123456789") == strlen(value))
			return value;
	}
	return "0";
}

/* What stands for %`letter`, NULL when nothing does. */
static const char *expand(char letter, const struct output_name *name,
			  char *buffer, size_t size)
{
	const char *slash = strrchr(name->program, '/');

	switch (letter) {
	case 'n':
		return slash ? slash + 1 : name->program;
	case 'p':
		snprintf(buffer, size, "%d", (int)name->pid);
		return buffer;
	case 'h':
		if (gethostname(buffer, size) < 0)
			return "localhost";
		buffer[size - 1] = '\0';
		return buffer;
	case 'r':
		return rank();
	case '%':
		return "%";
	default:
		return NULL;
	}
}

static int make_path(struct output *o, const struct output_name *name,
		     struct err *err)
{
	size_t used = 0;

	for (const char *at = name->pattern; *at; at++) {
		char buffer[256] = { *at };
		const char *text = buffer;
		size_t size;

		if (*at == '%') {
			text = expand(*++at, name, buffer, sizeof(buffer));
			if (!text)
				return err_set(err,
					       "'%s': %%n, %%p, %%h and %%r "
					       "are known after -o",
					       name->pattern);
		}
		size = strlen(text);
		if (size >= sizeof(o->path) - used)
			return err_set(err,
				       "the name of the trace is too long");
		memcpy(o->path + used, text, size + 1);
		used += size;
	}
	return used ? 0 : err_set(err, "the name of the trace is empty");
}

/* To its owner, whatever the umask is. */
static void make_readable(int fd)
{
	fchmod(fd, 0600);
}

/* A new file beside the old one, which then takes its name. */
static int replace(struct output *o, struct err *err)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s.XXXXXX", o->path);
	o->fd = mkostemp(path, O_CLOEXEC);
	if (o->fd < 0)
		return err_errno(err, "cannot create '%s'", path);
	make_readable(o->fd);
	if (!rename(path, o->path))
		return 0;
	err_errno(err, "cannot replace '%s'", o->path);
	unlink(path);
	close(o->fd);
	return -1;
}

int output_create(struct output *o, const struct output_name *name, bool force,
		  struct err *err)
{
	if (make_path(o, name, err) < 0)
		return -1;
	o->fd = open(o->path,
		     O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (o->fd >= 0) {
		make_readable(o->fd);
		return 0;
	}
	if (errno != EEXIST)
		return err_errno(err, "cannot create '%s'", o->path);
	if (!outfile_is_replaceable(o->path))
		return err_set(err, "'%s' is no regular file", o->path);
	if (force)
		return replace(o, err);
	return err_set(err, "'%s' exists: -f replaces it", o->path);
}

void output_discard(struct output *o)
{
	close(o->fd);
	unlink(o->path);
}
