/*
 * check_output - see check_output.h.
 */
#include "cli/check_output.h"

#include <unistd.h>

#include "cli/outfile.h"
#include "trace/xmalloc.h"

void check_output_add(struct check_outputs *o,
		      void (*write)(const struct check *c, FILE *out),
		      const char *path)
{
	o->items = xgrow(o->items, &o->room, o->count + 1, sizeof(*o->items));
	o->items[o->count++] =
		(struct check_output){ .write = write, .path = path };
}

static int write_file(const struct check_output *o, const struct check *c,
		      struct err *err)
{
	struct outfile file;
	FILE *out;
	int fd;

	if (outfile_open(&file, o->path, true, err) < 0)
		return -1;
	fd = dup(file.fd);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		err_errno(err, "cannot write '%s'", o->path);
		if (fd >= 0)
			close(fd);
		goto fail;
	}
	o->write(c, out);
	if (ferror(out) | fclose(out)) {
		err_errno(err, "cannot write '%s'", o->path);
		goto fail;
	}
	return outfile_commit(&file, err);
fail:
	outfile_discard(&file);
	return -1;
}

static bool has_stdout(const struct check_outputs *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (!o->items[i].path && o->items[i].write != check_github)
			return true;
	return false;
}

int check_output_write(const struct check_outputs *o, const struct check *c,
		       struct err *err)
{
	int ret = 0;

	if (!has_stdout(o))
		check_text(c, stdout);
	for (size_t i = 0; i < o->count; i++) {
		if (!o->items[i].path)
			o->items[i].write(c, stdout);
		else if (write_file(&o->items[i], c, err) < 0)
			ret = -1;
	}
	return ret;
}
