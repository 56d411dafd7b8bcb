/*
 * plot - show memory over time, in the terminal or as a picture.
 */
#include "cli/plot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/outfile.h"
#include "cli/question.h"
#include "trace/xmalloc.h"

enum {
	KEY_FROM = 0x100,
	KEY_TO,
	KEY_TITLE,
	KEY_SHOW,
	KEY_PID,
	KEY_FORMAT,
	KEY_FUNCTIONS,
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "write a picture: FILE.svg, FILE.png, or FILE.html for a page", 0 },
	{ "from", KEY_FROM, "WHEN", 0,
	  "begin there: a time such as 1.5s or 20%, or mark:NAME", 0 },
	{ "to", KEY_TO, "WHEN", 0, "end there", 0 },
	{ "show", KEY_SHOW, "LIST", 0,
	  "heap, mappings or rss, with commas between (all unless told)", 0 },
	{ "title", KEY_TITLE, "TEXT", 0, "instead of the command", 0 },
	{ "functions", KEY_FUNCTIONS, "LIST", OPTION_ARG_OPTIONAL,
	  "when functions allocated, as brackets: names or patterns with "
	  "commas between, or those of the program that allocated most",
	  0 },
	{ "pid", KEY_PID, "N", 0, "only process N", 0 },
	{ "format", KEY_FORMAT, "FORMAT", 0,
	  "text, json, svg, png or html, whatever the name of FILE", 0 },
	{ 0 },
};

static const struct {
	const char *name;
	int (*write)(const struct plot *p, FILE *out);
	bool is_picture; /* no terminal can show it */
} formats[] = {
	{ "text", plot_text, false }, { "json", plot_json, false },
	{ "svg", plot_svg, true },    { "png", plot_png, true },
	{ "html", plot_html, true },
};

enum {
	FORMATS = sizeof(formats) / sizeof(*formats),
	NO_FORMAT = FORMATS,
};

struct settings {
	const char *spec, *output, *from, *to;
	bool has_functions;
	char *list; /* owned; cut into names */
	const char **functions; /* owned */
	size_t function_count, function_room;
	size_t format;
	struct plot plot;
};

static size_t find_format(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(name, formats[i].name) == 0)
			return i;
	return NO_FORMAT;
}

static size_t parse_format(const char *arg, struct argp_state *state)
{
	size_t format = find_format(arg);

	if (format == NO_FORMAT)
		argp_error(state,
			   "no format '%s': text, json, svg, png or "
			   "html",
			   arg);
	return format;
}

static bool show_series(struct plot *p, const char *name, size_t length)
{
	for (int s = 0; s < PLOT_SERIES; s++) {
		const char *known = plot_series_name((enum plot_series)s);

		if (strlen(known) == length &&
		    strncmp(known, name, length) == 0)
			return p->shown[s] = true;
	}
	return false;
}

static void parse_show(struct plot *p, const char *arg,
		       struct argp_state *state)
{
	size_t length;

	memset(p->shown, 0, sizeof(p->shown));
	for (;; arg += length + 1) {
		length = strcspn(arg, ",");
		if (!show_series(p, arg, length))
			argp_error(state,
				   "'%.*s' can not be shown: heap, "
				   "mappings or rss can",
				   (int)length, arg);
		if (!arg[length])
			return;
	}
}

/* By the end of the file's name, unless told. */
static void choose_format(struct settings *s, struct argp_state *state)
{
	const char *dot = s->output ? strrchr(s->output, '.') : NULL;

	if (s->format != NO_FORMAT)
		return;
	s->format = s->output ? find_format(dot ? dot + 1 : "") : 0;
	if (s->format == NO_FORMAT)
		argp_error(state, "'%s' does not end in .svg, .png or .html",
			   s->output);
}

static void parse_functions(struct settings *s, const char *arg)
{
	char *rest, *name;

	s->has_functions = true;
	if (!arg)
		return;
	free(s->list);
	s->function_count = 0;
	rest = s->list = xstrdup(arg);
	while ((name = strsep(&rest, ","))) {
		s->functions =
			xgrow(s->functions, &s->function_room,
			      s->function_count + 1, sizeof(*s->functions));
		s->functions[s->function_count++] = name;
	}
}

static error_t parse_window(int key, const char *arg, struct settings *s,
			    struct argp_state *state)
{
	switch (key) {
	case KEY_FROM:
		s->from = arg;
		return 0;
	case KEY_TO:
		s->to = arg;
		return 0;
	case KEY_SHOW:
		parse_show(&s->plot, arg, state);
		return 0;
	case KEY_FUNCTIONS:
		parse_functions(s, arg);
		return 0;
	case KEY_TITLE:
		s->plot.title = arg;
		return 0;
	case KEY_PID:
		s->plot.pid = (int32_t)question_number(arg, INT32_MAX, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case 'o':
		s->output = arg;
		return 0;
	case KEY_FORMAT:
		s->format = parse_format(arg, state);
		return 0;
	case ARGP_KEY_ARG:
	case ARGP_KEY_NO_ARGS:
		return command_trace(&s->spec, arg, state);
	case ARGP_KEY_END:
		choose_format(s, state);
		return 0;
	default:
		return parse_window(key, arg, s, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE",
	.doc = "Show memory over time.\v"
	       "Heap is what the program asked for and has not freed, mappings "
	       "what it mapped itself, rss what of all that and of its code "
	       "was in memory.",
	.children =
		(struct argp_child[]){ { &command_help, 0, NULL, 0 }, { 0 } },
};

/* -1 with err set. */
static int choose_window(struct settings *s, struct err *err)
{
	struct plot *p = &s->plot;

	p->to = profile_run(p->profile)->duration;
	if (s->from && profile_moment(p->profile, s->from, &p->from, err) < 0)
		return -1;
	if (s->to && profile_moment(p->profile, s->to, &p->to, err) < 0)
		return -1;
	if (p->from >= p->to)
		return err_set(err, "nothing is between %s and %s",
			       s->from ? s->from : "the start",
			       s->to ? s->to : "the end");
	plot_measure(p);
	if (!p->highest)
		return err_set(err, "no memory was measured in that time");
	return 0;
}

static int ask_functions(struct settings *s, struct err *err)
{
	const struct query_activity_options o = { .targets = s->functions,
						  .count = s->function_count,
						  .pid = s->plot.pid };

	if (!s->has_functions)
		return 0;
	s->plot.functions = profile_activities(s->plot.profile, &o, err);
	return s->plot.functions ? 0 : -1;
}

/* A picture is made again and again: one that is there is replaced. */
static int write_file(const struct settings *s, struct err *err)
{
	struct outfile file;
	int failed;
	FILE *out;

	if (outfile_open(&file, s->output, true, err) < 0)
		return -1;
	out = fdopen(dup(file.fd), "w");
	if (!out) {
		outfile_discard(&file);
		return err_errno(err, "cannot write '%s'", s->output);
	}
	failed = formats[s->format].write(&s->plot, out);
	failed |= ferror(out);
	failed |= fclose(out);
	if (!failed)
		return outfile_commit(&file, err);
	err_errno(err, "cannot write '%s'", s->output);
	outfile_discard(&file);
	return -1;
}

static int show(struct settings *s)
{
	struct err err;

	if (choose_window(s, &err) < 0 || ask_functions(s, &err) < 0) {
		command_message("%s: %s", s->spec, err.text);
		return COMMAND_FAILED;
	}
	if (s->output && !write_file(s, &err))
		return COMMAND_OK;
	if (s->output) {
		command_message("%s", err.text);
		return COMMAND_FAILED;
	}
	if (formats[s->format].write(&s->plot, stdout) < 0) {
		command_message("cannot draw: %s", strerror(errno));
		return COMMAND_FAILED;
	}
	return command_finish(COMMAND_OK);
}

static int judge(struct profile *p, const char *spec)
{
	const char *problem = profile_problem(p);

	if (problem)
		command_message("%s: %s", spec, problem);
	return profile_damaged(p) ? COMMAND_FAILED : COMMAND_OK;
}

int cmd_plot(int argc, char **argv)
{
	struct profile_options o = { 0 };
	struct settings s = { .format = NO_FORMAT,
			      .plot.shown = { true, true, true } };
	struct err err;
	int status = COMMAND_FAILED;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	o.no_symbols = !s.has_functions;
	s.plot.profile = profile_open(s.spec, &o, &err);
	if (!s.plot.profile)
		command_message("%s", err.text);
	else
		status = show(&s);
	if (!status)
		status = judge(s.plot.profile, s.spec);
	profile_close(s.plot.profile);
	free(s.functions);
	free(s.list);
	return status;
}
