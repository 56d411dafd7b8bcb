/*
 * Design
 * ------
 * libinih takes lines apart. It has a buffer for a line, and would take the
 * rest of a longer one for another line; and it goes on after an error. So the
 * lines are given to it from here, where they are counted.
 */
#include "cli/check/check_file.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

struct reader {
	struct check_rules *rules;
	FILE *file;
	struct err *err;
	size_t line, bad_line; /* 0 none is bad */
	char *section; /* the one that the last line was in; owned */
	/* The condition, which may go on on the next line; owned. */
	char *where;
	size_t where_line;
};

static void fail(struct reader *r, size_t line, const struct err *why)
{
	if (r->bad_line)
		return;
	r->bad_line = line;
	*r->err = *why;
}

static char *next_line(char *buffer, int size, void *context)
{
	struct reader *r = context;
	struct err why;

	if (r->bad_line || !fgets(buffer, size, r->file))
		return NULL;
	r->line++;
	if (strlen(buffer) == (size_t)size - 1 && !strchr(buffer, '\n')) {
		err_set(&why,
			"the line is longer than %d bytes: continue it on an "
			"indented one",
			size - 2);
		fail(r, r->line, &why);
		return NULL;
	}
	return buffer;
}

/* What has no more lines to come. */
static void end_where(struct reader *r)
{
	struct err why;

	if (r->where &&
	    check_rules_choose(r->rules, "where", r->where, &why) < 0)
		fail(r, r->where_line, &why);
	free(r->where);
	r->where = NULL;
}

static void end_section(struct reader *r)
{
	struct err why;

	end_where(r);
	if (!r->bad_line && check_rules_finish(r->rules, &why) < 0)
		fail(r, r->line, &why);
}

static int add(struct reader *r, const char *name, const char *value,
	       struct err *why)
{
	if (!strcmp(name, "from") || !strcmp(name, "to"))
		return check_rules_choose(r->rules, name, value, why);
	if (!strcmp(name, "min-quality"))
		return check_rules_trust(r->rules, value, why);
	if (!strcmp(name, "baseline") || !strcmp(name, "suppressions"))
		return check_rules_file(r->rules, name, value, why);
	if (!strcmp(name, "growth-mark"))
		return check_rules_mark(r->rules, value, why);
	return check_rules_limit(r->rules, name, value, why);
}

static void add_where(struct reader *r, const char *value)
{
	char *joined;

	if (!r->where) {
		r->where_line = r->line;
		r->where = xstrdup(value);
		return;
	}
	joined = xmalloc(strlen(r->where) + strlen(value) + 2);
	sprintf(joined, "%s %s", r->where, value);
	free(r->where);
	r->where = joined;
}

static int handle(void *context, const char *section, const char *name,
		  const char *value)
{
	struct reader *r = context;
	struct err why;

	if (strcmp(section, r->section) != 0) {
		end_section(r);
		check_rules_begin(r->rules, section);
		free(r->section);
		r->section = xstrdup(section);
	}
	if (!strcmp(name, "where")) {
		add_where(r, value);
		return 1;
	}
	end_where(r);
	if (add(r, name, value, &why) < 0)
		fail(r, r->line, &why);
	return 1;
}

int check_file_read(struct check_rules *rules, const char *path,
		    struct err *err)
{
	struct err why = { "" };
	struct reader r = { .rules = rules, .err = &why };
	int bad;

	r.file = fopen(path, "re");
	if (!r.file)
		return err_errno(err, "cannot open '%s'", path);
	r.section = xstrdup("");
	check_rules_begin(rules, NULL);
	bad = ini_parse_stream(next_line, &r, handle, &r);
	if (bad > 0 && !r.bad_line) {
		r.bad_line = (size_t)bad;
		err_set(&why, "neither NAME = VALUE nor [SECTION]");
	}
	end_section(&r);
	if (ferror(r.file))
		err_errno(&why, "cannot be read");
	bad = r.bad_line || ferror(r.file);
	fclose(r.file);
	free(r.section);
	return bad ? err_set(err, "%s:%zu: %s", path, r.bad_line, why.text) : 0;
}
