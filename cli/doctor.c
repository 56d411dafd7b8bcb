/*
 * doctor - say what would make a capture or its report poor, and what helps.
 */
#include "cli/doctor.h"

#include <jansson.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "text/escape.h"
#include "cli/jsonout.h"
#include "cli/screen.h"
#include "trace/xmalloc.h"

enum {
	KEY_FORMAT = 0x100,
};

static const struct argp_option options[] = {
	{ "format", KEY_FORMAT, "FORMAT", 0, "text (the default) or json", 0 },
	{ 0 },
};

struct settings {
	const char *program;
	bool is_json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case KEY_FORMAT:
		s->is_json = command_is_json(arg, state);
		return 0;
	case ARGP_KEY_ARG:
		if (s->program)
			argp_error(state, "one program at a time");
		s->program = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[PROGRAM]",
	.doc = "Say what on this machine, or in PROGRAM, would make a capture "
	       "or its report poor, and what helps. PROGRAM is not run.",
	.children =
		(struct argp_child[]){ { &command_help, 0, NULL, 0 }, { 0 } },
};

void doctor_find(struct doctor *d, bool is_grave, const char *fix,
		 const char *format, ...)
{
	struct doctor_finding f = { .is_grave = is_grave,
				    .fix = fix ? xstrdup(fix) : NULL };
	va_list ap;
	int length;

	va_start(ap, format);
	length = vasprintf(&f.what, format, ap);
	va_end(ap);
	if (length < 0)
		f.what = xstrdup(format);
	d->findings = xgrow(d->findings, &d->room, d->count + 1,
			    sizeof(*d->findings));
	d->findings[d->count++] = f;
}

static void print_text(const struct doctor *d, const struct settings *s)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct doctor_finding *f = &d->findings[i];

		screen_style(f->is_grave ? SCREEN_WARNING : SCREEN_PLAIN);
		fputs(f->is_grave ? "! " : "- ", stdout);
		escape_print(stdout, f->what);
		screen_style(SCREEN_PLAIN);
		if (f->fix) {
			fputs("\n    try: ", stdout);
			escape_print(stdout, f->fix);
		}
		putchar('\n');
	}
	if (d->count)
		return;
	fputs("nothing stands in the way of tracing", stdout);
	if (s->program) {
		putchar(' ');
		escape_print(stdout, s->program);
	}
	puts(" with full reports");
}

static void print_json(const struct doctor *d, const struct program *p)
{
	json_t *all = json_array();
	json_t *o = json_object();

	for (size_t i = 0; i < d->count; i++) {
		json_t *f = json_object();

		jsonout_text(f, "what", d->findings[i].what);
		jsonout_text(f, "fix", d->findings[i].fix);
		json_object_set_new(f, "grave",
				    json_boolean(d->findings[i].is_grave));
		json_array_append_new(all, f);
	}
	jsonout_text(o, "schema", "memprof.doctor/1");
	jsonout_text(o, "program", p ? p->path : NULL);
	json_object_set_new(o, "findings", all);
	jsonout_print(o);
}

static void release(struct doctor *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->findings[i].what);
		free(d->findings[i].fix);
	}
	free(d->findings);
}

int cmd_doctor(int argc, char **argv)
{
	struct settings s = { 0 };
	struct doctor d = { 0 };
	struct program p;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	if (s.program) {
		program_inspect(s.program, &p);
		if (p.verdict == PROGRAM_NOT_FOUND ||
		    p.verdict == PROGRAM_NOT_EXECUTABLE) {
			command_message("cannot run '%s': %s", s.program,
					p.why);
			return COMMAND_FAILED;
		}
	}
	/* A limit on file sizes is a finding, not our end. */
	signal(SIGXFSZ, SIG_IGN);
	doctor_machine(&d);
	if (s.program)
		doctor_program(&d, &p);
	if (s.is_json)
		print_json(&d, s.program ? &p : NULL);
	else
		print_text(&d, &s);
	release(&d);
	return command_finish(COMMAND_OK);
}
