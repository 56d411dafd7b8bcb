/*
 * inject - see inject.h.
 */
#include "inject/inject.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "inject/safe.h"
#include "inject/tracee.h"
#include "inject/visit_x86_64.h"
#include "trace/attach.h"
#include "trace/procfs.h"
#include "trace/ring.h"
#include "trace/xmalloc.h"

enum {
	THREADS_MAX = 1024, /* that are tried */
	FD_HIGH = 700, /* above what programs count on being free */
	PAGE = 4096,
	ORDER_AT = 2048, /* in the data of a visit */
	TEXT_MAX = 256,
};

static const uint64_t time_box = 5000000000; /* ns, for all of it */
static const uint64_t time_to_stop = 300000000;

#define AGENT_NAME "memprof-agent"
/* A name that no program gives a library of its own. */
#define AGENT_PATH "/proc/self/fd/../fd/"

struct session {
	struct target *target;
	struct tracee tracee;
	struct safe safe;
	struct visit visit;
	struct image *libc; /* borrowed of safe */
	uintptr_t syscall;
	uintptr_t low; /* of the thread's stack */
	uint64_t deadline;
	const char *why; /* no thread will do */
	uint64_t errno_at; /* the thread's, 0 not known, */
	int32_t errno_value; /* and what the program had in it */
};

/*
 * Reach a safe point
 */

static void let_go(struct session *s)
{
	struct tracee *t = &s->tracee;

	if (t->seized && visit_restart(t) && !procfs_has_signals(t->tid))
		tracee_set(t, &t->regs);
	tracee_release(t);
}

static bool find_libc(struct session *s)
{
	const struct maps *maps = &s->target->maps;
	const struct map *map = maps_code(maps, "libc.so.6");

	if (!map)
		map = maps_code(maps, "libc-2.");
	s->safe.maps = maps;
	s->safe.memory = s->target->memory;
	s->libc = map ? safe_image(&s->safe, map->low) : NULL;
	if (!s->libc || !visit_find(&s->visit, s->libc))
		return false;
	s->safe.trampoline = s->visit.trampoline;
	s->syscall = image_symbol(s->libc, "syscall");
	return s->syscall != 0;
}

/* Stop one thread and judge it. True: it stays stopped. */
static bool try_thread(struct session *s, struct tracee *t, pid_t tid,
		       struct err *err)
{
	uint64_t soon = tracee_now() + time_to_stop;

	t->pid = s->target->pid;
	t->tid = tid;
	t->memory = s->target->memory;
	t->deadline = soon < s->deadline ? soon : s->deadline;
	if (tracee_stop(t, err) < 0)
		return false;
	if (tracee_read_state(t, err) < 0) {
		tracee_release(t);
		return false;
	}
	s->why = safe_verdict(&s->safe, t, &s->low);
	if (!s->why)
		return true;
	err_set(err, "thread %d: %s", (int)tid, s->why);
	return false;
}

/*
 * In a process that is stopped nobody gives a lock back: then each of its
 * threads must be where it holds none.
 */
static bool others_are_safe(struct session *s, const pid_t *tids, size_t count,
			    struct err *err)
{
	struct tracee other = { 0 };
	uintptr_t low = s->low;
	bool safe = true;

	for (size_t i = 0; i < count && safe; i++) {
		if (tids[i] == s->tracee.tid)
			continue;
		safe = try_thread(s, &other, tids[i], err) || other.ended;
		tracee_release(&other);
	}
	free(other.xstate);
	s->low = low;
	return safe;
}

static bool try_threads(struct session *s, struct err *err)
{
	pid_t tids[THREADS_MAX];
	size_t count = target_threads(s->target, tids, THREADS_MAX);

	for (size_t i = 0; i < count && tracee_now() < s->deadline; i++) {
		if (try_thread(s, &s->tracee, tids[i], err) &&
		    (!s->tracee.group_stopped ||
		     others_are_safe(s, tids, count, err)))
			return true;
		let_go(s);
	}
	return false;
}

static int reach(struct session *s, struct err *err)
{
	struct timespec nap = { .tv_nsec = 500000 };
	struct err why = { "" };

	s->deadline = tracee_now() + time_box;
	do {
		if (!target_is_same(s->target))
			return err_set(err, "it has ended");
		if (target_look(s->target, err) < 0)
			return -1;
		if (!find_libc(s))
			return err_set(err, "its C library is not known");
		if (try_threads(s, &why))
			return 0;
		nanosleep(&nap, NULL);
		if (nap.tv_nsec < 20000000)
			nap.tv_nsec += nap.tv_nsec / 2;
	} while (tracee_now() < s->deadline);
	return err_set(err, "no safe moment came within 5 s: %s", why.text);
}

/*
 * Calls
 */

static int call(struct session *s, struct visit_call c, uint64_t *result,
		struct err *err)
{
	s->tracee.deadline = s->deadline;
	return visit_call(&s->visit, &c, result, err);
}

static int system_call(struct session *s, struct visit_call c, int64_t *result,
		       struct err *err)
{
	uint64_t value = 0;

	c.function = s->syscall;
	if (call(s, c, &value, err) < 0)
		return -1;
	*result = (int64_t)value;
	return 0;
}

static int put_text(struct session *s, const char *text, struct err *err)
{
	if (tracee_write(&s->tracee, s->visit.data, text, strlen(text) + 1))
		return 0;
	return err_set(err, "cannot write to its stack");
}

static void close_there(struct session *s, int fd)
{
	struct err ignored;
	int64_t result;

	if (fd >= 0 && !s->tracee.ended && s->visit.at_end)
		system_call(s,
			    (struct visit_call){
				    .argument = { SYS_close, (uint64_t)fd } },
			    &result, &ignored);
}

/* A memory file of the process, out of the way of its other files. */
static int make_file(struct session *s, const char *name, int *fd,
		     struct err *err)
{
	int64_t low, high;

	*fd = -1;
	if (put_text(s, name, err) < 0 ||
	    system_call(
		    s,
		    (struct visit_call){
			    .argument = { SYS_memfd_create, s->visit.data,
					  MFD_CLOEXEC | MFD_ALLOW_SEALING } },
		    &low, err) < 0)
		return -1;
	if (low < 0)
		return err_set(err, "it can not open a file");
	*fd = (int)low;
	if (system_call(s,
			(struct visit_call){
				.argument = { SYS_fcntl, (uint64_t)low,
					      F_DUPFD_CLOEXEC, FD_HIGH } },
			&high, err) < 0)
		return -1;
	if (high < 0)
		return 0;
	close_there(s, (int)low);
	*fd = (int)high;
	return 0;
}

static int open_here(const struct session *s, int fd, struct err *err)
{
	char path[64];
	int ours;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)s->target->pid, fd);
	ours = open(path, O_RDWR | O_CLOEXEC);
	return ours < 0 ? err_errno(err, "cannot open '%s'", path) : ours;
}

/* What we call sets errno, of which the program knows nothing. */
static int keep_errno(struct session *s, struct err *err)
{
	const struct visit_call c = {
		.function = image_symbol(s->libc, "__errno_location"),
	};
	uint64_t at = 0;

	if (!c.function)
		return 0;
	if (call(s, c, &at, err) < 0)
		return -1;
	if (tracee_read(&s->tracee, at, &s->errno_value,
			sizeof(s->errno_value)))
		s->errno_at = at;
	return 0;
}

static void restore_errno(struct session *s)
{
	if (s->errno_at && !s->tracee.ended && !s->visit.lost)
		tracee_write(&s->tracee, s->errno_at, &s->errno_value,
			     sizeof(s->errno_value));
}

/*
 * The agent
 */

static int copy_file(int from, int to, struct err *err)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)n) != n)
			n = -1;
	if (n < 0 ||
	    fcntl(to, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return err_errno(err, "cannot copy the agent");
	return 0;
}

static int fill(const struct session *s, int fd, const char *library,
		struct err *err)
{
	int from = open(library, O_RDONLY | O_CLOEXEC), to, ret;

	if (from < 0)
		return err_errno(err, "cannot open '%s'", library);
	to = open_here(s, fd, err);
	ret = to < 0 ? -1 : copy_file(from, to, err);
	close(from);
	if (to >= 0)
		close(to);
	return ret;
}

static uintptr_t find_function(struct session *s, const char *name,
			       uint64_t *mode)
{
	const struct map *map = maps_code(&s->target->maps, "libdl");
	uintptr_t at = image_symbol(s->libc, name);
	struct image *image;

	if (at)
		return at;
	image = map ? safe_image(&s->safe, map->low) : NULL;
	at = image ? image_symbol(image, name) : 0;
	if (at || strcmp(name, "dlopen") != 0)
		return at;
	/* glibc before 2.34, without libdl. */
	*mode |= 0x80000000;
	return image_symbol(s->libc, "__libc_dlopen_mode");
}

/* Say what the loader says, without the name it was given. */
static int loader_error(struct session *s, struct err *err)
{
	uintptr_t function = find_function(s, "dlerror", &(uint64_t){ 0 });
	char text[TEXT_MAX] = "";
	const char *what = text;
	uint64_t at = 0;

	if (function &&
	    call(s, (struct visit_call){ .function = function }, &at, err) < 0)
		return -1;
	if (at)
		tracee_read(&s->tracee, at, text, sizeof(text) - 1);
	if (!strncmp(what, AGENT_PATH, strlen(AGENT_PATH)) && strchr(what, ' '))
		what = strchr(what, ' ') + 1;
	if (strstr(what, "No such file"))
		what = "/proc is not mounted where it runs";
	return err_set(err, "its loader can not load the agent: %s", what);
}

static int load(struct session *s, int fd, struct err *err)
{
	uint64_t mode = RTLD_NOW, handle = 0;
	uintptr_t function = find_function(s, "dlopen", &mode);
	char path[64];

	if (!function)
		return err_set(err, "its C library has no dlopen()");
	snprintf(path, sizeof(path), AGENT_PATH "%d", fd);
	if (put_text(s, path, err) < 0 ||
	    call(s,
		 (struct visit_call){ .function = function,
				      .argument = { s->visit.data, mode } },
		 &handle, err) < 0)
		return -1;
	return handle ? target_look(s->target, err) : loader_error(s, err);
}

/* Is what is there what we would load? Its first page says so: a build-id. */
static int compare(const struct session *s, const struct map *map,
		   const char *library, struct err *err)
{
	char there[PAGE], here[PAGE];
	int fd = open(library, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, here, sizeof(here));

	if (fd >= 0)
		close(fd);
	if (n != sizeof(here))
		return err_set(err, "cannot read '%s'", library);
	while (map->offset && map > s->target->maps.list)
		map--;
	if (tracee_read(&s->tracee, map->low, there, sizeof(there)) &&
	    !memcmp(there, here, sizeof(here)))
		return 0;
	return err_set(err, "the agent of another memprof is in it already");
}

/*
 * What is mapped may still be being loaded, for a memprof that was killed:
 * the loader's lock is held until it has been.
 */
static int wait_for_loader(struct session *s, struct err *err)
{
	uint64_t mode = RTLD_NOW;
	uintptr_t function = find_function(s, "dlopen", &mode);

	if (!function)
		return err_set(err, "its C library has no dlopen()");
	return call(s,
		    (struct visit_call){ .function = function,
					 .argument = { 0, mode } },
		    NULL, err);
}

static int bring_agent(struct session *s, const char *library, struct err *err)
{
	const struct map *map = target_agent(s->target);
	int fd, ret;

	if (map) {
		ret = compare(s, map, library, err);
		return ret ? ret : wait_for_loader(s, err);
	}
	ret = make_file(s, AGENT_NAME, &fd, err);
	if (!ret)
		ret = fill(s, fd, library, err);
	if (!ret)
		ret = load(s, fd, err);
	close_there(s, fd);
	return ret;
}

static int give_order(struct session *s, const char *function,
		      struct attach_order *order, struct err *err)
{
	const struct map *map = target_agent(s->target);
	struct image *image = map ? safe_image(&s->safe, map->low) : NULL;
	uintptr_t at = s->visit.data + ORDER_AT;
	struct visit_call c = {
		.function = image ? image_symbol(image, function) : 0,
		.argument = { at },
	};

	if (!c.function)
		return err_set(err, "the agent is not in it");
	order->version = ATTACH_VERSION;
	if (!tracee_write(&s->tracee, at, order, sizeof(*order)))
		return err_set(err, "cannot write to its stack");
	if (call(s, c, NULL, err) < 0)
		return -1;
	if (!tracee_read(&s->tracee, at, order, sizeof(*order)))
		return err_set(err, "cannot read its stack");
	return 0;
}

static int explain(uint32_t answer, struct err *err)
{
	switch (answer) {
	case ATTACH_DONE:
		return 0;
	case ATTACH_OTHER_VERSION:
		return err_set(err, "the agent of another memprof is in it");
	case ATTACH_FROM_START:
		return err_set(err, "it was started by memprof run");
	case ATTACH_BUSY:
		return err_set(err, "memprof is attached to it already");
	case ATTACH_NO_RING:
		return err_set(err, "it has no room for memprof's memory");
	case ATTACH_NOTHING:
		return err_set(err, "memprof is not attached to it");
	default:
		return err_set(err, "its agent gave no answer");
	}
}

static int order_attach(struct session *s, int fd, int ours, uint64_t nonce,
			struct err *err)
{
	struct attach_order order = { .nonce = nonce,
				      .fd = fd,
				      .collector = getpid() };
	struct stat st;

	if (fstat(ours, &st) < 0)
		return err_errno(err, "cannot stat the ring");
	order.device = st.st_dev;
	order.inode = st.st_ino;
	if (give_order(s, "memprof_attach", &order, err) < 0)
		return -1;
	return explain(order.answer, err);
}

/* Until nobody else is at it. */
static int order_detach(struct session *s, struct attach_order *order,
			struct err *err)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	do {
		*order = (struct attach_order){ 0 };
		if (give_order(s, "memprof_detach", order, err) < 0)
			return -1;
		if (order->answer != ATTACH_BUSY)
			return 0;
		nanosleep(&nap, NULL);
	} while (tracee_now() < s->deadline);
	return 0;
}

/* Of a memprof that was killed: what it left is put back first. */
static int clear(struct session *s, struct err *err)
{
	struct attach_order order;

	return target_agent(s->target) ? order_detach(s, &order, err) : 0;
}

static int attach(struct session *s, const struct inject_options *o,
		  struct err *err)
{
	struct inject_ring ring = { .fd = -1 };
	int fd, ret;

	ret = make_file(s, "memprof", &fd, err);
	if (!ret) {
		ring.fd = open_here(s, fd, err);
		ret = ring.fd < 0 ? -1 : 0;
	}
	if (!ret)
		ret = bring_agent(s, o->library, err);
	if (!ret)
		ret = clear(s, err);
	if (!ret)
		ret = o->prepare(o->context, &ring, err);
	if (!ret)
		ret = order_attach(s, fd, ring.fd, ring.nonce, err);
	close_there(s, fd);
	if (ring.fd >= 0)
		close(ring.fd);
	return ret;
}

static int detach(struct session *s, const struct inject_options *o,
		  struct err *err)
{
	struct attach_order order;

	(void)o;
	if (wait_for_loader(s, err) < 0 || order_detach(s, &order, err) < 0)
		return -1;
	return explain(order.answer, err);
}

/* Reach a safe point, do it, and leave as we came. */
static int visit(struct target *t, const struct inject_options *o,
		 int (*act)(struct session *, const struct inject_options *,
			    struct err *),
		 struct err *err)
{
	pid_t tracer = target_tracer(t);
	struct err failed, why = { "" };
	struct session *s;
	int ret;

	if (tracer)
		return err_set(err,
			       "it is traced by process %d already, a debugger "
			       "or the like",
			       (int)tracer);
	s = xcalloc(1, sizeof(*s));
	s->target = t;
	s->visit.tracee = &s->tracee;
	ret = reach(s, &why);
	if (!ret) {
		visit_restart(&s->tracee);
		ret = visit_enter(&s->visit, s->low, &why);
		if (!ret)
			ret = keep_errno(s, &why);
		if (!ret)
			ret = act(s, o, &why);
		restore_errno(s);
		if (visit_leave(&s->visit, &failed) < 0 && !ret) {
			why = failed;
			ret = -1;
		}
	}
	tracee_release(&s->tracee);
	safe_release(&s->safe);
	free(s->tracee.xstate);
	free(s);
	if (!ret)
		return 0;
	return err_set(err, "%s", why.text);
}

int inject_attach(struct target *t, const struct inject_options *o,
		  struct err *err)
{
	const struct map *there = target_agent(t);
	pid_t collector = target_collector(t);
	struct err why;

	if (collector)
		err_set(&why, "memprof, process %d, records it already",
			(int)collector);
	else if (there && !target_agent_is_late(there))
		err_set(&why, "it was started by memprof run");
	else if (t->sandboxed && !o->in_sandbox)
		err_set(&why, "it runs in a sandbox (seccomp), which may end "
			      "it for opening a file; --in-sandbox tries");
	else if (!visit(t, o, attach, &why))
		return 0;
	return err_set(err, "cannot attach to process %d: %s", (int)t->pid,
		       why.text);
}

int inject_detach(struct target *t, struct err *err)
{
	struct err why;

	if (!visit(t, NULL, detach, &why))
		return 0;
	return err_set(err, "cannot detach from process %d: %s", (int)t->pid,
		       why.text);
}
