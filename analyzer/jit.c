/*
 * Design
 * ------
 * A map may have a million entries, of which a trace names a few hundred. So
 * the addresses asked for are sorted, and each line of the file looks for those
 * in its range; nothing else of it is kept. Code is moved and its place taken
 * by other code, so the last line that holds an address wins.
 *
 * An address means something in one process only: a frame that stands in the
 * stacks of several has no name.
 *
 * The file lies in a directory where everybody may write, under a name that
 * anybody can guess. It is believed when it is a regular file of ours that
 * nobody else may write to, and was written while the process ran.
 */
#include "analyzer/jit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/kept.h"
#include "trace/xmalloc.h"

enum {
	NOBODY = UINT32_MAX, /* no process yet */
	SEVERAL = UINT32_MAX - 1,
	NAME_MAX_LENGTH = 1000,
	SLACK = 2, /* seconds that clocks of file systems may differ */
};

static const off_t FILE_MAX = 512 << 20;

/* A frame that wants a name. */
struct asked {
	uint64_t addr;
	uint32_t frame;
	uint32_t process;
};

struct jit {
	const struct trace *trace;
	struct names *names;
	const char *
		*found; /* by frame, owned; NULL before the first question */
	struct asked *asked; /* owned, sorted by process and address */
	size_t count, room;
};

struct jit *jit_open(const struct trace *t, struct arena *arena,
		     struct names *names)
{
	struct jit *j = arena_alloc(arena, 1, sizeof(*j));

	j->trace = t;
	j->names = names;
	return j;
}

void jit_close(struct jit *j)
{
	if (!j)
		return;
	free(j->found);
	free(j->asked);
}

/* The process of each node; caller frees. */
static uint32_t *processes_of_nodes(const struct trace *t)
{
	size_t count, n;
	const struct model_node *nodes = trace_nodes(t, &count);
	const struct model_frame *frames = trace_frames(t, &n);
	const struct model_thread *threads = trace_threads(t, &n);
	uint32_t *process = xcalloc(count + 1, sizeof(*process));

	process[0] = NOBODY;
	for (size_t i = 1; i < count; i++) {
		const struct model_frame *f = &frames[nodes[i].frame];

		process[i] = process[nodes[i].parent];
		if (f->kind == MODEL_FRAME_THREAD && f->addr < n)
			process[i] = threads[f->addr].process;
	}
	return process;
}

static int compare_asked(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;

	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void list_asked(struct jit *j)
{
	size_t node_count, frame_count;
	const struct model_node *nodes = trace_nodes(j->trace, &node_count);
	const struct model_frame *f = trace_frames(j->trace, &frame_count);
	uint32_t *of_node = processes_of_nodes(j->trace);
	uint32_t *of_frame = xcalloc(frame_count + 1, sizeof(*of_frame));

	for (size_t i = 0; i < frame_count; i++)
		of_frame[i] = NOBODY;
	for (size_t i = 1; i < node_count; i++) {
		uint32_t *process = &of_frame[nodes[i].frame];

		if (*process == NOBODY)
			*process = of_node[i];
		else if (*process != of_node[i])
			*process = SEVERAL;
	}
	for (size_t i = 0; i < frame_count; i++) {
		if (f[i].kind != MODEL_FRAME_UNKNOWN || of_frame[i] >= SEVERAL)
			continue;
		j->asked = xgrow(j->asked, &j->room, j->count + 1,
				 sizeof(*j->asked));
		j->asked[j->count++] =
			(struct asked){ .addr = kept_address(&f[i]),
					.frame = (uint32_t)i,
					.process = of_frame[i] };
	}
	free(of_node);
	free(of_frame);
	if (j->count)
		qsort(j->asked, j->count, sizeof(*j->asked), compare_asked);
}

/* Was it written while the process ran? */
static bool is_of_time(const struct jit *j, const struct model_process *p,
		       const struct stat *st)
{
	const struct trace_run *run = trace_run(j->trace);
	uint64_t end = p->end ? p->end : run->duration;
	uint64_t second = 1000000000;
	uint64_t from = (run->start_realtime + p->start) / second;
	uint64_t to = (run->start_realtime + end) / second;
	uint64_t at = (uint64_t)st->st_mtim.tv_sec;

	return st->st_mtim.tv_sec > 0 && at + SLACK >= from && at <= to + SLACK;
}

static FILE *open_map(const struct jit *j, const struct model_process *p,
		      const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
				    O_NOCTTY);
	struct stat st;
	FILE *file;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && !(st.st_mode & S_IWOTH) &&
	    st.st_size <= FILE_MAX && is_of_time(j, p, &st)) {
		file = fdopen(fd, "r");
		if (file)
			return file;
	}
	close(fd);
	return NULL;
}

/* What a process in a namespace of its own calls itself. */
static int32_t inner_pid(int32_t pid)
{
	char path[64], line[256];
	int32_t inner = pid;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		const char *tab = strrchr(line, '\t');

		if (!strncmp(line, "NSpid:", 6) && tab)
			inner = (int32_t)strtol(tab, NULL, 10);
	}
	if (file)
		fclose(file);
	return inner;
}

static FILE *find_map(const struct jit *j, const struct model_process *p)
{
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", p->pid);
	file = open_map(j, p, path);
	if (file)
		return file;
	snprintf(path, sizeof(path), "/proc/%d/root/tmp/perf-%d.map", p->pid,
		 inner_pid(p->pid));
	return open_map(j, p, path);
}

/* The first of `count` that is not below the address. */
static size_t first_at(const struct asked *a, size_t count, uint64_t addr)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (a[middle].addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* "7f00 80 LazyCompile:~f /a.js:3" */
static void take_line(struct jit *j, const struct asked *a, size_t count,
		      char *line)
{
	char *at, *name;
	uint64_t start = strtoull(line, &at, 16);
	uint64_t size = strtoull(at, &name, 16);
	const char *text;
	size_t i;

	name += strspn(name, " ");
	name[strcspn(name, "\n")] = '\0';
	if (at == line || name == at || !*name || size > UINT64_MAX - start)
		return;
	i = first_at(a, count, start);
	if (i == count || a[i].addr >= start + size)
		return;
	text = names_intern(j->names, name);
	for (; i < count && a[i].addr < start + size; i++)
		j->found[a[i].frame] = text;
}

static void read_map(struct jit *j, const struct asked *a, size_t count,
		     FILE *file)
{
	char line[NAME_MAX_LENGTH + 64];
	bool is_rest = false, is_whole;

	while (fgets(line, sizeof(line), file)) {
		is_whole = strchr(line, '\n');
		if (!is_rest)
			take_line(j, a, count, line);
		is_rest = !is_whole;
	}
}

static void look(struct jit *j)
{
	size_t process_count, count;
	const struct model_process *p =
		trace_processes(j->trace, &process_count);

	list_asked(j);
	for (size_t i = 0; i < j->count; i += count) {
		uint32_t process = j->asked[i].process;
		FILE *file = NULL;

		count = 1;
		while (i + count < j->count &&
		       j->asked[i + count].process == process)
			count++;
		if (process < process_count)
			file = find_map(j, &p[process]);
		if (!file)
			continue;
		read_map(j, &j->asked[i], count, file);
		fclose(file);
	}
}

const char *jit_name(struct jit *j, uint32_t frame)
{
	size_t count;

	trace_frames(j->trace, &count);
	if (!j->found) {
		j->found = xcalloc(count + 1, sizeof(*j->found));
		look(j);
	}
	return frame < count ? j->found[frame] : NULL;
}
