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
};

static const struct argp_option options[] = {
	{ "to", KEY_TO, "FORMAT", 0,
	  "folded, pprof, speedscope, massif, sqlite, csv or json", 0 },
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
} formats[] = {
	{ "csv", export_csv, SINK_TEXT },
	{ "folded", export_folded, SINK_TEXT },
	{ "json", export_json, SINK_TEXT },
	{ "massif", export_massif, SINK_TEXT },
	{ "pprof", export_pprof, SINK_BINARY },
	{ "speedscope", export_speedscope, SINK_TEXT },
	{ "sqlite", export_sqlite, SINK_FILE },
};

struct settings {
	const char *spec, *path;
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
	else if (s->format->sink == SINK_FILE && !s->path)
		argp_error(state, "%s needs a file: -o FILE", s->format->name);
	else if (s->format->sink != SINK_TEXT && !s->path &&
		 isatty(STDOUT_FILENO))
		argp_error(state, "%s is not for terminals: -o FILE",
			   s->format->name);
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
	case 'o':
		s->path = arg;
		return 0;
	case 'f':
		s->force = true;
		return 0;
	case ARGP_KEY_ARG:
	case ARGP_KEY_NO_ARGS:
		return command_trace(&s->spec, arg, state);
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
	.args_doc = "TRACE",
	.doc = "Write what TRACE says for another tool.\v"
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

static int write_stacks(struct profile *p, const struct settings *s,
			const char *path, struct err *err)
{
	struct export e = { .profile = p,
			    .query = s->question.query,
			    .path = path };

	e.query.by = QUERY_BY_STACK;
	e.stacks = profile_query(p, &e.query, err);
	return e.stacks ? s->format->write(&e, err) : -1;
}

/* Stdout is the file from here on; what it was is not needed any more. */
static int redirect(const struct outfile *file, struct err *err)
{
	if (dup2(file->fd, STDOUT_FILENO) < 0)
		return err_errno(err, "cannot write '%s'", file->path);
	return 0;
}

static int write_file(struct profile *p, const struct settings *s,
		      struct err *err)
{
	struct outfile file;

	if (outfile_open(&file, s->path, s->force, err) < 0)
		return -1;
	if ((s->format->sink != SINK_FILE && redirect(&file, err) < 0) ||
	    write_stacks(p, s, file.draft, err) < 0)
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

static int run(const struct settings *s, struct err *err)
{
	struct profile_options o = question_options(&s->question);
	struct profile *p = profile_open(s->spec, &o, err);
	const char *problem;
	int ret;

	if (!p)
		return -1;
	problem = profile_problem(p);
	if (problem)
		command_message("%s: %s", s->spec, problem);
	ret = s->path ? write_file(p, s, err) : write_stacks(p, s, NULL, err);
	profile_close(p);
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
