/*
 * export - write what a trace says in the formats of other tools.
 */
#include "cli/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "text/escape.h"
#include "cli/outfile.h"
#include "text/place.h"
#include "cli/question.h"
#include "cli/report.h"
#include "trace/xmalloc.h"

enum {
	KEY_TO = 0x100,
	KEY_FROM,
	KEY_UNTIL,
};

static const struct argp_option options[] = {
	{ "to", KEY_TO, "FORMAT", 0,
	  "html, folded, pprof, speedscope, massif, dhat, sqlite, csv or "
	  "json",
	  0 },
	{ "from", KEY_FROM, "WHEN", 0,
	  "only what is allocated from WHEN on (12.5s, 50%, peak, mark:NAME)",
	  0 },
	{ "until", KEY_UNTIL, "WHEN", 0, "only what is allocated before WHEN",
	  0 },
	{ "output", 'o', "FILE", 0, "write to FILE (default: stdout)", 0 },
	{ "force", 'f', NULL, 0, "replace FILE when it exists", 0 },
	{ 0 },
};

/* The rows that a report by stack has. */
static struct report as_report(const struct export *e)
{
	return (struct report){ .profile = e->profile,
				.query = e->query,
				.result = e->stacks };
}

static int export_csv(const struct export *e, struct err *err)
{
	const struct report r = as_report(e);

	(void)err;
	report_csv(&r);
	return 0;
}

static int export_json(const struct export *e, struct err *err)
{
	const struct report r = as_report(e);

	(void)err;
	report_json(&r);
	return 0;
}

enum sink {
	SINK_TEXT, /* may go to a terminal */
	SINK_BINARY, /* may go to a pipe */
	SINK_FILE, /* writes the file itself */
};

static const struct format {
	const char *name;
	int (*write)(const struct export *e, struct err *err);
	enum sink sink;
	bool compares; /* two traces */
} formats[] = {
	{ "csv", export_csv, SINK_TEXT, false },
	{ "dhat", export_dhat, SINK_TEXT, false },
	{ "folded", export_folded, SINK_TEXT, false },
	{ "html", export_html, SINK_BINARY, true },
	{ "json", export_json, SINK_TEXT, false },
	{ "massif", export_massif, SINK_TEXT, false },
	{ "pprof", export_pprof, SINK_BINARY, false },
	{ "speedscope", export_speedscope, SINK_TEXT, false },
	{ "sqlite", export_sqlite, SINK_FILE, false },
};

struct settings {
	const char *spec[2], *path;
	size_t specs;
	struct question question;
	const struct format *format;
	bool force;
};

static const struct format *parse_format(const char *arg,
					 struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(arg, formats[i].name) == 0)
			return &formats[i];
	argp_error(state, "no format '%s': -h lists them", arg);
	return NULL;
}

static void check(const struct settings *s, struct argp_state *state)
{
	if (!s->format)
		argp_error(state, "to which format? --to FORMAT");
	else if (s->specs > 1 && !s->format->compares)
		argp_error(state, "one trace at a time");
	else if (s->format->sink == SINK_FILE && !s->path)
		argp_error(state, "%s needs a file: -o FILE", s->format->name);
	else if (s->format->sink != SINK_TEXT && !s->path &&
		 isatty(STDOUT_FILENO))
		argp_error(state, "%s is not for terminals: -o FILE",
			   s->format->name);
}

static error_t parse_trace(struct settings *s, const char *arg,
			   struct argp_state *state)
{
	if (!arg && !s->specs)
		argp_error(state, "which trace?");
	if (!arg)
		return 0;
	if (s->specs == 2)
		argp_error(state, "one trace, or two to compare");
	s->spec[s->specs++] = arg;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[1] = &s->question;
		return 0;
	case KEY_TO:
		s->format = parse_format(arg, state);
		return 0;
	case KEY_FROM:
		s->question.from = arg;
		return 0;
	case KEY_UNTIL:
		s->question.to = arg;
		return 0;
	case 'o':
		s->path = arg;
		return 0;
	case 'f':
		s->force = true;
		return 0;
	case ARGP_KEY_ARG:
	case ARGP_KEY_NO_ARGS:
		return parse_trace(s, arg, state);
	case ARGP_KEY_END:
		check(s, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE\nBEFORE AFTER",
	.doc = "Write what TRACE says for another tool, or for a browser.\v"
	       "What has one figure a stack has that of --sort, the peak "
	       "unless "
	       "told otherwise.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &question_argp, 0, NULL, 0 },
					   { 0 } },
};

char *export_name(const struct query_frame *f)
{
	char address[32], *base, *name;

	if (f->function)
		return escape_text(f->function);
	base = escape_text(f->module ? place_base(f->module) : "?");
	snprintf(address, sizeof(address), "+0x%" PRIx64 "]", f->addr);
	name = xmalloc(strlen(base) + strlen(address) + 2);
	sprintf(name, "[%s%s", base, address);
	free(base);
	return name;
}

/* The trace to be written, and what it is compared with. */
struct traces {
	struct profile *profile, *before;
};

static int write_stacks(const struct traces *t, const struct settings *s,
			const char *path, struct err *err)
{
	struct export e = { .profile = t->profile,
			    .before = t->before,
			    .spec = { s->spec[0], s->spec[1] },
			    .query = s->question.query,
			    .path = path };

	e.query.by = QUERY_BY_STACK;
	e.query.lifetimes = s->format->write == export_dhat &&
			    export_dhat_has_lifetimes(t->profile, &e.query);
	if (t->before)
		return s->format->write(&e, err);
	e.stacks = profile_query(t->profile, &e.query, err);
	return e.stacks ? s->format->write(&e, err) : -1;
}

/* Stdout is the file from here on; what it was is not needed any more. */
static int redirect(const struct outfile *file, struct err *err)
{
	if (dup2(file->fd, STDOUT_FILENO) < 0)
		return err_errno(err, "cannot write '%s'", file->path);
	return 0;
}

static int write_file(const struct traces *t, const struct settings *s,
		      struct err *err)
{
	struct outfile file;

	if (outfile_open(&file, s->path, s->force, err) < 0)
		return -1;
	if ((s->format->sink != SINK_FILE && redirect(&file, err) < 0) ||
	    write_stacks(t, s, file.draft, err) < 0)
		goto fail;
	if (fflush(stdout) || ferror(stdout)) {
		err_errno(err, "cannot write '%s'", s->path);
		goto fail;
	}
	return outfile_commit(&file, err);
fail:
	outfile_discard(&file);
	return -1;
}

static struct profile *open_trace(const struct settings *s, size_t number,
				  struct err *err)
{
	struct profile_options o = question_options(&s->question);
	struct profile *p = profile_open(s->spec[number], &o, err);

	if (p && profile_problem(p))
		command_message("%s: %s", s->spec[number], profile_problem(p));
	return p;
}

static int run(const struct settings *s, struct err *err)
{
	struct traces t = { .profile = open_trace(s, s->specs - 1, err) };
	int ret = -1;

	if (t.profile && s->specs > 1)
		t.before = open_trace(s, 0, err);
	if (t.profile && (t.before || s->specs == 1))
		ret = s->path ? write_file(&t, s, err)
			      : write_stacks(&t, s, NULL, err);
	profile_close(t.before);
	profile_close(t.profile);
	return ret;
}

int cmd_export(int argc, char **argv)
{
	struct settings s = { .question.query.sort = QUERY_PEAK };
	struct err err;
	int status = COMMAND_OK;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	if (run(&s, &err) < 0) {
		command_message("%s", err.text);
		status = COMMAND_FAILED;
	}
	question_release(&s.question);
	return command_finish(status);
}
