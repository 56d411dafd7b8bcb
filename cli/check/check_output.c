/*
 * check_output - see check_output.h.
 */
#include "cli/check/check_output.h"

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

struct writing {
	const struct check_output *output;
	const struct check *check;
};

static void write_it(const void *context, FILE *out)
{
	const struct writing *w = context;

	w->output->write(w->check, out);
}

static int write_file(const struct check_output *o, const struct check *c,
		      struct err *err)
{
	const struct writing w = { .output = o, .check = c };

	return outfile_write(o->path, write_it, &w, err);
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
