/*
 * fuzz_reader - any bytes at all, given to the reader as a trace.
 *
 * Checksums stop nearly every mutation at the door, so each input is read a
 * second time with those made good, of each block that the lengths lead to.
 * Everything the reader gives is touched.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/excerpts.h"
#include "trace/format.h"
#include "trace/instant.h"
#include "trace/portable.h"
#include "trace/range.h"
#include "trace/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SIZE_MAX_INPUT = 1 << 20,
	EVENTS_MAX = 1 << 22, /* that are walked */
};

static uint64_t sink;

/* Sets the checksums and serials of the blocks in `file`. */
static void mend(uint8_t *file, size_t size)
{
	size_t at = sizeof(struct format_start);
	uint64_t serial = 0;

	while (size >= at + sizeof(struct format_block)) {
		struct format_block head;

		memcpy(&head, file + at, sizeof(head));
		if (head.stored > size - at - sizeof(head))
			head.stored = (uint32_t)(size - at - sizeof(head));
		if (head.raw < head.stored)
			head.raw = head.stored;
		head.magic = FORMAT_BLOCK_MAGIC;
		head.serial = serial++;
		head.checksum =
			format_checksum(&head, file + at + sizeof(head));
		memcpy(file + at, &head, sizeof(head));
		at += sizeof(head) + head.stored;
	}
}

static void touch_string(const char *s)
{
	sink += s ? strlen(s) : 0;
}

static void touch_people(const struct trace *t)
{
	size_t n, processes;
	const struct model_process *p = trace_processes(t, &processes);
	const struct model_thread *threads = trace_threads(t, &n);

	for (size_t i = 0; i < processes; i++) {
		touch_string(p[i].name);
		touch_string(p[i].exe);
		touch_string(p[i].note);
		touch_string(p[i].limits);
		if (p[i].parent >= (int32_t)i || p[i].parent < MODEL_NONE)
			__builtin_trap();
	}
	for (size_t i = 0; i < n; i++) {
		touch_string(threads[i].name);
		if (threads[i].process >= processes)
			__builtin_trap();
	}
}

static void touch_stacks(const struct trace *t)
{
	size_t modules, frames, nodes, sites;
	const struct model_module *m = trace_modules(t, &modules);
	const struct model_frame *f = trace_frames(t, &frames);
	const struct model_node *n = trace_nodes(t, &nodes);
	const struct model_site *s = trace_sites(t, &sites);
	const struct model_stats *stats = trace_stats(t);

	for (size_t i = 0; i < modules; i++) {
		touch_string(m[i].path);
		for (uint32_t j = 0; j < m[i].build_id_size; j++)
			sink += m[i].build_id[j];
	}
	for (size_t i = 0; i < frames; i++)
		if (f[i].kind == MODEL_FRAME_CODE && f[i].module >= modules)
			__builtin_trap();
	for (size_t i = 1; i < nodes; i++)
		if (n[i].parent >= i || n[i].frame >= frames)
			__builtin_trap();
	for (size_t i = 0; i < sites; i++) {
		if (s[i].node >= nodes || s[i].kind >= MODEL_KINDS ||
		    (int64_t)model_live_blocks(&stats[i]) < 0)
			__builtin_trap();
		sink += model_live_bytes(&stats[i]);
	}
}

static void touch_events(const struct trace *t)
{
	struct trace_events *e = trace_events_open(t);
	struct model_event event;
	struct err err;
	size_t sites, walked = 0;

	trace_sites(t, &sites);
	while (walked++ < EVENTS_MAX && trace_events_next(e, &event, &err) > 0)
		if (event.kind != MODEL_EVENT_EXIT && event.site >= sites)
			__builtin_trap();
	trace_events_close(e);
}

static void touch_times(const struct trace *t)
{
	size_t marks, samples;
	const struct model_mark *m = trace_marks(t, &marks);
	const struct model_usage *usage;
	const struct model_sample *s = trace_samples(t, &samples, &usage);

	for (size_t i = 0; i < marks; i++) {
		touch_string(m[i].name);
		if (m[i].kind >= MODEL_MARK_KINDS ||
		    m[i].source >= MODEL_MARK_SOURCES)
			__builtin_trap();
	}
	for (size_t i = 0; i < samples; i++) {
		if (i && s[i].time < s[i - 1].time)
			__builtin_trap();
		for (size_t j = 0; j < s[i].processes; j++)
			sink += usage[s[i].first + j].resident;
	}
}

/* Wherever an instant lands, nothing is negative. */
static void touch_instants(const struct trace *t)
{
	uint64_t events = trace_run(t)->events;
	const uint64_t goals[] = { events / 2, events / 3, events, 0 };
	struct instant *at = instant_open(t);
	struct range r = { .until = events };
	struct err err;
	size_t sites;

	trace_sites(t, &sites);
	for (size_t i = 0; i < sizeof(goals) / sizeof(*goals); i++) {
		const struct model_stats *stats;

		if (instant_seek_event(at, goals[i], &err) < 0)
			continue;
		stats = instant_stats(at);
		for (size_t j = 0; j < sites; j++)
			if ((int64_t)model_live_blocks(&stats[j]) < 0)
				__builtin_trap();
		r.from = r.to;
		r.to = range_edge_at(at);
	}
	(void)instant_seek_peak(at, &err);
	(void)instant_seek_time(at, trace_run(t)->duration / 2, &err);
	if (r.from.events > r.to.events)
		r.from = (struct range_edge){ 0 };
	if (range_sum(&r, t, at, &err) == 0)
		free(r.stats);
	instant_close(at);
}

/* Names of every frame, and the first lines of each file among them. */
static void touch_symbols(const struct trace *t)
{
	struct portable *p = portable_open(t);
	struct excerpts *e = excerpts_open(t);
	const struct portable_call *calls;
	size_t frames, modules;

	trace_frames(t, &frames);
	trace_modules(t, &modules);
	for (uint32_t i = 0; p && i < frames; i++) {
		size_t count = portable_calls(p, i, &calls);

		for (size_t j = 0; j < count; j++) {
			touch_string(calls[j].function);
			touch_string(calls[j].file);
			if (calls[j].file)
				touch_string(excerpts_line(e, calls[j].file,
							   calls[j].line));
		}
	}
	for (uint32_t i = 0; p && i < modules; i++)
		if (portable_state(p, i) >= PORTABLE_STATES)
			__builtin_trap();
	for (uint32_t line = 0; line < 64; line++)
		touch_string(excerpts_line(e, "/src/a.c", line));
	portable_close(p);
	excerpts_close(e);
}

static void read_trace(const char *path)
{
	struct err err;
	struct trace *t = trace_open(path, &err);

	if (!t) {
		touch_string(err.text);
		return;
	}
	touch_string(trace_problem(t));
	for (size_t i = 0; i < trace_run(t)->argc; i++)
		touch_string(trace_run(t)->argv[i]);
	touch_people(t);
	touch_stacks(t);
	touch_symbols(t);
	touch_events(t);
	touch_times(t);
	touch_instants(t);
	trace_close(t);
}

static void read_bytes(const uint8_t *file, size_t size)
{
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, file, size) != (ssize_t)size)
		__builtin_trap();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_trace(path);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t file[SIZE_MAX_INPUT];

	if (size > sizeof(file))
		return 0;
	read_bytes(data, size);
	memcpy(file, data, size);
	mend(file, size);
	read_bytes(file, size);
	return 0;
}
