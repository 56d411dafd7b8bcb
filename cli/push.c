/*
 * push - send a trace to a server of continuous profiling.
 *
 * Engines that store profiles of many machines, and show them, exist: they get
 * what `memprof export --to pprof` writes.
 */
#include "cli/push.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/export.h"
#include "cli/question.h"
#include "text/place.h"
#include "trace/xmalloc.h"

enum {
	KEY_TO = 0x100,
	KEY_LABEL,
	KEY_NAME,
	KEY_HEADER,
	KEY_RETRIES,
	KEY_TIMEOUT,
	SECOND = 1000000000,
};

static const struct argp_option options[] = {
	{ "to", KEY_TO, "SERVER", 0, "pyroscope (the default) or parca", 0 },
	{ "label", KEY_LABEL, "NAME=VALUE", 0, "a label; may be repeated", 0 },
	{ "name", KEY_NAME, "NAME", 0,
	  "of what was profiled (default: the program)", 0 },
	{ "header", KEY_HEADER, "NAME: VALUE", 0,
	  "a header of the request, such as 'X-Scope-OrgID: 1'; may be "
	  "repeated",
	  0 },
	{ "retries", KEY_RETRIES, "N", 0,
	  "try again N times when there is no answer (3)", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0,
	  "wait so long for an answer (30)", 0 },
	{ 0 },
};

static const struct server {
	const char *name;
	int (*make)(const struct push_profile *p, const char *url,
		    struct push_request *r, struct err *err);
} servers[] = {
	{ "pyroscope", push_to_pyroscope },
	{ "parca", push_to_parca },
};

struct settings {
	const char *url, *spec, *name;
	const struct server *server;
	struct question question;
	struct push_options options;
	struct push_label *labels; /* owned */
	size_t labels_count, label_room;
	const char **headers; /* owned */
	size_t header_room;
};

static const struct server *parse_server(const char *arg,
					 struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++)
		if (strcmp(arg, servers[i].name) == 0)
			return &servers[i];
	argp_error(state, "no server '%s': pyroscope or parca", arg);
	return NULL;
}

static bool is_label_name(const char *name, size_t length)
{
	if (!length || isdigit((unsigned char)*name))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_')
			return false;
	return true;
}

static void add_label(struct settings *s, const char *arg,
		      struct argp_state *state)
{
	const char *equals = strchr(arg, '=');
	size_t length = equals ? (size_t)(equals - arg) : 0;
	char *text;

	if (!is_label_name(arg, length))
		argp_error(state, "'%s' is no label such as env=test", arg);
	text = xstrdup(arg);
	text[length] = '\0';
	s->labels = xgrow(s->labels, &s->label_room, s->labels_count + 1,
			  sizeof(*s->labels));
	s->labels[s->labels_count++] =
		(struct push_label){ .name = text, .value = text + length + 1 };
}

static void add_header(struct settings *s, const char *arg,
		       struct argp_state *state)
{
	if (!strchr(arg, ':') || strpbrk(arg, "\r\n"))
		argp_error(state, "'%s' is no header such as 'Name: value'",
			   arg);
	s->headers = xgrow(s->headers, &s->header_room,
			   s->options.header_count + 1, sizeof(*s->headers));
	s->headers[s->options.header_count++] = arg;
}

static void parse_argument(struct settings *s, const char *arg,
			   struct argp_state *state)
{
	if (!arg) {
		if (!s->url)
			argp_error(state, "to which server?");
		if (!s->spec)
			argp_error(state, "which trace?");
		return;
	}
	if (s->spec)
		argp_error(state, "one trace at a time");
	else if (s->url)
		s->spec = arg;
	else
		s->url = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[1] = &s->question;
		return 0;
	case KEY_TO:
		s->server = parse_server(arg, state);
		return 0;
	case KEY_LABEL:
		add_label(s, arg, state);
		return 0;
	case KEY_NAME:
		s->name = arg;
		return 0;
	case KEY_HEADER:
		add_header(s, arg, state);
		return 0;
	case KEY_RETRIES:
		s->options.retries =
			(unsigned int)question_number(arg, 100, state);
		return 0;
	case KEY_TIMEOUT:
		s->options.timeout =
			(unsigned int)question_number(arg, 86400, state);
		return 0;
	case ARGP_KEY_ARG:
	case ARGP_KEY_END:
		parse_argument(s, arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "URL TRACE[@WHEN]",
	.doc = "Send what TRACE says to a server of continuous profiling.\v"
	       "It gets what 'memprof export --to pprof' writes.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &question_scope_argp, 0, NULL, 0 },
					   { 0 } },
};

/* The profile, by a file in memory that is stdout while it is written. */
static int write_profile(struct profile *p, const struct settings *s, int file,
			 struct err *err)
{
	struct export e = { .profile = p, .query = s->question.query };

	e.query.by = QUERY_BY_STACK;
	e.query.sort = QUERY_LIVE;
	e.stacks = profile_query(p, &e.query, err);
	if (!e.stacks)
		return -1;
	if (dup2(file, STDOUT_FILENO) < 0)
		return err_errno(err, "cannot make the profile");
	return export_pprof(&e, err);
}

static int send_profile(struct profile *p, const struct settings *s,
			const void *bytes, size_t size, struct err *err)
{
	const struct trace_run *run = profile_run(p);
	const char *program = run->argc ? place_base(run->argv[0]) : "program";
	const struct push_profile profile = {
		.name = s->name ? s->name : program,
		.labels = s->labels,
		.label_count = s->labels_count,
		.from = run->start_realtime / SECOND,
		.until = (run->start_realtime + profile_time(p)) / SECOND + 1,
		.bytes = bytes,
		.size = size,
	};
	struct push_request request;
	int ret;

	if (s->server->make(&profile, s->url, &request, err) < 0)
		return -1;
	ret = push_send(&request, &s->options, err);
	push_request_release(&request);
	return ret;
}

static int push(struct profile *p, const struct settings *s, struct err *err)
{
	int file = memfd_create("pprof", MFD_CLOEXEC), ret = -1;
	void *bytes = MAP_FAILED;
	off_t size;

	if (file < 0)
		return err_errno(err, "cannot make the profile");
	if (write_profile(p, s, file, err) < 0)
		goto out;
	size = lseek(file, 0, SEEK_END);
	bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, file, 0);
	if (bytes == MAP_FAILED)
		err_errno(err, "cannot read the profile");
	else
		ret = send_profile(p, s, bytes, (size_t)size, err);
out:
	if (bytes != MAP_FAILED)
		munmap(bytes, (size_t)size);
	close(file);
	return ret;
}

static void release(struct settings *s)
{
	for (size_t i = 0; i < s->labels_count; i++)
		free(s->labels[i].name);
	free(s->labels);
	free(s->headers);
	question_release(&s->question);
}

int cmd_push(int argc, char **argv)
{
	struct settings s = { .server = &servers[0],
			      .options = { .retries = 3, .timeout = 30 } };
	struct profile_options o;
	struct profile *p;
	struct err err;
	int status = COMMAND_FAILED;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	s.options.headers = s.headers;
	o = question_options(&s.question);
	p = profile_open(s.spec, &o, &err);
	if (p && profile_problem(p))
		command_message("%s: %s", s.spec, profile_problem(p));
	if (p && push(p, &s, &err) == 0)
		status = COMMAND_OK;
	else
		command_message("%s", err.text);
	profile_close(p);
	release(&s);
	return status;
}
