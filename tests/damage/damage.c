/*
 * damage PART PARTS FLIPS TRACE FUNCTION - every command that reads, on a
 * damaged copy of a trace, again and again.
 *
 * FLIPS times some bits are changed, or a piece is put elsewhere, every other
 * time with the checksums made good, without which nothing behind them is
 * reached; and the trace is cut before, in the head of and in the middle of
 * every block. Each command runs in
 * a child without the shield of the command line, and must end by itself, soon,
 * in bounded memory, with status 0 or 3 and at most one line. PART of PARTS is
 * done, so that others can do the rest.
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "trace/format.h"

enum {
	SECONDS_MOST = 20,
	MEMORY_MOST = 1 << 20, /* KiB */
	ARGUMENTS = 8,
	CHANGES = 8, /* bits at most */
	PIECE = 256, /* bytes */
	COPY = 3, /* its descriptor in children; 4 is for messages */
};

struct bytes {
	uint8_t *data;
	size_t size;
};

/*
 * The path of the copy stands for @, that of the whole trace for =, a function
 * for %, and --no-symbols, at times, for !: reading libc's takes long.
 */
static const struct {
	int (*run)(int argc, char **argv);
	const char *arguments[ARGUMENTS];
	bool rotates; /* one of these each time */
} commands[] = {
	{ cmd_report, { "report", "!", "@" }, false },
	{ cmd_tree, { "tree", "!", "@" }, false },
	{ cmd_diff, { "diff", "!", "=", "@" }, false },
	{ cmd_annotate, { "annotate", "@", "%" }, false },
	{ cmd_info, { "info", "@" }, false },
	{ cmd_plot, { "plot", "@" }, true },
	{ cmd_plot, { "plot", "-o", "out.svg", "@" }, true },
	{ cmd_plot, { "plot", "--functions", "@" }, true },
	{ cmd_report,
	  { "report", "--no-stdlib", "--format", "tracemalloc", "@" },
	  true },
	{ cmd_plot, { "plot", "-o", "out.html", "@" }, true },
	{ cmd_export, { "export", "!", "--to", "folded", "@" }, true },
	{ cmd_export, { "export", "--to", "html", "@" }, true },
	{ cmd_leaks, { "leaks", "@" }, true },
	{ cmd_hints, { "hints", "@" }, true },
	{ cmd_report, { "report", "--by", "type", "@" }, true },
	{ cmd_export, { "export", "--to", "pprof", "@" }, true },
	{ cmd_export, { "export", "--to", "speedscope", "@" }, true },
	{ cmd_export, { "export", "--to", "massif", "@" }, true },
	{ cmd_export, { "export", "!", "--to", "json", "@" }, true },
	{ cmd_export,
	  { "export", "--to", "sqlite", "-f", "-o", "out.db", "@" },
	  true },
	{ cmd_report,
	  { "report", "--by", "stack", "--lifetimes", "--reallocs", "@" },
	  true },
	{ cmd_report, { "report", "--format", "json", "@@peak" }, true },
};

enum {
	COMMANDS = sizeof(commands) / sizeof(*commands),
	STEADY = 5, /* the first of those that rotate */
	AT_ONCE = 2, /* of these, each time */
};

static const char *whole, *function;
static unsigned long done, refused;
static bool no_symbols;

static void fail(const char *what, const char *detail)
{
	fprintf(stderr, "damage: %s: %s\n", what, detail);
	exit(1);
}

static struct bytes read_whole(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	struct bytes b;

	if (fd < 0 || fstat(fd, &st) < 0)
		fail(path, strerror(errno));
	b.size = (size_t)st.st_size;
	b.data = malloc(b.size + 1);
	if (!b.data || read(fd, b.data, b.size) != st.st_size)
		fail(path, "cannot be read");
	close(fd);
	return b;
}

static int make_file(const void *data, size_t size)
{
	int fd = memfd_create("damage", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		fail("memfd", strerror(errno));
	return fd;
}

static char *argument(const char *text)
{
	char *out = NULL;

	if (text[0] == '@' &&
	    asprintf(&out, "/proc/self/fd/%d%s", COPY, text + 1) >= 0)
		return out;
	return strdup(*text == '='   ? whole
		      : *text == '%' ? function
		      : *text == '!' ? "--no-symbols"
				     : text);
}

static _Noreturn void run(size_t command, int copy, int messages)
{
	char *argv[ARGUMENTS + 1] = { NULL };
	int argc = 0;

	if (dup2(copy, COPY) < 0 || dup2(messages, STDERR_FILENO) < 0 ||
	    !freopen("/dev/null", "w", stdout))
		_exit(125);
	for (int i = 0; commands[command].arguments[i]; i++)
		if (commands[command].arguments[i][0] != '!' || no_symbols)
			argv[argc++] = argument(commands[command].arguments[i]);
	alarm(SECONDS_MOST);
	exit(commands[command].run(argc, argv));
}

static const char *judge(int status, const struct rusage *used,
			 const struct bytes *said)
{
	size_t lines = 0;

	for (size_t i = 0; i < said->size; i++)
		lines += said->data[i] == '\n';
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGALRM ? "too slow" : "a signal";
	if (WEXITSTATUS(status) != COMMAND_OK &&
	    WEXITSTATUS(status) != COMMAND_FAILED)
		return "the exit status";
	if (used->ru_maxrss > MEMORY_MOST)
		return "too much memory";
	return lines > 1 ? "more than one line" : NULL;
}

static void complain(size_t command, const char *why, const char *what,
		     const struct bytes *said)
{
	fprintf(stderr, "damage: %s of %s", why,
		commands[command].arguments[0]);
	for (int i = 1; i < ARGUMENTS && commands[command].arguments[i]; i++)
		fprintf(stderr, " %s", commands[command].arguments[i]);
	fprintf(stderr, ": %s: %.*s\n", what, (int)said->size,
		(const char *)said->data);
	exit(1);
}

static void try(size_t command, int copy, const char *what)
{
	int messages = make_file("", 0), status;
	char text[4096];
	struct bytes said = { .data = (uint8_t *)text };
	struct rusage used;
	const char *why;
	ssize_t n;
	pid_t pid = fork();

	if (!pid)
		run(command, copy, messages);
	if (wait4(pid, &status, 0, &used) != pid)
		fail("wait4", strerror(errno));
	n = pread(messages, text, sizeof(text), 0);
	said.size = n > 0 ? (size_t)n : 0;
	why = judge(status, &used, &said);
	if (why)
		complain(command, why, what, &said);
	done++;
	refused += WEXITSTATUS(status) == COMMAND_FAILED;
	close(messages);
}

static void try_all(const struct bytes *b, unsigned int n, const char *what)
{
	int copy = make_file(b->data, b->size);

	no_symbols = n / 2 % 4;
	for (size_t i = 0; i < STEADY; i++)
		try(i, copy, what);
	for (size_t i = 0; i < AT_ONCE; i++)
		try(STEADY + (n * AT_ONCE + i) % (COMMANDS - STEADY), copy,
		    what);
	close(copy);
}

/* The block behind the one at `at`, which may be the end. */
static size_t next_block(const struct bytes *b, size_t at)
{
	struct format_block head;

	if (b->size - at < sizeof(head))
		return b->size;
	memcpy(&head, b->data + at, sizeof(head));
	at += sizeof(head);
	return head.stored < b->size - at ? at + head.stored : b->size;
}

static void mend(struct bytes *b)
{
	size_t next, at = sizeof(struct format_start);
	struct format_block head;

	for (; b->size - at >= sizeof(head); at = next) {
		next = next_block(b, at);
		memcpy(&head, b->data + at, sizeof(head));
		if (head.stored != next - at - sizeof(head))
			break;
		head.checksum =
			format_checksum(&head, b->data + at + sizeof(head));
		memcpy(b->data + at, &head, sizeof(head));
	}
}

static void change(struct bytes *b, unsigned int seed)
{
	size_t from = (size_t)rand_r(&seed) % b->size;
	size_t to = (size_t)rand_r(&seed) % b->size;
	size_t size = b->size - (from > to ? from : to);

	if (seed % 4 == 0) {
		memmove(b->data + to, b->data + from,
			size < PIECE ? size : PIECE);
		return;
	}
	for (int i = rand_r(&seed) % CHANGES; i >= 0; i--)
		b->data[(size_t)rand_r(&seed) % b->size] ^=
			(uint8_t)(1U << rand_r(&seed) % 8);
}

static void flip(const struct bytes *b, unsigned int n)
{
	struct bytes copy = { .data = malloc(b->size), .size = b->size };
	char what[32];

	if (!copy.data)
		fail("malloc", strerror(errno));
	memcpy(copy.data, b->data, b->size);
	change(&copy, n + 1);
	if (n % 2)
		mend(&copy);
	snprintf(what, sizeof(what), "flip %u", n);
	try_all(&copy, n, what);
	free(copy.data);
}

static void cut(const struct bytes *b, size_t at, unsigned int n)
{
	struct bytes copy = { .data = b->data, .size = at };
	char what[32];

	snprintf(what, sizeof(what), "cut at %zu", at);
	try_all(&copy, n, what);
}

int main(int argc, char **argv)
{
	unsigned int part, parts, flips, cuts = 0;
	struct bytes b;

	if (argc != 6)
		fail("usage", "PART PARTS FLIPS TRACE FUNCTION");
	part = (unsigned int)strtoul(argv[1], NULL, 10);
	parts = (unsigned int)strtoul(argv[2], NULL, 10);
	flips = (unsigned int)strtoul(argv[3], NULL, 10);
	whole = argv[4];
	function = argv[5];
	argp_err_exit_status = COMMAND_USAGE;
	b = read_whole(whole);
	for (unsigned int n = part; n < flips; n += parts)
		flip(&b, n);
	for (size_t at = sizeof(struct format_start); at < b.size;
	     at = next_block(&b, at), cuts++) {
		if (cuts % parts != part)
			continue;
		cut(&b, at, cuts);
		cut(&b, at + sizeof(struct format_block) / 2, cuts);
		cut(&b, at + (next_block(&b, at) - at) / 2, cuts);
	}
	printf("%s: %u flips, %u blocks, %lu commands, %lu of them refused\n",
	       whole, flips, cuts, done, refused);
	free(b.data);
	return 0;
}
