/*
 * agent - start, once, at the first allocation or in the constructor.
 *
 * All that may be slow or may call into libc happens here: finding the ring,
 * mapping memory, looking up the functions that stand behind ours. What fails
 * leaves the program untraced and otherwise as it was.
 */
#include "preload/agent.h"
#include "preload/door.h"
#include "preload/ending.h"
#include "preload/env.h"
#include "preload/modules.h"
#include "preload/next.h"
#include "preload/python.h"
#include "preload/python_code.h"
#include "preload/record.h"
#include "preload/rule.h"
#include "preload/sample.h"
#include "preload/sandbox.h"
#include "preload/spare.h"
#include "preload/thread.h"
#include "preload/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

extern void *__libc_stack_end;

struct agent agent;

/* Map what `fd` refers to, if it is the ring we were told of. */
static struct ring *map_ring(int fd, const struct env_ring *env)
{
	struct stat st;
	long arg[6] = {
		0, sizeof(struct ring), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		0
	};
	struct ring *ring;
	long map;

	/* As libc's fstat(), which is what a sandbox allows. */
	if (processor_syscall(SYS_newfstatat, fd, (long)"", (long)&st,
			      AT_EMPTY_PATH) != 0 ||
	    st.st_dev != env->device || st.st_ino != env->inode ||
	    (size_t)st.st_size < sizeof(struct ring))
		return NULL;
	map = processor_syscall6(SYS_mmap, arg);
	if (map < 0 && map > -4096)
		return NULL;
	ring = (struct ring *)map;
	if (ring->header.magic == RING_MAGIC &&
	    ring->header.version == RING_VERSION &&
	    ring->header.nonce == env->nonce)
		return ring;
	processor_syscall(SYS_munmap, map, sizeof(struct ring), 0, 0);
	return NULL;
}

/* /proc/COLLECTOR/fd/N, for programs that did not inherit the descriptor. */
static struct ring *open_ring(const struct env_ring *env)
{
	char path[64] = "/proc/";
	char *at =
		env_put_number(path + strlen(path), (uint32_t)env->collector);
	struct ring *ring;
	long fd;

	strcpy(at, "/fd/");
	at = env_put_number(at + strlen(at), (uint32_t)env->fd);
	*at = '\0';
	fd = processor_syscall(SYS_openat, AT_FDCWD, (long)path,
			       O_RDWR | O_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	ring = map_ring((int)fd, env);
	processor_syscall(SYS_close, fd, 0, 0, 0);
	return ring;
}

/* For programs that another user runs, or that have another /proc. */
static struct ring *ask_for_ring(const struct env_ring *env)
{
	int fd = door_ask(env);
	struct ring *ring = fd < 0 ? NULL : map_ring(fd, env);

	if (fd >= 0)
		processor_syscall(SYS_close, fd, 0, 0, 0);
	return ring;
}

/* Says so in the ring, by calls that every program makes when it starts. */
static bool is_in_sandbox(const struct env_ring *env)
{
	struct ring *ring;

	if (sandbox_depth() <= env->sandbox)
		return false;
	ring = open_ring(env);
	if (!ring)
		return true;
	atomic_fetch_add_explicit(&ring->header.sandboxed, 1,
				  memory_order_relaxed);
	processor_syscall(SYS_munmap, (long)ring, sizeof(struct ring), 0, 0);
	return true;
}

static struct ring *find_ring(const struct env_ring *env)
{
	struct ring *ring = map_ring(env->fd, env);

	if (ring)
		processor_syscall(SYS_close, env->fd, 0, 0, 0);
	else
		ring = open_ring(env);
	return ring ? ring : ask_for_ring(env);
}

static struct local *map_local(void)
{
	void *map = mmap(NULL, sizeof(struct local), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	madvise(map, sizeof(struct local), MADV_NOHUGEPAGE);
	madvise(map, sizeof(struct local), MADV_DONTDUMP);
	if (madvise(map, sizeof(struct local), MADV_WIPEONFORK) != 0) {
		munmap(map, sizeof(struct local));
		return NULL;
	}
	return map;
}

/* How large stacks are: RLIMIT_STACK, within reason. */
static void find_stacks(void)
{
	const size_t least = 8UL << 20, most = 1UL << 30;
	uintptr_t end = (uintptr_t)__libc_stack_end;
	struct rlimit limit;
	size_t size = least;

	if (!getrlimit(RLIMIT_STACK, &limit) && limit.rlim_cur > least)
		size = limit.rlim_cur < most ? limit.rlim_cur : most;
	agent.main_stack = (struct extent){ end - size, end };
	atomic_store_explicit(&agent.stack_size, size, memory_order_relaxed);
}

/*
 * Where glibc keeps a thread's tid, so that a new thread needs no system call
 * to know it: looked for, since it differs between versions.
 */
static void find_tid(void)
{
	const char *tcb = __builtin_thread_pointer();
	int32_t tid = (int32_t)processor_syscall(SYS_gettid, 0, 0, 0, 0);

	agent.tid_offset = 0;
	for (uint32_t offset = 640; offset < 800; offset += 4) {
		if (*(const int32_t *)(tcb + offset) == tid) {
			agent.tid_offset = offset;
			return;
		}
	}
}

/* What it was executed as, in full; where there is no /proc. */
static void guess_exe(void)
{
	const char *name = env_program();
	size_t size = 0;
	long n;

	if (!name)
		return;
	if (*name != '/') {
		n = processor_syscall(SYS_getcwd, (long)agent.exe,
				      sizeof(agent.exe), 0, 0);
		/* Counted with its NUL, which becomes the slash. */
		size = n > 1 ? (size_t)n : 0;
		if (size)
			agent.exe[size - 1] = '/';
		if (!strncmp(name, "./", 2))
			name += 2;
	}
	if (strlen(name) < sizeof(agent.exe) - size)
		strcpy(agent.exe + size, name);
	else
		agent.exe[0] = '\0';
}

/* Asked at once: a short program is gone when the collector looks. */
static void find_exe(void)
{
	long n = processor_syscall(SYS_readlink, (long)"/proc/self/exe",
				   (long)agent.exe, sizeof(agent.exe) - 1, 0);

	agent.exe[n > 0 ? n : 0] = '\0';
	if (n <= 0)
		guess_exe();
}

/* What every start needs, once the ring is there. */
static bool set_up(void)
{
	agent.local = map_local();
	if (!agent.local || !rule_start()) {
		/* Address space is scarce: leave it to the program. */
		if (agent.local)
			munmap(agent.local, sizeof(struct local));
		munmap(agent.ring, sizeof(struct ring));
		return false;
	}
	/* Without the table there is no sample: then all is recorded. */
	if (agent.ring->header.sample && sample_start())
		agent.sample = agent.ring->header.sample;
	find_stacks();
	find_tid();
	find_exe();
	return true;
}

static bool begin(void)
{
	struct env_ring env;

	if (!env_take(&env) || is_in_sandbox(&env))
		return false;
	agent.ring = find_ring(&env);
	if (!agent.ring || !set_up())
		return false;
	agent.parent = (ring_ref)env.parent;
	agent.parent_serial = (uint32_t)env.parent_serial;
	agent.origin = RING_ORIGIN_EXEC;
	if (!atomic_load_explicit(&agent.ring->header.processes,
				  memory_order_relaxed))
		agent.origin = RING_ORIGIN_RUN;
	return true;
}

bool agent_start(void)
{
	int unknown = AGENT_UNKNOWN;
	int saved_errno = errno;

	if (atomic_load_explicit(&agent.state, memory_order_acquire) ==
	    AGENT_ON)
		return true;
	if (atomic_compare_exchange_strong_explicit(
		    &agent.state, &unknown, AGENT_STARTING,
		    memory_order_acquire, memory_order_acquire)) {
		bool on = begin();

		/* Release: who sees AGENT_ON sees the rest of `agent`. */
		atomic_store_explicit(&agent.state, on ? AGENT_ON : AGENT_OFF,
				      memory_order_release);
	}
	errno = saved_errno;
	return atomic_load_explicit(&agent.state, memory_order_acquire) ==
	       AGENT_ON;
}

void agent_stop(const char *why)
{
	struct thread *t = record_thread();

	if (t)
		record_payload(t, RING_NOTE, RING_NOTE_OFF, why, strlen(why));
	atomic_store_explicit(&agent.state, AGENT_OFF, memory_order_relaxed);
}

/*
 * Attach the main thread even when it never allocates: that the agent is there
 * is what tells `memprof run` that the program can be traced.
 */
static void announce(const struct registers *caller)
{
	static const char bypassed[] =
		"defines its own malloc: what it takes from there is not seen";
	struct thread *t;

	t = agent_start() ? record_enter(caller) : NULL;
	if (!t)
		return;
	verify_start();
	/* A short program is gone when the collector looks for its name. */
	if (agent.exe[0])
		record_payload(t, RING_NOTE, RING_NOTE_PROGRAM, agent.exe,
			       strlen(agent.exe));
	if (next_is_bypassed())
		record_payload(t, RING_NOTE, RING_NOTE_LIMIT, bypassed,
			       sizeof(bypassed) - 1);
	record_leave();
}

static __attribute__((constructor)) void construct(void)
{
	const struct registers caller = CALLER_REGISTERS();

	next_resolve();
	/* Loaded late, it waits for memprof_attach(). */
	if (next_is_late())
		return;
	announce(&caller);
	python_start();
	ending_start();
}

/* Private memory that lay where a ring was makes room for another. */
static struct ring *map_ring_again(struct ring *where,
				   const struct env_ring *env)
{
	const long arg[6] = { (long)where,
			      sizeof(struct ring),
			      PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED,
			      env->fd,
			      0 };

	return processor_syscall6(SYS_mmap, arg) == arg[0] ? where : NULL;
}

static bool set_up_again(const struct env_ring *env)
{
	struct ring *ring = map_ring(env->fd, env);
	struct spare spare;

	/* It is the right one: then it may lie where one has lain. */
	if (!ring)
		return false;
	if (spare_take(&spare)) {
		processor_syscall(SYS_munmap, (long)ring, sizeof(*ring), 0, 0);
		ring = map_ring_again(spare.ring, env);
		madvise(spare.local, sizeof(*spare.local), MADV_DONTNEED);
	} else {
		spare.local = map_local();
	}
	if (!ring || !spare.local)
		return false;
	agent.ring = ring;
	agent.local = spare.local;
	rule_restart();
	modules_restart();
	python_code_restart();
	agent.sample =
		ring->header.sample && sample_start() ? ring->header.sample : 0;
	return true;
}

static bool begin_late(const struct env_ring *env)
{
	if (agent.ring) {
		if (!set_up_again(env))
			return false;
	} else {
		agent.ring = map_ring(env->fd, env);
		if (!agent.ring)
			return false;
		if (!set_up()) {
			agent.ring = NULL;
			return false;
		}
	}
	agent.origin = RING_ORIGIN_ATTACH;
	agent.parent = 0;
	agent.parent_serial = 0;
	return true;
}

bool agent_attach(const struct env_ring *env)
{
	const struct registers caller = CALLER_REGISTERS();
	bool on;

	atomic_store_explicit(&agent.state, AGENT_STARTING,
			      memory_order_relaxed);
	on = begin_late(env);
	/* Release: as in agent_start(). */
	atomic_store_explicit(&agent.state, on ? AGENT_ON : AGENT_OFF,
			      memory_order_release);
	if (on) {
		announce(&caller);
		python_start();
	}
	return on;
}

void agent_detach(void)
{
	struct ring *ring = agent.ring;
	const long arg[6] = { (long)ring,
			      sizeof(*ring),
			      PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				      MAP_FIXED,
			      -1,
			      0 };

	python_stop();
	/* Before the mapping, where the number of threads is read. */
	spare_give(&(struct spare){ .ring = ring, .local = agent.local });
	/* The collector keeps what was written; this gives up our hold. */
	processor_syscall6(SYS_mmap, arg);
}
