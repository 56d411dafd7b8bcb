/*
 * run_report - see run_report.h.
 *
 * The report is made by a process of its own: however it ends, memprof still
 * exits as the program did.
 */
#include "cli/run_report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/signals.h"

bool run_report_parse(struct run_report *r, const char *arg)
{
	if (!arg || strcmp(arg, "text") == 0)
		r->kind = RUN_REPORT_TEXT;
	else if (strcmp(arg, "html") == 0)
		r->kind = RUN_REPORT_HTML;
	else
		return false;
	return true;
}

/* "app.1.html" for "app.1.mprof". */
static void name_page(struct run_report *r, const char *path)
{
	const char *dot = strrchr(path, '.');
	size_t length = strlen(path);

	if (dot && strcmp(dot, ".mprof") == 0)
		length = (size_t)(dot - path);
	if (length + sizeof(".html") <= sizeof(r->page)) {
		memcpy(r->page, path, length);
		strcpy(r->page + length, ".html");
	}
}

static int show_text(char *path)
{
	char *argv[] = { (char[]){ "memprof: report" }, (char[]){ "--" }, path,
			 NULL };

	if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return COMMAND_FAILED;
	return cmd_report(3, argv);
}

static int write_page(const struct run_report *r, char *path)
{
	char *argv[] = { (char[]){ "memprof: export" },
			 (char[]){ "--to=html" },
			 (char[]){ "-o" },
			 (char *)r->page,
			 r->force ? (char[]){ "-f" } : (char[]){ "--" },
			 path,
			 NULL };

	return cmd_export(6, argv);
}

/* The program's are not passed on to it any more. */
static void obey_signals(void)
{
	static const int numbers[] = { SIGPIPE, SIGINT, SIGTERM, SIGHUP,
				       SIGQUIT };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		signal(numbers[i], SIG_DFL);
}

void run_report_make(struct run_report *r, const char *path)
{
	char copy[PATH_MAX];
	int status;
	pid_t pid;

	if (r->kind == RUN_REPORT_NONE)
		return;
	if (r->kind == RUN_REPORT_HTML)
		name_page(r, path);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		obey_signals();
		snprintf(copy, sizeof(copy), "%s", path);
		_exit(r->kind == RUN_REPORT_TEXT ? show_text(copy)
						 : write_page(r, copy));
	}
	if (pid < 0) {
		command_message("cannot make a report: %s", strerror(errno));
		r->page[0] = '\0';
		return;
	}
	signals_pass_to(pid);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	signals_pass_to(0);
	if (status)
		r->page[0] = '\0';
}
