/*
 * launch - see launch.h.
 *
 * The child exists before the trace file and the ring do, because their names
 * hold its pid. It waits on a pipe for what to put into its environment, and
 * answers on another that closes by itself when execve succeeds.
 */
#include "cli/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace/procfs.h"

/* What the child is told; empty `agent` means untraced. */
struct order {
	char agent[PATH_MAX];
	char ring[256];
	int fd;
};

int launch_find_agent(char path[PATH_MAX], struct err *err)
{
	static const char *const places[] = {
		"../" MEMPROF_AGENT_DIR,
		"../lib/memprof",
	};
	char exe[PATH_MAX], at[2 * PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (n < 0)
		return err_errno(err, "cannot read '/proc/self/exe'");
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (slash)
		*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(at, sizeof(at), "%s/%s/libmemprof-agent.so", exe,
			 places[i]);
		if (!realpath(at, path))
			continue;
		if (strpbrk(path, ": "))
			return err_set(err,
				       "the agent's path '%s' has a colon or a "
				       "space in it, which LD_PRELOAD can not "
				       "express",
				       path);
		return 0;
	}
	return err_set(err, "libmemprof-agent.so is not in '%s/%s'", exe,
		       places[0]);
}

static void set_environment(const struct order *order)
{
	const char *users = getenv("LD_PRELOAD");
	char *value;

	if (asprintf(&value, "%s%s%s", order->agent, users ? ":" : "",
		     users ? users : "") < 0)
		return;
	setenv("LD_PRELOAD", value, 1);
	setenv("MEMPROF_RING", order->ring, 1);
	fcntl(order->fd, F_SETFD, 0);
}

/*
 * Read all or nothing. The order is sent through a pipe; a short read means
 * that the parent has gone.
 */
static int read_all(int fd, void *data, size_t size)
{
	char *at = data;

	while (size) {
		ssize_t n = read(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

static bool is_binary(const char *path)
{
	char magic[4] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return true;
	if (read_all(fd, magic, sizeof(magic)) < 0)
		magic[0] = '\0';
	close(fd);
	return !memcmp(magic, "\177ELF", sizeof(magic));
}

static _Noreturn void be_child(const struct launch *l, char *const *argv,
			       const char *path)
{
	bool binary = is_binary(path);
	struct order order;
	int error;

	if (read_all(l->go, &order, sizeof(order)) < 0)
		_exit(125);
	if (order.agent[0])
		set_environment(&order);
	limits_restore(&l->limits);
	if (l->output >= 0)
		dup2(l->output, STDOUT_FILENO);
	execv(path, argv);
	error = errno;
	/* A script without "#!": what a shell would do. */
	if (error == ENOEXEC && !binary) {
		execvp(path, argv);
		error = errno;
	}
	if (write(l->failed, &error, sizeof(error)) < 0)
		_exit(125);
	_exit(126);
}

int launch_prepare(struct launch *l, char *const *argv, const char *path,
		   struct err *err)
{
	int go[2], failed[2];

	limits_lift(&l->limits);
	if (pipe2(go, O_CLOEXEC) < 0)
		return err_errno(err, "cannot make a pipe");
	if (pipe2(failed, O_CLOEXEC) < 0) {
		close(go[0]);
		close(go[1]);
		return err_errno(err, "cannot make a pipe");
	}
	l->pid = fork();
	if (!l->pid) {
		close(go[1]);
		close(failed[0]);
		l->go = go[0];
		l->failed = failed[1];
		be_child(l, argv, path);
	}
	close(go[0]);
	close(failed[1]);
	l->go = go[1];
	l->failed = failed[0];
	l->pidfd = -1;
	if (l->pid < 0) {
		close(l->go);
		close(l->failed);
		return err_errno(err, "cannot fork");
	}
	l->pidfd = (int)syscall(SYS_pidfd_open, l->pid, 0);
	return 0;
}

static void fill_order(struct order *order, const struct launch_ring *ring)
{
	struct stat st;

	memset(order, 0, sizeof(*order));
	if (!ring->agent || fstat(ring->fd, &st) < 0)
		return;
	snprintf(order->agent, sizeof(order->agent), "%s", ring->agent);
	snprintf(order->ring, sizeof(order->ring), "%d:%d:%llx:%llx:%llx:%u",
		 (int)getpid(), ring->fd, (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino, ring->nonce,
		 procfs_sandbox_depth(getpid()));
	order->fd = ring->fd;
}

int launch_go(struct launch *l, const struct launch_ring *ring)
{
	struct order order;
	int error = 0;

	fill_order(&order, ring);
	if (write(l->go, &order, sizeof(order)) != (ssize_t)sizeof(order))
		error = errno;
	close(l->go);
	if (read_all(l->failed, &error, sizeof(error)) < 0)
		error = 0;
	close(l->failed);
	return error;
}

bool launch_is_under_way(const struct launch *l)
{
	unsigned long user, system;
	char path[64], text[1024], state;
	const char *behind_name;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)l->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	behind_name = strrchr(text, ')');
	if (!behind_name ||
	    sscanf(behind_name + 1,
		   " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		   &state, &user, &system) != 3)
		return false;
	return state == 'S' ||
	       user + system > (unsigned long)sysconf(_SC_CLK_TCK);
}

void launch_cancel(struct launch *l)
{
	close(l->go);
	close(l->failed);
	while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
