/*
 * Design
 * ------
 * A byte for each line that fits goes through a pipe to the collector, and one
 * of another value when the relay was told that the program has ended and has
 * seen what it wrote. Processes that the program left behind may still write,
 * so the relay stays until the last of them is gone; nobody waits for it.
 *
 * A program whose output is a terminal writes line by line only to a terminal.
 * It gets one of its own, which changes no byte: that is left to the real one.
 */
#include "cli/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <regex.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum {
	LINE_MAX_BYTES = 64 << 10, /* longer ones are looked at so far */
	LINE_FITS = 'l',
	ALL_SEEN = 'e',
};

/* In the process that passes on. */
struct passing {
	int from, lines, stop;
	regex_t regex;
	char line[LINE_MAX_BYTES + 1];
	size_t size;
};

void relay_init(struct relay *r)
{
	*r = (struct relay){ .output = -1, .lines = -1, .stop = -1 };
}

static bool put_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1,
			     -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		size -= (size_t)n;
	}
	return true;
}

static void say(const struct passing *p, char what)
{
	/* Without a collector it still passes on. */
	put_all(p->lines, &what, 1);
}

static void end_line(struct passing *p)
{
	regmatch_t part = { .rm_so = 0, .rm_eo = (regoff_t)p->size };

	p->line[p->size] = '\0';
	if (regexec(&p->regex, p->line, 1, &part, REG_STARTEND) == 0)
		say(p, LINE_FITS);
	p->size = 0;
}

static void look_at(struct passing *p, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n')
			end_line(p);
		else if (p->size < LINE_MAX_BYTES)
			p->line[p->size++] = bytes[i];
	}
}

/* How much; -1 at the end: nobody can write any more, or nobody reads. */
static ssize_t pass_some(struct passing *p)
{
	char bytes[64 << 10];
	ssize_t n = read(p->from, bytes, sizeof(bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	/* Of a terminal that nobody has open: EIO. */
	if (n <= 0)
		return -1;
	/* Closing the pipe tells the writer what the reader told us. */
	if (!put_all(STDOUT_FILENO, bytes, (size_t)n))
		return -1;
	look_at(p, bytes, (size_t)n);
	return n;
}

static bool is_ready(int fd)
{
	struct pollfd f = { .fd = fd, .events = POLLIN };

	return poll(&f, 1, 0) > 0;
}

static void ignore_signals(void)
{
	static const int ignored[] = { SIGINT,	SIGQUIT, SIGTERM,
				       SIGHUP,	SIGPIPE, SIGUSR1,
				       SIGUSR2, SIGALRM, SIGTTOU };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
}

/* What is there when the program has ended is its; what comes then is not. */
static void heed_stop(struct passing *p, int *left)
{
	if (*left < 0 && is_ready(p->stop) &&
	    ioctl(p->from, FIONREAD, left) < 0)
		*left = 0;
	if (*left)
		return;
	/* Its last line may have no end. */
	if (p->size)
		end_line(p);
	say(p, ALL_SEEN);
	close(p->stop);
	p->stop = -1;
}

static _Noreturn void pass_on(struct passing *p)
{
	int left = -1;

	ignore_signals();
	for (;;) {
		struct pollfd fds[] = { { .fd = p->from, .events = POLLIN },
					{ .fd = p->stop, .events = POLLIN } };
		ssize_t n = 0;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (is_ready(p->from))
			n = pass_some(p);
		if (n < 0)
			break;
		if (left > 0)
			left = left > n ? left - (int)n : 0;
		if (p->stop >= 0)
			heed_stop(p, &left);
	}
	if (p->size)
		end_line(p);
	say(p, ALL_SEEN);
	_exit(0);
}

/* What the program gets, and where it comes out. */
static int open_terminal(int ends[2])
{
	struct winsize size;
	struct termios modes;

	if (openpty(&ends[0], &ends[1], NULL, NULL, NULL) < 0)
		return -1;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(ends[1], TIOCSWINSZ, &size);
	if (tcgetattr(ends[1], &modes) == 0) {
		modes.c_oflag &= ~(tcflag_t)OPOST;
		modes.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
		tcsetattr(ends[1], TCSANOW, &modes);
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

static int open_ends(int ends[2])
{
	return isatty(STDOUT_FILENO) ? open_terminal(ends)
				     : pipe2(ends, O_CLOEXEC);
}

static void close_pair(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

static int start(struct relay *r, struct passing *p, struct err *err)
{
	int output[2], lines[2], stop[2];
	pid_t pid;

	if (open_ends(output) < 0)
		return err_errno(err, "cannot open a pipe for the output");
	if (pipe2(lines, O_CLOEXEC) < 0) {
		close_pair(output);
		return err_errno(err, "cannot make a pipe");
	}
	if (pipe2(stop, O_CLOEXEC) < 0) {
		close_pair(output);
		close_pair(lines);
		return err_errno(err, "cannot make a pipe");
	}
	pid = fork();
	if (!pid) {
		close(output[1]);
		close(lines[0]);
		close(stop[1]);
		p->from = output[0];
		p->lines = lines[1];
		p->stop = stop[0];
		pass_on(p);
	}
	close(output[0]);
	close(lines[1]);
	close(stop[0]);
	*r = (struct relay){ .output = output[1],
			     .lines = lines[0],
			     .stop = stop[1] };
	return pid < 0 ? err_errno(err, "cannot fork") : 0;
}

int relay_start(struct relay *r, const char *regex, struct err *err)
{
	static struct passing p;
	char text[256];
	int error = regcomp(&p.regex, regex, REG_EXTENDED);
	int ret;

	if (error) {
		regerror(error, &p.regex, text, sizeof(text));
		return err_set(err, "'%s' is no regular expression: %s", regex,
			       text);
	}
	ret = start(r, &p, err);
	regfree(&p.regex);
	return ret;
}

void relay_launched(struct relay *r)
{
	if (r->output >= 0)
		close(r->output);
	r->output = -1;
}

/* How many lines; `is_over` when that was all. */
static unsigned int read_lines(struct relay *r, bool *is_over)
{
	char bytes[512];
	ssize_t n = read(r->lines, bytes, sizeof(bytes));
	unsigned int count = 0;

	if (n < 0 && errno == EINTR)
		return 0;
	*is_over = n <= 0;
	for (ssize_t i = 0; i < n; i++) {
		count += bytes[i] == LINE_FITS;
		*is_over |= bytes[i] == ALL_SEEN;
	}
	return count;
}

static unsigned int take(struct relay *r, bool wait)
{
	unsigned int count = 0;
	bool is_over = false;

	while (r->lines >= 0 && !is_over && (wait || is_ready(r->lines)))
		count += read_lines(r, &is_over);
	if (is_over) {
		close(r->lines);
		r->lines = -1;
	}
	return count;
}

unsigned int relay_count(struct relay *r)
{
	return take(r, false);
}

unsigned int relay_finish(struct relay *r)
{
	if (r->stop >= 0)
		close(r->stop);
	r->stop = -1;
	return take(r, true);
}
