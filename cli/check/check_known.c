/*
 * check_known - see check_known.h.
 */
#include "cli/check/check_known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/check/check_words.h"
#include "cli/outfile.h"
#include "text/escape.h"
#include "text/place.h"
#include "trace/xmalloc.h"

enum {
	FRAMES_WRITTEN = 24, /* what valgrind reads */
};

static uint32_t today(void)
{
	time_t now = time(NULL);
	struct tm tm;

	if (!localtime_r(&now, &tm))
		return 0;
	return (uint32_t)((tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 +
			  tm.tm_mday);
}

int check_known_read(struct suppressions *s, const char *path, struct err *err)
{
	FILE *f = fopen(path, "re"), *memory;
	char *text = NULL;
	char part[4096];
	size_t size = 0, n;
	int ret = -1;

	if (!f)
		return err_errno(err, "cannot open '%s'", path);
	memory = open_memstream(&text, &size);
	if (!memory)
		xmalloc_failed();
	while ((n = fread(part, 1, sizeof(part), f)))
		fwrite(part, 1, n, memory);
	if (fclose(memory))
		xmalloc_failed();
	if (ferror(f))
		err_errno(err, "cannot read '%s'", path);
	else
		ret = suppressions_read(
			s,
			&(struct suppressions_source){
				.text = text, .size = size, .file = path },
			today(), err);
	fclose(f);
	free(text);
	return ret;
}

bool check_known_has_fault(const struct suppressions *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (check_words_fault(&s->items[i]))
			return true;
	return false;
}

static void put_line(FILE *out, const char *before, const char *text)
{
	char *safe = escape_text(text);

	fprintf(out, "   %s%s\n", before, safe);
	free(safe);
}

static void put_frame(FILE *out, const struct query_frame *f)
{
	char *pattern;

	if (f->function) {
		put_line(out, "fun:", f->function);
		return;
	}
	if (!f->module) {
		put_line(out, "", "obj:*");
		return;
	}
	if (asprintf(&pattern, "*%s", place_base(f->module)) < 0)
		xmalloc_failed();
	put_line(out, "obj:", pattern);
	free(pattern);
}

static void put_block(FILE *out, const struct check_result *r,
		      const struct query_share *share)
{
	size_t count;
	const struct query_frame *f =
		profile_frames(r->profile, &share->row, &count);

	fputs("# reason:\n{\n", out);
	put_line(out, "",
		 share->place.function ? share->place.function : "unnamed");
	fputs("   Memcheck:Leak\n   match-leak-kinds: definite,indirect\n",
	      out);
	for (size_t i = 0; i < count && i < FRAMES_WRITTEN; i++) {
		put_frame(out, &f[i]);
		if (!f[i].inlined && f[i].function && !f[i].python &&
		    !strcmp(f[i].function, "main"))
			break;
	}
	fputs("}\n\n", out);
}

static void put_blocks(const void *context, FILE *out)
{
	const struct check *c = context;

	fputs("# Leaks that memprof check found. Say why each may stay behind "
	      "'reason:', and until\n# when as 'expires: 2027-01-31' beside "
	      "it.\n\n",
	      out);
	for (size_t i = 0; i < c->count; i++)
		for (size_t n = 0; n < c->traces[i].count; n++) {
			const struct check_result *r = &c->traces[i].results[n];
			const struct query_judgement *j = &r->judgement;

			if (r->limit->metric != QUERY_LEAKED)
				continue;
			for (size_t k = 0; k < j->count; k++)
				put_block(out, r, &j->shares[k]);
		}
}

int check_known_write(const struct check *c, const char *path, struct err *err)
{
	return outfile_write(path, put_blocks, c, err);
}
