/*
 * root - see root.h.
 */
#include "text/root.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/escape.h"
#include "text/place.h"
#include "trace/xmalloc.h"

const char *root_name(enum model_root_kind kind)
{
	static const char *const names[MODEL_ROOT_KINDS] = {
		[MODEL_ROOT_GLOBAL] = "global",
		[MODEL_ROOT_THREAD_LOCAL] = "thread-local",
		[MODEL_ROOT_STACK] = "stack",
		[MODEL_ROOT_REGISTER] = "register",
		[MODEL_ROOT_MAPPING] = "mapping",
	};

	return names[kind];
}

static void print_line(FILE *out, const struct query_root *r)
{
	if (!r->file)
		return;
	fputs(" (", out);
	escape_print(out, place_base(r->file));
	fprintf(out, ":%u)", r->line);
}

char *root_text(const struct query_root *r)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xmalloc_failed();
	fputs(root_name(r->kind), out);
	if (r->name) {
		fputc(' ', out);
		escape_print(out, r->name);
		print_line(out, r);
	} else if (r->addr && !(r->module && r->tid)) {
		fprintf(out, " at 0x%jx", (uintmax_t)r->addr);
	}
	if (r->module) {
		fputs(" in ", out);
		escape_print(out, place_base(r->module));
	}
	if (r->tid)
		fprintf(out, " of thread %d", r->tid);
	fclose(out);
	return text;
}
